// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connectStream } from "../src/lib/stream";

type Content = Record<string, unknown>;

function stage(kernel?: string) {
  let receive: (content: Content, buffers: DataView[]) => void = () => {};
  const sent: Content[] = [];
  const told: (string | null)[] = [];
  const frames: unknown[] = [];
  const leaving = new AbortController();
  const off = vi.fn();
  const model = {
    on: (_: string, listener: typeof receive) => (receive = listener),
    off,
    send: (content: Content) => void sent.push(content),
    ...(kernel === undefined ? {} : { kernel, onKernel: () => {} }),
  } as unknown as AnyModel;
  const stream = connectStream<number>(model, leaving.signal, {
    frame: (frame) => frames.push(frame),
    state: () => {},
    problem: (message) => told.push(message),
  });
  return { stream, sent, told, frames, leaving, off, receive: (content: Content) => receive(content, []) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("greets Python, acknowledges each frame, and says when no answer comes", () => {
  const { stream, sent, told, frames, receive } = stage();
  stream.order("start");
  receive({ kind: "state", state: "running" });
  receive({ kind: "frame", number: 3, frame: 7 });
  expect(sent).toEqual([{ kind: "hello" }, { kind: "do", name: "start" }, { kind: "seen", number: 3 }]);
  expect([frames, stream.state()]).toEqual([[7], "running"]);
  vi.advanceTimersByTime(7999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([expect.stringContaining("does not answer")]);
  receive({ kind: "frame", number: 4, frame: 8 });
  expect(told.at(-1)).toBeNull();
});

it.each(["none", "starting", "lost", "ended"])("calls nothing late where the kernel is %s", (kernel) => {
  const { stream, told } = stage(kernel);
  stream.order("start");
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

it("leaves no alarm and no listener behind", () => {
  const { stream, told, leaving, off } = stage("live");
  stream.order("start");
  leaving.abort();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
  expect(off).toHaveBeenCalledWith("msg:custom", expect.any(Function));
});
