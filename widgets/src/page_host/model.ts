// A widget's model kept by the page itself, from a snapshot, for as long as no kernel keeps it.
import type { AnyModel } from "@anywidget/types";
import { type Kernel, type KnowsKernel, watchKernel } from "../lib/page/kernel";

type Listener = (...args: never[]) => void;
type State = Record<string, unknown>;

/** What a widget sends on its own when it is drawn: nobody waits for an answer, so nobody is told of waiting. */
const UNASKED = new Set(["state", "hello", "seen", "plotly-script"]);

export class PageModel implements AnyModel, KnowsKernel {
  readonly initial: State;
  asking = false;
  widget_manager: AnyModel["widget_manager"];
  private readonly state: State;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly watchers = new Set<() => void>();
  private live: AnyModel | null = null;
  private standing: Kernel;
  private readonly unsaved = new Set<string>();
  private readonly saved = new Set<string>();
  private readonly unsent: Parameters<AnyModel["send"]>[] = [];
  /** What the kernel's model last had, to tell what has changed there. */
  private readonly seen = new Map<string, unknown>();

  constructor(state: State, standing: Kernel, getModel: (ref: string) => Promise<AnyModel>) {
    this.initial = { ...state };
    this.state = { ...state };
    this.standing = standing;
    this.widget_manager = { get_model: getModel } as AnyModel["widget_manager"];
  }

  get kernel(): Kernel {
    return this.standing;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as anywidget's own signature has it
  get(key: string): any {
    return this.state[key];
  }

  set(key: string | State, value?: unknown): void {
    for (const [name, next] of Object.entries(typeof key === "string" ? { [key]: value } : key)) {
      if (Object.is(this.state[name], next)) continue;
      this.state[name] = next;
      this.unsaved.add(name);
      this.live?.set(name, next);
      this.emit(`change:${name}`);
      this.emit("change");
    }
  }

  save_changes(): void {
    if (this.live) this.live.save_changes();
    else for (const name of this.unsaved) this.saved.add(name);
    this.unsaved.clear();
  }

  send(...message: Parameters<AnyModel["send"]>): void {
    if (this.live) {
      this.live.send(...message);
      return;
    }
    const [content] = message as [{ kind?: string } | undefined];
    // The state of a plot is what the snapshot holds, and it is there already.
    if (content?.kind === "state") queueMicrotask(() => this.emit("msg:custom", { kind: "state" }, []));
    if (this.standing !== "none") this.unsent.push(message);
    if (UNASKED.has(content?.kind ?? "")) return;
    this.asking = true;
    this.tellWatchers();
  }

  on(names: string, listener: Listener): void {
    for (const name of names.split(" ")) {
      if (!this.listeners.has(name)) this.listeners.set(name, new Set());
      this.listeners.get(name)!.add(listener);
    }
  }

  off(names?: string | null, listener?: Listener | null): void {
    for (const name of names ? names.split(" ") : [...this.listeners.keys()]) {
      if (listener) this.listeners.get(name)?.delete(listener);
      else this.listeners.delete(name);
    }
  }

  onKernel(changed: () => void, signal: AbortSignal): void {
    this.watchers.add(changed);
    signal.addEventListener("abort", () => this.watchers.delete(changed));
  }

  /** Hands everything on to the kernel's own model from here on, first of all what has waited for it. */
  connect(live: AnyModel, signal: AbortSignal): void {
    if (this.live) return;
    this.live = live;
    for (const name of Object.keys(this.state)) {
      // Where the reader has gone meanwhile (a cursor) holds; all else is what Python says.
      if (this.state[name] !== this.initial[name]) live.set(name, this.state[name]);
      this.seen.set(name, live.get(name));
    }
    for (const name of this.seen.keys()) live.on(`change:${name}`, () => this.take(live));
    live.on("msg:custom", (content: unknown, buffers: DataView[]) => {
      this.asking = false;
      this.emit("msg:custom", content, buffers);
      this.tellWatchers();
    });
    if (this.saved.size > 0) live.save_changes();
    for (const message of this.unsent.splice(0)) live.send(...message);
    watchKernel(live, signal, (kernel) => {
      this.standing = kernel;
      if (kernel === "live") this.asking = false;
      this.tellWatchers();
    });
  }

  /** Takes over all that has changed before it tells of any: who hears of one trait may read another. */
  private take(live: AnyModel): void {
    const changed: string[] = [];
    for (const [name, before] of this.seen) {
      const next: unknown = live.get(name);
      if (Object.is(before, next)) continue;
      this.seen.set(name, next);
      if (Object.is(this.state[name], next)) continue;
      this.state[name] = next;
      changed.push(name);
    }
    for (const name of changed) this.emit(`change:${name}`);
    if (changed.length > 0) this.emit("change");
  }

  private emit(name: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])])
      (listener as (...a: unknown[]) => void)(...args);
  }

  private tellWatchers(): void {
    for (const changed of [...this.watchers]) changed();
  }
}

/** How far two numbers may lie apart that are the same but for the rounding of another processor. */
const ROUNDING = 1e-4;
/** Floats of this course lie between; bytes that are no floats, read as such, hardly ever do. */
const [SMALLEST, LARGEST] = [1e-12, 1e12];

/** Whether two values of a trait are the same: but for rounding, since what was shipped ran on another machine. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === "number" && typeof other === "number") return sameNumber(one, other);
  if (ArrayBuffer.isView(one) && ArrayBuffer.isView(other)) return sameBuffer(one, other);
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (ArrayBuffer.isView(one) || ArrayBuffer.isView(other)) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => key in other && sameValue((one as State)[key], (other as State)[key]));
}

/** Whole numbers count something, and are the same or not. */
function sameNumber(one: number, other: number): boolean {
  if (one === other) return true;
  if (Number.isInteger(one) || Number.isInteger(other)) return false;
  return Math.abs(one - other) <= ROUNDING * Math.max(Math.abs(one), Math.abs(other));
}

function sameBuffer(one: ArrayBufferView, other: ArrayBufferView): boolean {
  if (one.byteLength !== other.byteLength) return false;
  const a = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
  const b = new Uint8Array(other.buffer, other.byteOffset, other.byteLength);
  if (a.every((byte, at) => byte === b[at])) return true;
  return (
    a.length % 4 === 0 && sameFloats(new Float32Array(a.slice().buffer), new Float32Array(b.slice().buffer))
  );
}

function sameFloats(one: Float32Array, other: Float32Array): boolean {
  let scale = 0;
  for (const value of one) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  if (scale < SMALLEST || scale > LARGEST) return false;
  return one.every(
    (value, at) => Object.is(value, other[at]) || Math.abs(value - other[at]) <= ROUNDING * scale,
  );
}
