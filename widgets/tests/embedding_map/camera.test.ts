import { expect, test } from "vitest";
import { Camera } from "../../src/embedding_map/camera";

const PLACES = Float32Array.from([-1, -1, 1, 1, Number.NaN, 0]);

function make() {
  const camera = new Camera(PLACES);
  camera.resize(290, 244);
  camera.ease(PLACES, false);
  return camera;
}

test("all words are in view, up is up, and what is not finite does not count", () => {
  const camera = make();
  expect(camera.screen(0)).toEqual({ x: 45, y: 222 });
  expect(camera.screen(1)).toEqual({ x: 245, y: 22 });
  expect(camera.nearestTo(50, 220, 24)).toBe(0);
  expect(camera.nearestTo(145, 122, 24)).toBe(-1);
});

test("points glide to where they belong, at once where less motion is wanted", () => {
  const camera = make();
  const target = Float32Array.from([-1, -1, 0, 0, Number.NaN, 0]);
  camera.held = true;
  expect(camera.ease(target, false)).toBe(true);
  expect(camera.screen(1).x).toBeCloseTo(245 - 22, 3);
  expect(camera.ease(target, true)).toBe(false);
  expect(camera.screen(1)).toEqual({ x: 145, y: 122 });
});

test("zooming keeps the point under the hand, and the view is held from then on", () => {
  const camera = make();
  camera.zoomBy(2, 45, 222);
  expect(camera.screen(0)).toEqual({ x: 45, y: 222 });
  expect(camera.screen(1)).toEqual({ x: 445, y: -178 });
  camera.ease(PLACES, false);
  expect(camera.screen(1)).toEqual({ x: 445, y: -178 });
  camera.held = false;
  camera.ease(PLACES, true);
  expect(camera.screen(1)).toEqual({ x: 245, y: 22 });
});
