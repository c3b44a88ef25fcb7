// What a reader takes away: the marks of a run as a table, and the lines of Python that make them.
import type { Scene } from "./state";

/** The seed of the first run; the others follow it. */
const SEED = 100;

export function tabulate(scene: Scene, surprise: Float32Array, run: number, threshold: number): string {
  const lines = ["piece,seconds,surprise,alarm,defect"];
  surprise.forEach((value, piece) => {
    const seconds = ((piece * scene.piece) / scene.rate).toFixed(4);
    lines.push(
      [piece, seconds, value, Number(value > threshold), Number(piece >= scene.begins[run])].join(","),
    );
  });
  return `${lines.join("\n")}\n`;
}

export function writeCode(scene: Scene, run: number, pieces: number, threshold: number): string {
  const { piece, rate } = scene;
  const seconds = (many: number) => `${many * piece} / ${rate}`;
  return [
    "from rnnviz.data import Bearing, cut_pieces",
    "from rnnviz.experiments.bearing import SCALE",
    "from rnnviz.models import count_alarms, measure_surprise, read_bearing_lstm, smooth_surprise",
    "",
    `begins, severity, seed = ${seconds(scene.begins[run])}, ${scene.severities[run]}, ${SEED + run}`,
    `run = Bearing().run(${seconds(scene.pieces)}, begins=begins, severity=severity, seed=seed)`,
    "surprise = measure_surprise(read_bearing_lstm(), run.signal, SCALE)",
    `surprise = smooth_surprise(surprise, ${pieces})`,
    "faulty = cut_pieces(run.severity)[:, 0] > 0",
    `found = count_alarms(surprise, faulty, ${threshold})`,
    "print(found, found.precision, found.recall)",
    "",
  ].join("\n");
}
