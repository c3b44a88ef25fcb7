// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askInTurn } from "../../../src/lib/page/requests";

type Sent = { number: number; settings: Record<string, unknown> };

function stage() {
  const handlers: Record<string, ((content: unknown) => void)[]> = {};
  let answered = 0;
  const sent: Sent[] = [];
  const model = {
    get: () => answered,
    on: (event: string, handler: () => void) => void (handlers[event] ??= []).push(handler),
    off: () => {},
    send: (content: Sent) => void sent.push(content),
  } as unknown as AnyModel;
  const told: (string | null)[] = [];
  const requests = askInTurn(model, new AbortController().signal, (message) => told.push(message));
  const tell = (event: string, content?: unknown) => {
    for (const handler of handlers[event]) handler(content);
  };
  return {
    sent,
    told,
    requests,
    answer(number: number) {
      answered = number;
      tell("change:answered");
    },
    fail: (number: number, message: string) => tell("msg:custom", { kind: "error", number, message }),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("askInTurn", () => {
  it("has one request on its way, and then sends only the latest", () => {
    const { sent, requests, answer } = stage();
    for (const radius of [0.1, 0.2, 0.3, 0.4]) requests.ask({ radius });
    expect(sent.map((one) => one.settings)).toEqual([{ radius: 0.1 }]);
    expect(requests.busy()).toBe(true);
    answer(1);
    expect(sent.map((one) => one.settings)).toEqual([{ radius: 0.1 }, { radius: 0.4 }]);
    answer(2);
    expect(requests.busy()).toBe(false);
    requests.ask({ radius: 0.5 });
    expect(sent).toHaveLength(3);
  });
  it("shows an error and goes on", () => {
    const { sent, told, requests, answer, fail } = stage();
    requests.ask({ steps: -1 });
    requests.ask({ steps: 5 });
    fail(1, "steps must be positive");
    expect(told).toEqual(["steps must be positive"]);
    expect(sent).toHaveLength(2);
    answer(2);
    expect(told.at(-1)).toBe(null);
  });
  it("says so when Python does not answer, and takes the answer that comes late", () => {
    const { sent, told, requests, answer } = stage();
    requests.ask({ steps: 5 });
    vi.advanceTimersByTime(7000);
    expect(told[0]).toContain("does not answer");
    expect(requests.busy()).toBe(false);
    answer(1);
    expect(told.at(-1)).toBe(null);
    requests.ask({ steps: 6 });
    expect(sent).toHaveLength(2);
  });
});
