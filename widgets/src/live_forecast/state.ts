// A race as the page has it: the series, the frames that came, which of them is looked at, and from where the forecasts
// start. No drawing here.
import { fitRange } from "../lib/draw/plot";
import { History } from "../lib/training/history";
import { plural } from "../lib/words/format";
import { type FrameHeader, readSight, type Scene, type Sight } from "./forecast";
import { type Choice, type ForecastView, growRoom, type Range, spanAround } from "./forecast_plot";
import type { Losses } from "./loss_plot";

/** Frames kept for looking back take at most this much of the page's memory. */
const MEMORY = 24_000_000;
const MOST_FRAMES = 240;
const MOST_LOSSES = 1200;

const STATES: Record<string, string> = {
  running: "learning",
  ready: "not trained yet",
  paused: "paused",
  failed: "stopped by an error",
  stopped: "stopped",
};

interface Message {
  header: FrameHeader;
  lines: Float32Array;
}

export class RaceState {
  frames: History<Sight>;
  readonly losses = new History<Losses>(MOST_LOSSES);
  /** The frame looked back at; null for the latest. */
  looking: number | null = null;
  /** ready, running, paused, stopped or failed. */
  training = "ready";
  /** Where the reader wants the forecasts to start; null where Python has put it. */
  wantedOrigin: number | null = null;
  /** Whether only what lies around the forecast is shown. */
  near = false;
  readonly choice: Choice = { hidden: new Set<string>(), baselines: true };
  private room: Range;
  /** A frame of a race whose series and settings are still on their way. */
  private early: Message | null = null;

  constructor(
    public scene: Scene,
    public truth: Float32Array,
  ) {
    this.frames = this.makeHistory();
    this.room = fitRange(truth, false);
  }

  private makeHistory(): History<Sight> {
    const { models, steps, horizon } = this.scene;
    const bytesAFrame = 4 * (models.length * (steps + horizon) + 4 * horizon);
    return new History(Math.max(12, Math.min(MOST_FRAMES, Math.floor(MEMORY / bytesAFrame))));
  }

  /** Takes a frame; false where it belongs to another race. */
  takeFrame(header: FrameHeader, lines: Float32Array): boolean {
    const sight = readSight(header, lines, this.scene);
    if (!sight) {
      if (header.version > this.scene.version) this.early = { header, lines };
      return false;
    }
    this.frames.add(sight);
    const before = this.losses.items.at(-1);
    if (!before || sight.step < before.step) {
      this.losses.clear();
      this.looking = null;
      this.room = fitRange(this.truth, false);
    }
    this.losses.add({ step: sight.step, models: sight.models });
    const forecasts = this.scene.models.map((name) => sight.forecast.get(name) ?? []);
    this.room = growRoom(this.room, this.truth, forecasts);
    return true;
  }

  /** Another series or other settings: everything before belongs to another race. False where it is the same one. */
  takeScene(next: Scene, truth: Float32Array, first: Message): boolean {
    const { scene } = this;
    if (next.version === scene.version) return false;
    // A new horizon leaves what was learned as it is.
    if (next.name !== scene.name || next.window !== scene.window || next.target !== scene.target)
      this.losses.clear();
    const sameSeries = next.name === scene.name && next.steps === scene.steps && next.target === scene.target;
    if (!sameSeries) this.wantedOrigin = null;
    this.scene = next;
    this.truth = truth;
    this.frames = this.makeHistory();
    this.looking = null;
    this.room = fitRange(truth, false);
    const { header, lines } = this.early ?? first;
    this.early = null;
    this.takeFrame(header, lines);
    return true;
  }

  get shown(): Sight | undefined {
    return this.frames.items[this.looking ?? this.frames.items.length - 1];
  }

  /** Updates made so far. */
  get updates(): number {
    return this.frames.items.at(-1)?.step ?? 0;
  }

  get origin(): number {
    const { shown } = this;
    if (this.looking !== null && shown) return shown.origin;
    return this.wantedOrigin ?? shown?.origin ?? this.scene.origin;
  }

  get span(): Range {
    return spanAround(this.scene, this.origin, this.near);
  }

  get view(): ForecastView {
    const { scene, truth, shown, origin, span, room } = this;
    return { ...this.choice, scene, truth, sight: shown, origin, span, room };
  }

  lookAt(index: number | null): void {
    this.looking = index !== null && index >= this.frames.items.length - 1 ? null : index;
  }

  /** The nearest step that forecasts can start from: they have read a whole window by then. */
  clampOrigin(step: number): number {
    return Math.max(this.scene.window - 1, Math.min(this.scene.steps - 1, Math.round(step)));
  }

  /** The cursor is at this step: whether the forecasts start elsewhere now. */
  moveTo(step: number): boolean {
    const origin = this.clampOrigin(step);
    if (origin === this.origin && this.looking === null) return false;
    this.looking = null;
    this.wantedOrigin = origin;
    return true;
  }

  /** How far the training is; `speed` in updates a second. */
  status(speed: number): string {
    const said = STATES[this.training] ?? this.training;
    const pace = this.training === "running" && speed > 0 ? `, ${Math.round(speed)} a second` : "";
    return `${said}: ${plural(this.updates, "update")}${pace}`;
  }
}
