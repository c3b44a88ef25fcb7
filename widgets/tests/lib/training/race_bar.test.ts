// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { expect, test } from "vitest";
import { makeRaceBar, type Racers } from "../../../src/lib/training/race_bar";

function make(late = false) {
  const traits: Record<string, unknown> = {
    frame: { a: { updates: 0, seconds: 0 }, b: { updates: 0, seconds: 0 } },
  };
  const heard = new Map<string, (message?: unknown, buffers?: unknown[]) => void>();
  const sent: unknown[] = [];
  const model = {
    get: (name: string) => traits[name],
    on: (event: string, listener: () => void) => heard.set(event, listener),
    off: (event: string) => heard.delete(event),
    send: (content: unknown) => sent.push(content),
  } as unknown as AnyModel;
  const stop = new AbortController();
  let painted = 0;
  const bar = makeRaceBar<Racers>(model, stop.signal, {
    names: ["a", "b"],
    updates: 10,
    start: "Train both",
    takes: "about a minute",
    isOver: (frame) => Object.values(frame).every(({ updates }) => updates >= 10),
    again: { label: "Again", press: (stream) => stream.order("reset"), late },
    repaint: () => {
      painted++;
    },
  });
  const tell = (message: unknown) => heard.get("msg:custom")!(message, []);
  const [start, again] = bar.element.querySelectorAll("button");
  const said = () => {
    bar.show();
    return bar.element.querySelector(".rv-status")!.textContent;
  };
  return { bar, tell, start, again, said, sent, traits, heard, stop, painted: () => painted };
}

test("says how long it takes, how far it is, and when it is done", () => {
  const { tell, said, start, sent, painted } = make();
  expect(said()).toBe("Untrained. 10 updates of each take about a minute.");
  start.click();
  expect(sent).toContainEqual({ kind: "do", name: "start" });
  tell({ kind: "state", state: "running" });
  tell({
    kind: "frame",
    number: 1,
    frame: { a: { updates: 4, seconds: 1.2 }, b: { updates: 3, seconds: 1.1 } },
  });
  expect(said()).toBe("learning: 3 of 10 updates, 2 s of computing");
  expect(start.textContent).toBe("Pause");
  tell({
    kind: "frame",
    number: 2,
    frame: { a: { updates: 10, seconds: 3 }, b: { updates: 10, seconds: 3 } },
  });
  tell({ kind: "state", state: "paused" });
  expect(said()).toBe("done: 10 of 10 updates, 6 s of computing");
  expect(start.disabled).toBe(true);
  expect(painted()).toBe(4);
});

test("a new beginning waits for the training to rest, and where it is the same one, for something to undo", () => {
  const { again, said, tell } = make(true);
  said();
  expect(again.disabled).toBe(true);
  tell({ kind: "frame", number: 1, frame: { a: { updates: 4, seconds: 1 }, b: { updates: 3, seconds: 1 } } });
  said();
  expect(again.disabled).toBe(false);
  const other = make();
  other.said();
  expect(other.again.disabled).toBe(false);
  other.tell({ kind: "state", state: "running" });
  other.said();
  expect(other.again.disabled).toBe(true);
});

test("follows the model until it leaves the page", () => {
  const { bar, traits, heard, stop } = make();
  traits.frame = { a: { updates: 5, seconds: 1 }, b: { updates: 5, seconds: 1 } };
  heard.get("change:frame")!();
  expect(bar.frame().a.updates).toBe(5);
  stop.abort();
  expect(heard.has("change:frame")).toBe(false);
});
