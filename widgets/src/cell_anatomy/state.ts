// Which cell is looked at, which of its gates are held by hand, and what runs through it. No drawing here.
import { isValve } from "../lib/draw/colours";
import { canCompute, computeRun, type Run, recordedRun } from "../lib/trace/cells";
import type { Feed, Layer, Trace } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { formatNumber, plural } from "../lib/words/format";
import { labelsFor, moduleOf, tabulateLayers, writeCode, writeOptions } from "../lib/words/takeaway";
import { DIAGRAMS, type Diagram, STAGES } from "./diagram";

/** Where the shared cursor is. */
interface Place {
  layer: string;
  sequence: number;
  step: number;
  unit: number;
}

/** All of a step, in quarters. */
export const WHOLE = 4;

export const rangeOf = (gate: string): [number, number] => (isValve(gate) ? [0, 1] : [-1, 1]);

export class CellState {
  /** How far the LSTM is put together; the last of the stages is all of it. */
  stage = STAGES.length - 1;
  /** How far the slow motion has come, in quarters of a step. */
  phase = WHOLE;
  layerIndex = 0;
  sequence = 0;
  step = 0;
  unit = 0;
  /** Gates held by hand, by layer and gate: the same value for every unit and step. */
  private held = new Map<string, number>();
  private known: { sequence: number; run: Run } | null = null;
  private own: number;

  constructor(
    readonly trace: Trace,
    private feeds: Feed[],
    layer: string,
  ) {
    this.own = Math.max(
      0,
      trace.layers.findIndex(({ name }) => name === layer),
    );
    this.layerIndex = this.own;
  }

  /** A cursor beyond what this trace has shows the last that it has. */
  goTo({ layer, sequence, step, unit }: Place): void {
    const wanted = this.trace.layers.findIndex(({ name }) => name === layer);
    this.layerIndex = wanted >= 0 ? wanted : this.own;
    const { lengths, sequences, units } = this.layer;
    this.sequence = Math.min(sequence, sequences - 1);
    this.step = Math.min(step, lengths[this.sequence] - 1);
    this.unit = Math.min(unit, units - 1);
  }

  get layer(): Layer {
    return this.trace.layers[this.layerIndex];
  }
  get diagram(): Diagram {
    return DIAGRAMS[this.layer.kind];
  }
  get labels(): string[] | undefined {
    return this.trace.labels?.[this.sequence];
  }
  get selection(): Selection {
    const { layer, layerIndex, step, unit } = this;
    return { layer, layerIndex, step, unit };
  }

  /** The layer for whose sake nothing can be computed in the page. */
  get obstacle(): Layer | undefined {
    return this.trace.layers.find((layer) => !canCompute(layer));
  }
  get isEditable(): boolean {
    return this.obstacle === undefined;
  }

  get holdsAny(): boolean {
    return this.held.size > 0;
  }
  isHeld(gate: string): boolean {
    return this.held.has(this.keyOf(gate));
  }
  private keyOf(gate: string): string {
    return `${this.layerIndex}/${gate}`;
  }
  hold(gate: string, value: number): void {
    const [low, high] = rangeOf(gate);
    this.held.set(this.keyOf(gate), Math.max(low, Math.min(high, value)));
    this.known = null;
  }
  letGo(gate: string): void {
    this.held.delete(this.keyOf(gate));
    this.known = null;
  }
  release(): void {
    this.held.clear();
    this.known = null;
  }
  chooseStage(stage: number): void {
    this.stage = stage;
    this.known = null;
  }

  /** What the reader or the stage decides of a gate; undefined where the network does. */
  private decidedIn(layer: number, gate: string): number | undefined {
    const byHand = this.held.get(`${layer}/${gate}`);
    if (byHand !== undefined) return byHand;
    const { kind, gates } = this.trace.layers[layer];
    // States are asked for as well; no stage decides them.
    const works = kind !== "LSTM" || !gates.includes(gate) || STAGES[this.stage].live.includes(gate);
    return works ? undefined : 1;
  }
  decided(gate: string): number | undefined {
    return this.decidedIn(this.layerIndex, gate);
  }

  /** The run of the sequence, computed anew where anything is held or missing. */
  get run(): Run {
    const { sequence, trace } = this;
    if (this.known?.sequence !== sequence) {
      const untouched = !this.holdsAny && this.stage === STAGES.length - 1;
      const run = untouched
        ? recordedRun(trace, sequence)
        : computeRun(trace, sequence, this.feeds, new Map(), (layer, gate) => this.decidedIn(layer, gate));
      this.known = { sequence, run };
    }
    return this.known.run;
  }
  valueOf(gate: string): number {
    return this.run.at(this.layerIndex, gate, this.step)[this.unit];
  }

  /** The input of the step, its first numbers. */
  sayInput(): string {
    const x = Array.from(this.run.input(this.layerIndex, this.step));
    const shown = x
      .slice(0, 6)
      .map((value) => formatNumber(value, 2))
      .join("  ");
    return x.length > 6 ? `${shown}  … ${x.length} in all` : shown;
  }

  /** Why a layer has no picture; empty where it has one. */
  get whyUndrawn(): string {
    const { kind, weights } = this.layer;
    if (!this.diagram) return `The wiring of a ${kind} is not known here; RNN, LSTM and GRU are drawn.`;
    const projection = weights.get("weight_hr");
    if (projection)
      return (
        `This ${kind} was made with proj_size=${projection.shape[0]}: a projection mixes its ` +
        `${projection.shape[1]} units into ${plural(projection.shape[0], "number")}, so no wire leads from one unit ` +
        "to its own hidden state. Record one without proj_size to see its wiring."
      );
    return canCompute(this.layer)
      ? ""
      : `This ${kind} was recorded without its weights, so nothing is drawn.`;
  }

  tell(): string {
    const { phase, stage, obstacle } = this;
    const { kind } = this.layer;
    if (phase >= 1 && phase < WHOLE) return this.diagram.phases[phase - 1];
    if (this.holdsAny) {
      const gates = [...this.held].map(([key, value]) => `${key.split("/")[1]} at ${formatNumber(value, 2)}`);
      return `Held by hand, for every unit and every step: ${gates.join(", ")}. Everything that follows is computed anew.`;
    }
    if (kind === "LSTM" && stage < STAGES.length - 1) return STAGES[stage].text;
    if (kind === "RNN")
      return "A plain RNN has no gates: it weighs what comes in, adds it up and squashes the sum. Play the step slowly to follow it.";
    if (obstacle)
      return `The gates show what was recorded. They cannot be held by hand, since layer ${obstacle.name} cannot be computed in the page.`;
    return "Drag a gate up or down to hold it open or closed; the layer is computed anew with it. A double click lets go.";
  }

  tabulate(): string {
    return tabulateLayers([this.layer], this.sequence, this.labels);
  }

  writeCode(file = ""): string {
    const { name } = this.layer;
    const modules = moduleOf(this.trace.modules, name);
    const labels = labelsFor(this.trace.labels, modules);
    return writeCode(
      modules,
      (rename) => `rw.CellAnatomy(trace${writeOptions({ layer: rename(name), labels })})`,
      { file },
    );
  }
}
