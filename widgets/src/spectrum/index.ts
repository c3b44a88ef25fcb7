// Eigenvalues of each step's Jacobian on the unit circle, singular values per step, and the running product.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { readColour } from "../lib/draw/colours";
import type { Frame } from "../lib/draw/plot";
import {
  clearCanvas,
  drawAxes,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
} from "../lib/draw/plot";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Entry } from "../lib/trace/trace";
import { readFloats } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { writeCode } from "../lib/words/takeaway";

const DASHES = [5, 4];
const DOTS = [2, 3];
/** Below a plot, for the numbers of its axis and what they are. */
const BELOW = 42;

export default defineWidget("spectrum", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const entries = model.get("arrays") as Record<string, Entry>;
  const take = readFloats(model);
  const arrays = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, take(entry)]));
  const [sequences, size, units] = entries.singular.shape;
  const lengths = model.get("lengths") as number[];
  let sequence = -1;

  const sequencePicker = makeSequencePicker(cursor, sequences);
  const plane = h("canvas", { role: "img" });
  const singular = h("canvas", { role: "img" });
  const product = h("canvas", { role: "img" });
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const line = (property: string, text: string, dash: number[] = []) =>
    h("li", {}, swatch(property, dash), text);
  const point = (property: string, text: string) =>
    h("li", {}, h("i", { class: "rv-point", style: `--rv-swatch: var(${property})` }), text);
  const figure = (title: string, canvas: HTMLCanvasElement, items: HTMLElement[]) =>
    h(
      "div",
      { class: "rv-spectrum-part" },
      h("strong", {}, title),
      canvas,
      h("ul", { class: "rv-legend" }, ...items),
    );
  const board = h(
    "div",
    {
      class: "rv-spectrum",
      tabindex: 0,
      role: "group",
      "aria-label": "Spectrum. Left and right arrows move through time.",
    },
    figure("Eigenvalues at this step", plane, [
      point("--rv-state", "inside the circle: fades"),
      point("--rv-bad", "outside: grows"),
    ]),
    figure("Singular values at every step", singular, [
      line("--rv-grad", "largest"),
      line("--rv-state", "median"),
      line("--rv-grad", "smallest", DOTS),
    ]),
    figure("Running product of the Jacobians", product, [
      line("--rv-grad", "its norm"),
      line("--rv-ink-2", "bound: product of largest singular values", DASHES),
      line("--rv-accent", "product of spectral radii", DOTS),
    ]),
  );
  const transport = makeTransport({
    steps: size,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} · step ${step + 1} of ${steps}`,
  });
  const whole = model.get("kind") === "LSTM" ? "of (h, c)" : "of h";
  const saveMenu = makeSaveMenu({
    name: "spectrum",
    root,
    table: () => {
      const lines = ["step,quantity,index,value,imaginary"];
      for (let t = 0; t < lengthNow(); t++) {
        lines.push(...eigenvaluesAt(t).map(([re, im], k) => `${t},eigenvalue,${k},${re},${im}`));
        for (let k = 0; k < units; k++) lines.push(`${t},singular value,${k},${singularAt(t, k)},`);
        for (const name of ["norm", "bound", "radius"])
          lines.push(`${t},product ${name},0,${arrays[name][sequence * size + t]},`);
      }
      return `${lines.join("\n")}\n`;
    },
    code: () =>
      writeCode(
        [{ ...model.get("module"), backward: false }],
        (rename) => `rw.Spectrum(trace, layer="${rename(model.get("layer"))}")`,
      ),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `Spectrum of the Jacobian ${whole} in layer ${model.get("layer")}`),
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    board,
    transport.element,
    spoken,
  );

  const lengthNow = () => lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  const paint = oncePerFrame(draw, signal);
  const ink = () => ({
    grid: readColour(root, "--rv-line"),
    text: readColour(root, "--rv-ink-2"),
    font: "11.5px system-ui, sans-serif",
  });
  /** One number a step. */
  const series = (pick: (step: number) => number) =>
    Float64Array.from({ length: lengthNow() }, (_, t) => pick(t));
  const perStep = (name: string) => series((t) => arrays[name][sequence * size + t]);
  const singularAt = (t: number, rank: number) => arrays.singular[(sequence * size + t) * units + rank];

  function eigenvaluesAt(step: number): [number, number][] {
    const count = entries.eigenvalues.shape[2];
    const start = (sequence * size + step) * count * 2;
    return Array.from({ length: count }, (_, k) => [
      arrays.eigenvalues[start + 2 * k],
      arrays.eigenvalues[start + 2 * k + 1],
    ]);
  }

  function draw() {
    const wanted = Math.min(cursor.get("sequence"), sequences - 1);
    if (wanted !== sequence) {
      sequence = wanted;
      sequencePicker.value = String(sequence);
      transport.resize(lengthNow());
    }
    const step = stepNow();
    transport.show(step);
    const eigenvalues = eigenvaluesAt(step);
    const radius = Math.max(...eigenvalues.map(([re, im]) => Math.hypot(re, im)));
    drawPlane(eigenvalues, radius);
    drawCurves(
      singular,
      [
        { values: series((t) => singularAt(t, 0)), property: "--rv-grad" },
        { values: series((t) => singularAt(t, units >> 1)), property: "--rv-state" },
        { values: series((t) => singularAt(t, units - 1)), property: "--rv-grad", dash: DOTS },
      ],
      step,
    );
    drawCurves(
      product,
      [
        { values: perStep("bound"), property: "--rv-ink-2", dash: DASHES },
        { values: perStep("radius"), property: "--rv-accent", dash: DOTS },
        { values: perStep("norm"), property: "--rv-grad" },
      ],
      step,
    );
    const norm = arrays.norm[sequence * size + step];
    const outside = eigenvalues.filter(([re, im]) => Math.hypot(re, im) > 1).length;
    plane.setAttribute(
      "aria-label",
      `${eigenvalues.length} eigenvalues at t = ${step}, the largest ${formatNumber(radius)} from the origin, ${outside} outside the unit circle.`,
    );
    singular.setAttribute(
      "aria-label",
      `Singular values at t = ${step}: from ${formatNumber(singularAt(step, units - 1))} to ${formatNumber(singularAt(step, 0))}.`,
    );
    product.setAttribute("aria-label", `Norm of the running product at t = ${step}: ${formatNumber(norm)}.`);
    spoken.textContent =
      `t = ${step}: spectral radius ${formatNumber(radius)}, ${outside} of ${eigenvalues.length} eigenvalues outside the circle. ` +
      `A small change in the first state has been multiplied by ${formatNumber(norm)} so far.`;
  }

  function drawPlane(eigenvalues: [number, number][], radius: number) {
    // At first the card may have no width yet.
    const side = Math.max(60, Math.min(plane.parentElement!.clientWidth, 300));
    const context = clearCanvas(plane, side, side);
    const reach = 1.15 * Math.max(1, radius);
    const pixel = (value: number) => side / 2 + (value / reach) * (side / 2 - 6);
    const unit = pixel(1) - pixel(0);
    context.strokeStyle = readColour(root, "--rv-line");
    context.beginPath();
    context.moveTo(0, side / 2);
    context.lineTo(side, side / 2);
    context.moveTo(side / 2, 0);
    context.lineTo(side / 2, side);
    context.stroke();
    context.strokeStyle = readColour(root, "--rv-ink-2");
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(side / 2, side / 2, unit, 0, 2 * Math.PI);
    context.stroke();
    context.fillStyle = readColour(root, "--rv-ink-2");
    context.font = ink().font;
    context.fillText("1", pixel(1) + 4, side / 2 - 4);
    context.fillText("i", side / 2 + 4, pixel(-1) - 4);
    const [inside, outside] = [readColour(root, "--rv-state"), readColour(root, "--rv-bad")];
    context.globalAlpha = 0.75;
    for (const [re, im] of eigenvalues) {
      context.fillStyle = Math.hypot(re, im) > 1 ? outside : inside;
      context.beginPath();
      context.arc(pixel(re), pixel(-im), 4, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  interface Line {
    values: Float64Array;
    property: string;
    dash?: number[];
  }

  const frameOf = (canvas: HTMLCanvasElement): Frame => {
    const width = canvas.parentElement!.clientWidth;
    return { left: 46, top: 8, width: width - 56, height: 230 };
  };
  const axisX = () => ({ range: [0, Math.max(1, lengthNow() - 1)] as [number, number], log: false });

  function drawCurves(canvas: HTMLCanvasElement, lines: Line[], step: number) {
    const frame = frameOf(canvas);
    const context = clearCanvas(canvas, frame.width + 56, frame.top + frame.height + BELOW);
    const x = axisX();
    const [low, high] = fitRange(
      lines.flatMap(({ values }) => [...values]),
      true,
    );
    // Thirty decades say "nothing is left" as well as three hundred do.
    const y = { range: [Math.max(low, high - 30), high] as [number, number], log: true };
    drawAxes(
      context,
      frame,
      {
        x,
        y,
        xTicks: linearTicks(x.range, Math.max(2, frame.width / 70), true),
        yTicks: logTicks(y.range, 6),
      },
      ink(),
    );
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.width, frame.height);
    context.clip();
    for (const { values, property, dash } of lines)
      drawCurve(context, values, 0, x, y, frame, {
        colour: readColour(root, property),
        ...(dash && { dash }),
      });
    context.restore();
    context.fillStyle = ink().text;
    context.font = ink().font;
    context.textAlign = "center";
    context.fillText("step t", frame.left + frame.width / 2, frame.top + frame.height + BELOW - 6);
    context.fillStyle = readColour(root, "--rv-ink");
    context.fillRect(toX(step, x, frame) - 0.75, frame.top, 1.5, frame.height);
  }

  for (const canvas of [singular, product]) {
    const goTo = (event: PointerEvent) => {
      const at = fromX(event.clientX - canvas.getBoundingClientRect().left, axisX(), frameOf(canvas));
      transport.pause();
      cursor.move({ step: Math.max(0, Math.min(lengthNow() - 1, Math.round(at))) });
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      goTo(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) goTo(event);
    });
  }

  onWidth(board, signal, paint);
  onTheme(signal, paint);
  cursor.on(paint);
  draw();
});
