// The wiring of the three cells, as data: where each node stands, which value runs on each wire, and when.

export type NodeKind = "gate" | "squash" | "times" | "plus" | "port";

export interface CellNode {
  id: string;
  kind: NodeKind;
  x: number;
  y: number;
  label: string;
  /** For a gate: the array it shows. For a port: the value that stands there. */
  value?: string;
  /** Where a port's name stands. */
  side?: "left" | "right" | "below";
}

export interface Wire {
  d: string;
  /** Which of the step's values runs on it; undefined for a whole vector. */
  value?: string;
  /** Where its number is written. */
  at?: [number, number];
  /** "x" for input, "h" for states, or a gate's name. */
  hue: string;
  /** In which quarter of the step it comes alive: gather, squash, mix, show. */
  phase: 0 | 1 | 2 | 3;
}

export interface Diagram {
  width: number;
  /** Where the drawing begins and how high it is. */
  top: number;
  height: number;
  nodes: CellNode[];
  wires: Wire[];
  /** What happens in each quarter of a step, in a sentence. */
  phases: [string, string, string, string];
}

const gate = (id: string, x: number, y: number, label: string): CellNode => ({
  id,
  kind: "gate",
  x,
  y,
  label,
  value: id,
});
const dot = (id: string, kind: "times" | "plus", x: number, y: number): CellNode => ({
  id,
  kind,
  x,
  y,
  label: kind === "times" ? "×" : "+",
});
const port = (
  id: string,
  x: number,
  y: number,
  label: string,
  side: CellNode["side"],
  value?: string,
): CellNode => ({
  id,
  kind: "port",
  x,
  y,
  label,
  ...(side && { side }),
  ...(value && { value }),
});

const lstm: Diagram = {
  width: 780,
  top: 36,
  height: 374,
  nodes: [
    port("c before", 24, 70, "c", "left", "cell before"),
    port("h before", 24, 330, "h", "left", "hidden before"),
    port("x", 110, 388, "x", "below"),
    gate("forget", 190, 240, "σ"),
    gate("input", 310, 240, "σ"),
    gate("candidate", 420, 240, "tanh"),
    gate("output", 560, 240, "σ"),
    dot("keep", "times", 190, 70),
    dot("write", "times", 420, 150),
    dot("add", "plus", 420, 70),
    { id: "squash", kind: "squash", x: 660, y: 125, label: "tanh" },
    dot("show", "times", 660, 190),
    port("c", 756, 70, "c", "right", "cell"),
    port("h", 756, 330, "h", "right", "hidden"),
  ],
  wires: [
    { d: "M24 330H110", hue: "h", phase: 0 },
    { d: "M110 388V330", hue: "x", phase: 0 },
    { d: "M110 330H560", hue: "h", phase: 0 },
    ...[190, 310, 420, 560].map((x): Wire => ({ d: `M${x} 330V266`, hue: "h", phase: 1 })),
    { d: "M190 214V85", value: "forget", at: [190, 130], hue: "forget", phase: 2 },
    { d: "M310 214V150H405", value: "input", at: [352, 150], hue: "input", phase: 2 },
    { d: "M420 214V165", value: "candidate", at: [420, 192], hue: "candidate", phase: 2 },
    { d: "M24 70H175", value: "cell before", at: [104, 70], hue: "h", phase: 2 },
    { d: "M205 70H405", value: "kept", at: [300, 70], hue: "h", phase: 2 },
    { d: "M420 135V85", value: "written", at: [420, 110], hue: "candidate", phase: 2 },
    { d: "M435 70H756", value: "cell", at: [545, 70], hue: "h", phase: 2 },
    { d: "M660 70V107", hue: "h", phase: 3 },
    { d: "M660 143V175", value: "squashed", at: [704, 160], hue: "h", phase: 3 },
    { d: "M560 214V190H645", value: "output", at: [602, 190], hue: "output", phase: 3 },
    { d: "M660 205V330H756", value: "hidden", at: [660, 270], hue: "h", phase: 3 },
  ],
  phases: [
    "The input and the last hidden state come together.",
    "Each gate weighs them and opens or closes; the candidate proposes new content.",
    "The cell state keeps what the forget gate lets through and adds what the input gate lets in.",
    "The output gate decides how much of the cell state is shown.",
  ],
};

