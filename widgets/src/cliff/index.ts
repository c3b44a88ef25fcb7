// The cliff and the clip: an error surface, and two balls that descend it, all computed in the page.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import type { Ramp } from "../lib/draw/colours";
import { makeRamp, readColour } from "../lib/draw/colours";
import type { Axis, Frame } from "../lib/draw/plot";
import { clearCanvas, clip, drawAxes, fromX, linearTicks, toX, toY } from "../lib/draw/plot";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { formatNumber, formatShort } from "../lib/words/format";
import type { Stand } from "./descent";
import { descend, makeSurface, project } from "./descent";

const W: [number, number] = [2, 8];
const B: [number, number] = [-4, -1];
/** Of the map, which shows the cliff sharp, and of the relief, which has to turn at sixty frames a second. */
const MAP = { columns: 240, rows: 160 };
const RELIEF = { columns: 72, rows: 48 };
const HEIGHT = 320;
const MARGIN = { left: 56, right: 10, top: 10, bottom: 42 };
const HIGHEST = 0.5;

const BALLS = [
  { name: "plain", property: "--rv-curve-2", dash: [6, 4] },
  { name: "clipped", property: "--rv-curve-3", dash: [] },
] as const;

export default defineWidget("cliff", ({ model, root, signal }) => {
  const updates: number = model.get("updates");
  const settings = {
    steps: model.get("steps") as number,
    w: model.get("w") as number,
    b: model.get("b") as number,
    rate: model.get("learning_rate") as number,
    clip: model.get("clip") as number,
  };
  let now = 0;
  let turn = 0.5;
  let paths: [Stand[], Stand[]] = [[], []];
  let heights: Float64Array = new Float64Array();
  const plate = document.createElement("canvas");

  // ---- the card
  const mapCanvas = h("canvas", { "aria-hidden": "true" });
  const map = h("div", { class: "rv-plot rv-cliff-map", role: "img" }, mapCanvas);
  const reliefCanvas = h("canvas", { "aria-hidden": "true" });
  const relief = h("div", { class: "rv-plot rv-cliff-relief", role: "img" }, reliefCanvas);
  const reading = h("tbody");
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: updates + 1,
    signal,
    keys: root,
    move: (step) => {
      now = step;
      repaint();
    },
    where: (step, steps) => `update ${step} of ${steps - 1}`,
  });
  const slider = (
    text: string,
    [low, high, step]: [number, number, number],
    read: () => number,
    write: (value: number) => void,
    say = (value: number) => formatNumber(value, 2),
  ) => {
    const output = h("output");
    const input = h("input", { type: "range", min: low, max: high, step, "aria-label": text });
    const show = () => {
      input.value = String(read());
      output.textContent = say(read());
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      write(Number(input.value));
      change();
    });
    return { element: h("label", { class: "rv-field" }, h("span", {}, text), input, output), show };
  };
  const exponent = (low: number, high: number): [number, number, number] => [
    Math.log10(low),
    Math.log10(high),
    0.01,
  ];
  const logSlider = (text: string, low: number, high: number, key: "rate" | "clip") =>
    slider(
      text,
      exponent(low, high),
      () => Math.log10(settings[key]),
      (value) => (settings[key] = 10 ** value),
      () => settings[key].toPrecision(2),
    );
  const sliders = [
    slider(
      "start at w",
      [...W, 0.01],
      () => settings.w,
      (value) => (settings.w = value),
    ),
    slider(
      "start at b",
      [...B, 0.01],
      () => settings.b,
      (value) => (settings.b = value),
    ),
    logSlider("learning rate", 0.01, 3, "rate"),
    logSlider("clip at norm", 0.05, 5, "clip"),
    slider(
      "steps T",
      [1, 100, 1],
      () => settings.steps,
      (value) => (settings.steps = value),
      String,
    ),
    slider(
      "turn the relief",
      [-1.6, 1.6, 0.02],
      () => turn,
      (value) => (turn = value),
      (value) => `${formatNumber((value * 180) / Math.PI, 0)}°`,
    ),
  ];
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "The cliff and the clip"),
      h(
        "ul",
        { class: "rv-legend" },
        ...BALLS.map(({ name, property, dash }) =>
          h("li", {}, swatch(property, [...dash]), `${name} ${name === "plain" ? "■" : "●"}`),
        ),
        h("li", {}, h("i", { class: "rv-cliff-ramp" }), "error, 0 to 0.5"),
      ),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({ name: "cliff", root, table: tabulate, code: writeCode }),
      ),
    ),
    h(
      "div",
      { class: "rv-results" },
      h("div", {}, h("h4", {}, "From above: drag the start"), map),
      h("div", {}, h("h4", {}, "From the side: drag to turn"), relief),
    ),
    transport.element,
    h(
      "table",
      { class: "rv-race" },
      h("caption", { class: "rv-hidden" }, "Where the two balls are"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...["ball", "w", "b", "error", "gradient ‖g‖", "next move"].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      reading,
    ),
    h(
      "div",
      { class: "rv-settings", role: "group", "aria-label": "Settings" },
      ...sliders.map((one) => one.element),
    ),
    story,
  );

  // ---- what is computed
  let surfaceOf = -1;
  let themed = "";

  function change(): void {
    const { steps, w, b, rate } = settings;
    paths = [null, settings.clip].map((limit) =>
      descend([w, b], { steps, rate, clip: limit, updates }),
    ) as typeof paths;
    for (const one of sliders) one.show();
    repaint();
    tellSoon();
  }

  function prepare(): void {
    const theme = readColour(root, "--rv-bg");
    if (surfaceOf === settings.steps && themed === theme) return;
    surfaceOf = settings.steps;
    themed = theme;
    ramp = makeRamp(["--rv-bg", "--rv-line", "--rv-gate-candidate"].map((name) => readColour(root, name)));
    const fine = makeSurface(W, B, MAP.columns, MAP.rows, settings.steps);
    plate.width = MAP.columns;
    plate.height = MAP.rows;
    const context = plate.getContext("2d")!;
    const image = context.createImageData(MAP.columns, MAP.rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let r = 0; r < MAP.rows; r++)
      for (let c = 0; c < MAP.columns; c++)
        pixels[(MAP.rows - 1 - r) * MAP.columns + c] = ramp[shade(fine[r * MAP.columns + c])];
    context.putImageData(image, 0, 0);
    heights = makeSurface(W, B, RELIEF.columns, RELIEF.rows, settings.steps);
  }
  let ramp: Ramp = new Uint32Array(256);
  const shade = (error: number) => Math.max(0, Math.min(255, Math.round((255 * error) / HIGHEST)));

  // ---- from above
  let [mapWidth, reliefWidth] = [0, 0];
  const box = (): Frame => ({
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(10, mapWidth - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  });
  const x: Axis = { range: W, log: false };
  const y: Axis = { range: B, log: false };

  function paintMap(): void {
    const context = clearCanvas(mapCanvas, mapWidth, HEIGHT);
    const frame = box();
    const font = `12.5px ${readColour(root, "--rv-font")}`;
    context.imageSmoothingEnabled = true;
    context.drawImage(plate, frame.left, frame.top, frame.width, frame.height);
    drawAxes(
      context,
      frame,
      { x, y, xTicks: linearTicks(W, 6), yTicks: linearTicks(B, 5) },
      { grid: "rgb(128 128 128 / 0.18)", text: readColour(root, "--rv-ink-2"), font },
    );
    context.fillStyle = readColour(root, "--rv-ink");
    context.font = font;
    context.textAlign = "center";
    context.fillText("weight w", frame.left + frame.width / 2, HEIGHT - 6);
    context.save();
    context.translate(11, frame.top + frame.height / 2);
    context.rotate(-Math.PI / 2);
    context.fillText("bias b", 0, 0);
    context.restore();
    const done = clip(context, frame);
    BALLS.forEach(({ property, dash }, k) => {
      const path = paths[k].slice(0, now + 1).map(({ at }) => [toX(at[0], x, frame), toY(at[1], y, frame)]);
      drawPath(context, path as [number, number][], readColour(root, property), [...dash]);
    });
    done();
    BALLS.forEach(({ property }, k) => {
      const [w, b] = paths[k][now].at;
      const inside = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
      drawBall(
        context,
        inside(toX(w, x, frame), frame.left, frame.left + frame.width),
        inside(toY(b, y, frame), frame.top, frame.top + frame.height),
        readColour(root, property),
        k === 0,
      );
    });
  }

  function drawPath(
    context: CanvasRenderingContext2D,
    path: [number, number][],
    colour: string,
    dash: number[],
  ): void {
    for (const [stroke, width, pattern] of [
      [readColour(root, "--rv-bg"), 5, []],
      [colour, 2.2, dash],
    ] as const) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.lineJoin = "round";
      context.setLineDash([...pattern]);
      context.beginPath();
      for (const [across, down] of path) context.lineTo(across, down);
      context.stroke();
    }
    context.setLineDash([]);
  }

  function drawBall(
    context: CanvasRenderingContext2D,
    across: number,
    down: number,
    colour: string,
    square: boolean,
  ): void {
    context.fillStyle = colour;
    context.strokeStyle = readColour(root, "--rv-bg");
    context.lineWidth = 2;
    context.beginPath();
    if (square) context.rect(across - 6, down - 6, 12, 12);
    else context.arc(across, down, 7, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  // ---- from the side
  function paintRelief(): void {
    const context = clearCanvas(reliefCanvas, reliefWidth, HEIGHT);
    const size = Math.min(reliefWidth / 1.5, HEIGHT / 1.34);
    const place = (u: number, v: number, z: number): [number, number, number] => {
      const { across, down, far } = project(u, v, z, turn + Math.PI);
      return [reliefWidth / 2 + across * size * 1.05, HEIGHT * 0.69 + down * size, far];
    };
    const { columns, rows } = RELIEF;
    const points = Array.from({ length: rows * columns }, (_, k) =>
      place((k % columns) / (columns - 1), Math.floor(k / columns) / (rows - 1), heights[k] / HIGHEST),
    );
    const order: number[] = [];
    for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) order.push(r * columns + c);
    order.sort((a, b) => points[b][2] - points[a][2]);
    context.lineWidth = 0.6;
    for (const k of order) {
      const corners = [k, k + 1, k + columns + 1, k + columns];
      // Squares to see the bend by, and light from the side: a wall that faces it stands out.
      const slope = Math.abs(heights[k + 1] - heights[k]) + Math.abs(heights[k + columns] - heights[k]);
      const square = (Math.floor(k / columns / 4) + Math.floor((k % columns) / 4)) % 2;
      const tone = shade(0.05 + 0.03 * square + 0.8 * heights[k] + 0.35 * slope);
      // Few tones: they read as contour lines, and make a small picture.
      const packed = ramp[Math.min(255, 8 * Math.round(tone / 8))];
      context.fillStyle = `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
      context.strokeStyle = context.fillStyle;
      context.beginPath();
      for (const corner of corners) context.lineTo(points[corner][0], points[corner][1]);
      context.closePath();
      context.fill();
      context.stroke();
    }
    const share = (value: number, [low, high]: [number, number]) => (value - low) / (high - low);
    const edge = (value: number) => Math.max(-0.06, Math.min(1.06, value));
    context.font = `12.5px ${readColour(root, "--rv-font")}`;
    context.fillStyle = readColour(root, "--rv-ink-2");
    context.textAlign = "center";
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const [across, down, far] = place(u + 0.14 * (u - 0.5), v + 0.14 * (v - 0.5), 0);
      // The corner behind the wall is hidden by it.
      if (far > 0.35) continue;
      const said = `w ${W[u]}, b ${formatNumber(B[v], 0)}`;
      const half = context.measureText(said).width / 2 + 2;
      context.fillText(
        said,
        Math.max(half, Math.min(reliefWidth - half, across)),
        Math.min(HEIGHT - 5, down + 10),
      );
    }
    BALLS.forEach(({ property, dash }, k) => {
      const seen = paths[k].slice(0, now + 1).map(({ at, error }): [number, number] => {
        const [across, down] = place(
          edge(share(at[0], W)),
          edge(share(at[1], B)),
          Math.min(error, HIGHEST) / HIGHEST + 0.015,
        );
        return [across, down];
      });
      drawPath(context, seen, readColour(root, property), [...dash]);
      const [across, down] = seen[seen.length - 1];
      drawBall(context, across, down, readColour(root, property), k === 0);
    });
  }

  // ---- numbers and words
  const isOut = ([w, b]: [number, number]) => w < W[0] || w > W[1] || b < B[0] || b > B[1];

  function showReading(): void {
    reading.replaceChildren(
      ...BALLS.map(({ name, property, dash }, k) => {
        const stand = paths[k][now];
        const move = settings.rate * stand.factor * stand.norm;
        return h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            swatch(property, [...dash]),
            ` ${name}${isOut(stand.at) ? ", off the map" : ""}`,
          ),
          ...[stand.at[0], stand.at[1], stand.error].map((value) => h("td", {}, formatNumber(value, 3))),
          h("td", {}, formatShort(stand.norm)),
          h("td", {}, `${formatNumber(move, 3)}${stand.factor < 1 ? " (clipped)" : ""}`),
        );
      }),
    );
  }

  let telling = 0;
  function tellSoon(): void {
    clearTimeout(telling);
    telling = window.setTimeout(() => {
      const told = BALLS.map(({ name }, k) => {
        const path = paths[k];
        const end = path[path.length - 1];
        const steepest = Math.max(...path.map((stand) => stand.norm));
        return `${name}, it ends ${isOut(end.at) ? "off the map " : ""}at w = ${formatNumber(end.at[0], 2)}, b = ${formatNumber(end.at[1], 2)} with an error of ${formatNumber(end.error, 3)}; the largest gradient on its way was ${formatShort(steepest)}`;
      });
      story.textContent = `Over ${updates} updates: ${told.join(". ")}.`.replace(". clipped", ". Clipped");
      map.setAttribute("aria-label", `Error over weight and bias, from above. ${story.textContent}`);
      relief.setAttribute(
        "aria-label",
        `The same as a landscape. A plain, low where the unit stays on, ends in a cliff of about 0.35.`,
      );
    }, 250);
  }

  const repaint = oncePerFrame(() => {
    prepare();
    transport.show(now);
    showReading();
    if (mapWidth) paintMap();
    if (reliefWidth) paintRelief();
  }, signal);

  // ---- dragging
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    put(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) put(event);
  });
  function put(event: PointerEvent): void {
    const frame = box();
    const bounds = map.getBoundingClientRect();
    const within = (value: number, [low, high]: [number, number]) => Math.max(low, Math.min(high, value));
    settings.w = within(fromX(event.clientX - bounds.left, x, frame), W);
    const up = 1 - (event.clientY - bounds.top - frame.top) / frame.height;
    settings.b = within(B[0] + up * (B[1] - B[0]), B);
    change();
  }
  let held: { x: number; turn: number } | null = null;
  relief.addEventListener("pointerdown", (event) => {
    relief.setPointerCapture(event.pointerId);
    held = { x: event.clientX, turn };
  });
  relief.addEventListener("pointermove", (event) => {
    if (!held || !(event.buttons & 1)) return;
    turn = Math.max(-1.6, Math.min(1.6, held.turn + (event.clientX - held.x) / 150));
    for (const one of sliders) one.show();
    repaint();
  });
  relief.addEventListener("pointerup", () => (held = null));

  // ---- what a reader takes away
  function tabulate(): string {
    const lines = ["update,ball,w,b,error,gradient_norm,factor"];
    BALLS.forEach(({ name }, k) => {
      for (const [update, stand] of paths[k].entries())
        lines.push([update, name, ...stand.at, stand.error, stand.norm, stand.factor].join(","));
    });
    return `${lines.join("\n")}\n`;
  }

  function writeCode(): string {
    return [
      "import torch",
      "",
      `point = torch.tensor([${settings.w.toFixed(3)}, ${settings.b.toFixed(3)}], dtype=torch.float64, requires_grad=True)  # w, b`,
      `for update in range(${updates}):`,
      "    state = torch.tensor(0.5, dtype=torch.float64)",
      `    for t in range(${settings.steps}):`,
      "        state = torch.sigmoid(point[0] * state + point[1])",
      "    error = (state - 0.7) ** 2",
      "    (gradient,) = torch.autograd.grad(error, point)",
      `    gradient = gradient * (${settings.clip.toPrecision(3)} / gradient.norm()).clamp(max=1)  # leave out for plain descent`,
      `    point = (point - ${settings.rate.toPrecision(3)} * gradient).detach().requires_grad_()`,
      "print(point, error)",
      "",
    ].join("\n");
  }

  // ---- begin
  for (const [trait, key] of [
    ["steps", "steps"],
    ["w", "w"],
    ["b", "b"],
    ["learning_rate", "rate"],
    ["clip", "clip"],
  ] as const) {
    const follow = () => {
      settings[key] = model.get(trait);
      change();
    };
    model.on(`change:${trait}`, follow);
    signal.addEventListener("abort", () => model.off(`change:${trait}`, follow));
  }
  signal.addEventListener("abort", () => clearTimeout(telling));
  for (const [element, take] of [
    [map, (width: number) => (mapWidth = width)],
    [relief, (width: number) => (reliefWidth = width)],
  ] as const)
    onWidth(element, signal, (width) => {
      take(width);
      element.style.height = `${HEIGHT}px`;
      repaint();
    });
  onTheme(signal, repaint);
  change();
});
