// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connectStream } from "../../../src/lib/page/stream";

type Content = Record<string, unknown>;

function stage(kernel?: string) {
  let kernelChanged = () => {};
  let receive: (content: Content, buffers: DataView[]) => void = () => {};
  const sent: Content[] = [];
  const told: (string | null)[] = [];
  const frames: unknown[] = [];
  const states: string[] = [];
  const leaving = new AbortController();
  const off = vi.fn();
  const model = {
    on: (_: string, listener: typeof receive) => (receive = listener),
    off,
    send: (content: Content) => void sent.push(content),
    ...(kernel === undefined ? {} : { kernel, onKernel: (changed: () => void) => (kernelChanged = changed) }),
  } as unknown as AnyModel;
  const stream = connectStream<number>(model, leaving.signal, {
    frame: (frame) => frames.push(frame),
    state: (state) => states.push(state),
    problem: (message) => told.push(message),
  });
  const end = () => {
    Object.assign(model, { kernel: "ended" });
    kernelChanged();
  };
  return {
    stream,
    sent,
    told,
    frames,
    states,
    leaving,
    off,
    end,
    receive: (content: Content) => receive(content, []),
  };
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

it("has stopped, and is not late, once Python has ended", () => {
  const { stream, told, states, end, receive } = stage("live");
  stream.order("start");
  receive({ kind: "state", state: "running" });
  receive({ kind: "frame", number: 1, frame: 7 });
  end();
  end();
  expect(states).toEqual(["running", "stopped"]);
  expect(stream.state()).toBe("stopped");
  vi.advanceTimersByTime(60_000);
  stream.order("start");
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});