const gru: Diagram = {
  width: 780,
  top: 36,
  height: 374,
  nodes: [
    port("h before", 24, 70, "h", "left", "hidden before"),
    port("x", 110, 388, "x", "below"),
    gate("update", 200, 240, "σ"),
    gate("reset", 330, 240, "σ"),
    dot("select", "times", 430, 240),
    gate("candidate", 560, 240, "tanh"),
    dot("keep", "times", 200, 70),
    { id: "rest", kind: "squash", x: 380, y: 150, label: "1 −" },
    dot("write", "times", 560, 150),
    dot("add", "plus", 560, 70),
    port("h", 756, 70, "h", "right", "hidden"),
  ],
  wires: [
    { d: "M64 70V330H110", hue: "h", phase: 0 },
    { d: "M110 388V330", hue: "x", phase: 0 },
    { d: "M110 330H560", hue: "h", phase: 0 },
    ...[200, 330, 560].map((x): Wire => ({ d: `M${x} 330V266`, hue: "h", phase: 1 })),
    { d: "M430 330V255", hue: "h", phase: 1 },
    { d: "M366 240H415", value: "reset", at: [390, 214], hue: "reset", phase: 1 },
    { d: "M445 240H524", value: "selected", at: [484, 214], hue: "h", phase: 1 },
    { d: "M200 214V85", value: "update", at: [200, 182], hue: "update", phase: 2 },
    { d: "M200 150H348", hue: "update", phase: 2 },
    { d: "M412 150H545", value: "rest", at: [480, 150], hue: "update", phase: 2 },
    { d: "M560 214V165", value: "candidate", at: [560, 192], hue: "candidate", phase: 2 },
    { d: "M24 70H185", value: "hidden before", at: [120, 70], hue: "h", phase: 2 },
    { d: "M215 70H545", value: "kept", at: [380, 70], hue: "h", phase: 3 },
    { d: "M560 135V85", value: "written", at: [560, 110], hue: "candidate", phase: 3 },
    { d: "M575 70H756", value: "hidden", at: [650, 70], hue: "h", phase: 3 },
  ],
  phases: [
    "The input and the last hidden state come together.",
    "The reset gate decides how much of the past the candidate may see.",
    "The update gate opens for the old state as far as it closes for the candidate.",
    "Old and new add up to the next hidden state.",
  ],
};

const rnn: Diagram = {
  width: 780,
  top: 84,
  height: 210,
  nodes: [
    port("h before", 24, 120, "h", "left", "hidden before"),
    port("x", 250, 270, "x", "below"),
    dot("add", "plus", 250, 120),
    { id: "squash", kind: "squash", x: 470, y: 120, label: "tanh" },
    port("h", 756, 120, "h", "right", "hidden"),
  ],
  wires: [
    { d: "M24 120H235", value: "from state", at: [140, 120], hue: "h", phase: 0 },
    { d: "M250 270V135", value: "from input", at: [250, 196], hue: "x", phase: 0 },
    { d: "M265 120H432", value: "sum", at: [348, 120], hue: "h", phase: 1 },
    { d: "M508 120H756", value: "hidden", at: [620, 120], hue: "h", phase: 3 },
  ],
  phases: [
    "The input and the last hidden state are weighed.",
    "They are added up, with the bias.",
    "The activation squashes the sum.",
    "What comes out is the next hidden state, and the layer's output.",
  ],
};

export const DIAGRAMS: Record<string, Diagram> = { LSTM: lstm, GRU: gru, RNN: rnn };

/** The LSTM put together piece by piece: which gates the network works by itself; the others stand open. */
export const STAGES: { name: string; live: string[]; text: string }[] = [
  {
    name: "c + g",
    live: ["candidate"],
    text: "The plainest memory: every step adds its candidate to the cell state. Nothing is ever forgotten.",
  },
  {
    name: "forget gate",
    live: ["candidate", "forget"],
    text: "A forget gate lets old content fade: open keeps it, closed wipes it.",
  },
  {
    name: "input gate",
    live: ["candidate", "forget", "input"],
    text: "An input gate protects the memory from what does not matter.",
  },
  {
    name: "output gate",
    live: ["candidate", "forget", "input", "output"],
    text: "An output gate hides what is remembered until it is needed. This is the LSTM.",
  },
];
