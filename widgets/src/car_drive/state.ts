// A car on its way, and where several models think it will be: without a page.

export interface Scene {
  models: string[];
  steps: number;
  horizon: number;
  drives: number;
  /** Seconds from one step to the next. */
  step: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Drive {
  at(step: number): Point;
  measured(step: number): Point;
  /** Where a model thinks, at a step, that the car will be so many steps later, from 1. */
  forecast(model: number, step: number, ahead: number): Point;
}

/** For each drive: true places, measured ones, and what each model says at every step. */
export function readDrives({ models, steps, horizon, drives }: Scene, floats: Float32Array): Drive[] {
  const size = 2 * steps * (2 + models.length * horizon);
  return Array.from({ length: drives }, (_, drive) => {
    const point = (offset: number): Point => {
      const at = drive * size + offset;
      return { x: floats[at], y: floats[at + 1] };
    };
    return {
      at: (step) => point(2 * step),
      measured: (step) => point(2 * (steps + step)),
      forecast: (model, step, ahead) => point(2 * (2 * steps + (model * steps + step) * horizon + ahead - 1)),
    };
  });
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** How far off a model's forecast for the farthest step will prove to be; NaN where the drive ends before. */
export function missOf(
  drive: Drive,
  scene: Scene,
  model: number,
  step: number,
  ahead = scene.horizon,
): number {
  return step + ahead >= scene.steps
    ? Number.NaN
    : distance(drive.forecast(model, step, ahead), drive.at(step + ahead));
}

/** Root of the mean squared miss up to a step, from the twentieth on, when everybody knows something. */
export function typicalMiss(drive: Drive, scene: Scene, model: number, upTo: number, ahead: number): number {
  let [sum, count] = [0, 0];
  for (let step = 20; step <= upTo && step + ahead < scene.steps; step++) {
    sum += missOf(drive, scene, model, step, ahead) ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

export const speedOf = (drive: Drive, scene: Scene, step: number): number =>
  step === 0 ? 0 : distance(drive.at(step), drive.at(step - 1)) / scene.step;

export const metres = (value: number): string => (Number.isNaN(value) ? "–" : `${value.toFixed(1)} m`);
