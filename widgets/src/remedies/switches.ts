// The switches of the remedies: what each is called, what it changes, and what it costs.

export interface Switches {
  initialisation: string;
  activation: string;
  normalisation: string;
  clip: number;
  truncate: number;
  optimiser: string;
  steps: number;
}

interface Choice {
  value: string | number;
  label: string;
  /** What it does and what it costs; empty for the network without this remedy. */
  says: string;
}

export interface Remedy {
  key: Exclude<keyof Switches, "steps">;
  label: string;
  choices: Choice[];
}

export const REMEDIES: Remedy[] = [
  {
    key: "initialisation",
    label: "first weights",
    choices: [
      { value: "small random", label: "small random", says: "" },
      {
        value: "Glorot",
        label: "Glorot",
        says: "Glorot: random weights of a size that keeps the signal's. Costs nothing; holds only at the start.",
      },
      {
        value: "orthogonal",
        label: "orthogonal",
        says: "Orthogonal: turns the state and keeps its length. Costs nothing; tanh still shrinks it.",
      },
      {
        value: "identity",
        label: "identity",
        says: "Identity: copies the state. Costs nothing; with ReLU nothing holds it when it grows.",
      },
    ],
  },
  {
    key: "activation",
    label: "activation",
    choices: [
      { value: "tanh", label: "tanh", says: "" },
      {
        value: "relu",
        label: "ReLU",
        says: "ReLU: slope 1 or 0, so no saturation. Costs the bound: states can grow without end, units can die.",
      },
    ],
  },
  {
    key: "normalisation",
    label: "normalisation",
    choices: [
      { value: "none", label: "none", says: "" },
      {
        value: "layer",
        label: "layer",
        says: "Layer normalisation: rescales what enters the activation, sequence by sequence. Costs time at every step.",
      },
      {
        value: "batch",
        label: "batch",
        says: "Batch normalisation: rescales each unit over the batch. Costs time, and ties each sequence to its neighbours.",
      },
    ],
  },
  {
    key: "clip",
    label: "clipping",
    choices: [
      { value: 0, label: "off", says: "" },
      {
        value: 1,
        label: "at norm 1",
        says: "Clipping: shortens a gradient that is too long. Nearly free; cannot lengthen one that is lost.",
      },
    ],
  },
  {
    key: "optimiser",
    label: "optimiser",
    choices: [
      { value: "SGD", label: "SGD", says: "" },
      {
        value: "momentum",
        label: "momentum",
        says: "Momentum: goes on in the direction it had. Costs one more copy of the weights.",
      },
      {
        value: "Adam",
        label: "Adam",
        says: "Adam: a step size for each weight, so that small gradients count too. Costs two more copies of the weights.",
      },
    ],
  },
  {
    key: "truncate",
    label: "backward pass",
    choices: [
      { value: 0, label: "whole", says: "" },
      {
        value: 10,
        label: "last 10 steps",
        says: "Truncated: the gradient ends 10 steps back. Saves time and memory; nothing earlier gets any gradient.",
      },
    ],
  },
];

export const PLAIN = Object.fromEntries(REMEDIES.map(({ key, choices }) => [key, choices[0].value]));

/** What is on, in a few words. */
export function nameSwitches(switches: Switches): string {
  const on = REMEDIES.flatMap(({ key, label, choices }) => {
    const place = choices.findIndex(({ value }) => value === switches[key]);
    if (place <= 0) return [];
    if (key === "normalisation") return [`${choices[place].label} norm`];
    return key === "clip" || key === "truncate"
      ? [label === "clipping" ? "clip" : "truncated"]
      : [choices[place].label];
  });
  return on.join(" + ") || "no remedy";
}

/** What the remedies that are on do, and cost. */
export const tellCosts = (switches: Switches): string[] =>
  REMEDIES.flatMap(({ key, choices }) => {
    const says = choices.find(({ value }) => value === switches[key])?.says;
    return says ? [says] : [];
  });
