// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { makeUpload } from "../../src/live_forecast/upload";
import { PageModel } from "../../src/page_host/model";

const file = (name: string, text: string) => new File([text], name, { type: "text/csv" });

function setUp(kernel: "starting" | "live" | "none") {
  const model = new PageModel({}, kernel, async () => model);
  const root = document.createElement("div");
  const [send, fail] = [vi.fn(), vi.fn()];
  const stop = new AbortController();
  const upload = makeUpload(model, root, stop.signal, send, fail);
  root.append(upload.element, upload.status);
  const drop = (given: File) => {
    const event = new Event("drop", { cancelable: true });
    Object.assign(event, { dataTransfer: { files: [given], types: ["Files"] } });
    root.dispatchEvent(event);
  };
  const hear = (columns: unknown[]) =>
    (model as unknown as { emit: (...a: unknown[]) => void }).emit(
      "msg:custom",
      { kind: "columns", columns },
      [],
    );
  return { root, upload, send, fail, drop, hear };
}

it("answers a dropped file at once, before Python is there", async () => {
  const { upload, send, drop } = setUp("starting");
  drop(file("rain.csv", "mm\n1"));
  expect(upload.status.textContent).toBe("rain.csv will be read when Python is there; it is still starting.");
  await vi.waitFor(() => expect(send).toHaveBeenCalledOnce());
  expect(send.mock.calls[0][0]).toEqual({ name: "rain", fill: "", column: "" });
  upload.done();
  expect(upload.status.textContent).toBe("");
});

it("says that a saved page cannot read it", () => {
  const { upload, drop } = setUp("none");
  drop(file("rain.csv", "mm\n1"));
  expect(upload.status.textContent).toContain("rain.csv was not read");
});

it("offers the file's columns and reads it again with the one chosen", async () => {
  const { root, send, drop, hear } = setUp("live");
  drop(file("rain.csv", "a,b\n1,2"));
  await vi.waitFor(() => expect(send).toHaveBeenCalledOnce());
  const box = root.querySelector<HTMLSelectElement>("select[aria-label='Column of your file']")!;
  expect(box.hidden).toBe(true);
  hear([
    { title: "a", role: "counter", example: "1" },
    { title: "b", role: "number", example: "2" },
  ]);
  expect([...box.options].map(({ value }) => value)).toEqual(["", "a", "b"]);
  expect(box.hidden).toBe(false);
  box.value = "b";
  box.dispatchEvent(new Event("change"));
  await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(2));
  expect(send.mock.calls[1][0].column).toBe("b");
  // Another file has other columns.
  drop(file("wind.csv", "c\n1"));
  await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(3));
  expect(send.mock.calls[2][0]).toEqual({ name: "wind", fill: "", column: "" });
});

it("says it where a file is too large, and is done with it", async () => {
  const { upload, send, fail, drop } = setUp("live");
  const large = file("large.csv", "");
  Object.defineProperty(large, "size", { value: 30_000_000 });
  drop(large);
  await vi.waitFor(() => expect(fail).toHaveBeenCalledOnce());
  expect(fail.mock.calls[0][0]).toContain("more than 20 MB");
  expect(send).not.toHaveBeenCalled();
  expect(upload.status.textContent).toBe("");
});
