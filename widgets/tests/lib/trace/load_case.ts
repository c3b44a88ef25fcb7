// Reads networks that torch computed; tests/widgets/test_page_cells.py and test_page_adjoint.py write them.
import type { Trace } from "../../../src/lib/trace/trace";
import { readTrace } from "../../../src/lib/trace/trace";
import written from "./cells.json";

export interface Case {
  layers: unknown[];
  data: number[];
}

export const cases = written as Record<string, Case>;

export const loadCase = (name: string): Trace => readCase(cases[name]);

export function readCase({ layers, data }: Case): Trace {
  const state: Record<string, unknown> = {
    layers,
    labels: [],
    data: new DataView(new Float32Array(data).buffer),
  };
  return readTrace({ get: (key: string) => state[key] } as never);
}
