// Reads a network that torch computed; tests/widgets/test_page_cells.py writes them.
import type { Trace } from "../src/lib/trace";
import { readTrace } from "../src/lib/trace";
import written from "./cells.json";

interface Case {
  layers: unknown[];
  data: number[];
}

export const cases = written as Record<string, Case>;

export function loadCase(name: string): Trace {
  const state: Record<string, unknown> = {
    layers: cases[name].layers,
    labels: [],
    data: new DataView(new Float32Array(cases[name].data).buffer),
  };
  return readTrace({ get: (key: string) => state[key] } as never);
}
