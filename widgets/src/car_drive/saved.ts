// What a reader takes away: how far off each forecast is, and the lines of Python that measure it.
import { quote } from "../lib/words/takeaway";
import { type Drive, missOf, type Scene } from "./state";

export function tabulate(scene: Scene, drive: Drive): string {
  const lines = ["step,model,metres off at the farthest step"];
  for (let at = 0; at + scene.horizon < scene.steps; at++)
    scene.models.forEach((name, index) => {
      lines.push([at, quote(name), missOf(drive, scene, index, at).toFixed(3)].join(","));
    });
  return `${lines.join("\n")}\n`;
}

export function writeCode(scene: Scene, seed: number): string {
  return [
    "from rnnviz.data import draw_drives",
    "from rnnviz.models import ConstantVelocity, KalmanCar, measure_miss, read_car_lstm",
    "",
    `measured, truth = draw_drives(${scene.drives}, steps=${scene.steps}, seed=${seed})`,
    "kalman = KalmanCar().fit(draw_drives(20, seed=5)[0])",
    'print("LSTM", measure_miss(read_car_lstm()(measured), truth))',
    `print("Kalman filter", measure_miss(kalman(measured, ${scene.horizon}), truth))`,
    `print("constant velocity", measure_miss(ConstantVelocity()(measured, ${scene.horizon}), truth))`,
    "",
  ].join("\n");
}
