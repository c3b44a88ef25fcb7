// A ragged batch: drag where a sequence ends, and see padding, mask, final state and the packed layout follow.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { scaleOf } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Run } from "../lib/trace/cells";
import { readTrace } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { fitWord, packBatch, runPadding, runSequence, sharePadding } from "./lengths";

const ROW = 70;
const HEAD = 30;
const STAIR = 26;
/** Space above the packed layout, for its name. */
const BETWEEN = 50;
const NARROWEST = 26;

export default defineWidget("lengths-explorer", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const { feeds } = trace;
  const { steps, sequences, units, kind } = trace.layers[0];
  const tops = trace.layers.map((_, k) => k).slice(trace.layers.at(-1)!.reverse ? -2 : -1);
  const given: number[] = [...model.get("lengths")];
  const runs = new Map<string, Run>();

  let lengths = [...given];
  let top = tops[0];
  let ignoring = false;
  let width = 600;
  let outputScale: Scale;
  let inputScale: Scale;

  // ---- what stands on the page --------------------------------------------------------------------------
  const picture = s("svg", { role: "group", "aria-label": "Lengths of the sequences" });
  const drawn = s("g", { "aria-hidden": "true" });
  const handles = s("g");
  const id = Math.random().toString(36).slice(2);
  picture.append(
    s(
      "defs",
      {},
      s(
        "pattern",
        {
          id: `rv-pad-${id}`,
          width: 8,
          height: 8,
          patternUnits: "userSpaceOnUse",
          patternTransform: "rotate(45)",
        },
        s("rect", { class: "rv-pad-ground", width: 8, height: 8 }),
        s("rect", { class: "rv-pad-line", width: 2, height: 8 }),
      ),
    ),
    drawn,
    handles,
  );
  const frame = h("div", { class: "rv-lengths-frame" }, picture);
  const tooltip = makeTooltip(root);
  const packedWords = h("p", { class: "rv-lengths-code" });
  const story = h("p", { class: "rv-caption", role: "status" });
  const ignoreButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setIgnoring(!ignoring) },
    "Forget the lengths",
  );
  const resetButton = h(
    "button",
    { type: "button", hidden: true, onclick: reset },
    "Back to the first lengths",
  );
  const direction = h("select", { "aria-label": "Direction", hidden: tops.length < 2 });
  for (const [k, name] of ["forward", "reverse"].entries()) direction.append(h("option", { value: k }, name));
  direction.addEventListener("change", () => {
    top = tops[Number(direction.value)];
    paint();
  });
  const transport = makeTransport({
    steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step) =>
      `t = ${step} · ${plural(lengths.filter((length) => length > step).length, "sequence")} running`,
  });
  const saveMenu = makeSaveMenu({
    name: "lengths",
    root,
    vectors: picture,
    table: tabulate,
    code: writeLines,
  });
  const layers = trace.layers.filter((layer) => !layer.reverse).length;
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h(
        "h3",
        {},
        `A batch of ${plural(sequences, "sequence")} through ${kind}${layers > 1 ? `, ${layers} layers` : ""}`,
      ),
      h("div", { class: "rv-controls" }, direction, resetButton, ignoreButton, saveMenu),
    ),
    h(
      "ul",
      { class: "rv-legend" },
      h("li", {}, h("i", { style: "--rv-swatch: var(--rv-input)" }), "input x"),
      h("li", {}, h("i", { style: "--rv-swatch: var(--rv-state)" }), "state h"),
      h("li", {}, h("i", { class: "rv-final-key" }), "final state is taken here"),
      h("li", {}, h("i", { class: "rv-pad-key" }), "padding"),
      h("li", {}, h("code", {}, "1 0"), "mask"),
      h("li", {}, h("i", { class: "rv-scale" }), "negative to positive"),
    ),
    frame,
    transport.element,
    packedWords,
    story,
  );

  // ---- moving -------------------------------------------------------------------------------------------
  const paint = oncePerFrame(draw, signal);
  function setIgnoring(next: boolean) {
    ignoring = next;
    ignoreButton.setAttribute("aria-pressed", String(ignoring));
    paint();
  }
  function reset() {
    setLengths([...given]);
    handles.querySelector<SVGElement>("[role=slider]")?.focus();
    keep();
  }
  function setLengths(next: number[]) {
    lengths = next;
    resetButton.hidden = lengths.every((length, k) => length === given[k]);
    paint();
  }
  /** Tells Python, once a change is done. */
  function keep() {
    model.set("lengths", [...lengths]);
    model.save_changes();
  }
  function setLength(sequence: number, length: number) {
    const wanted = Math.max(1, Math.min(steps, length));
    if (wanted === lengths[sequence]) return;
    cursor.move({ sequence });
    setLengths(lengths.map((before, k) => (k === sequence ? wanted : before)));
  }
  const changed = () => {
    const next: number[] = model.get("lengths");
    if (next.length === sequences && next.some((length, k) => length !== lengths[k])) setLengths([...next]);
  };
  model.on("change:lengths", changed);
  signal.addEventListener("abort", () => model.off("change:lengths", changed));

  const grips = lengths.map((_, sequence) => makeHandle(sequence));
  handles.append(...grips);

  function makeHandle(sequence: number): SVGGElement {
    const grip = s(
      "g",
      { class: "rv-grip", role: "slider", tabindex: 0, "aria-label": `Length of sequence ${sequence}` },
      s("rect", { class: "rv-grip-room", x: -14, y: 4, width: 28, height: ROW - 16 }),
      s("rect", { class: "rv-grip-bar", x: -4, y: 8, width: 8, height: ROW - 28, rx: 4 }),
    );
    set(grip, { "aria-valuemin": 1, "aria-valuemax": steps });
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      grip.focus();
      event.preventDefault();
    });
    grip.addEventListener("pointermove", (event) => {
      if (!grip.hasPointerCapture(event.pointerId)) return;
      const { left, cell } = lay();
      setLength(sequence, Math.round((event.clientX - picture.getBoundingClientRect().left - left) / cell));
    });
    grip.addEventListener("lostpointercapture", keep);
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 4, PageDown: -4 }[
        event.key
      ];
      const to =
        { Home: 1, End: steps }[event.key] ?? (by === undefined ? undefined : lengths[sequence] + by);
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      setLength(sequence, to);
      keep();
    });
    return grip;
  }

  // ---- numbers ------------------------------------------------------------------------------------------
  function runOf(sequence: number, forgetful = ignoring): Run {
    const key = `${sequence}/${lengths[sequence]}/${forgetful}`;
    let run = runs.get(key);
    if (!run) {
      run = (forgetful ? runPadding : runSequence)(trace, feeds, sequence, lengths[sequence]);
      runs.set(key, run);
    }
    return run;
  }
  const isReverse = () => trace.layers[top].reverse;
  /** The step at which the final state is taken. */
  const finalStep = (sequence: number) => (isReverse() ? 0 : (ignoring ? steps : lengths[sequence]) - 1);
  const finalOf = (sequence: number) => runOf(sequence).at(top, "hidden", finalStep(sequence));
  const isRun = (sequence: number, t: number) => ignoring || t < lengths[sequence];
  const outputAt = (sequence: number, t: number): ArrayLike<number> | null =>
    isRun(sequence, t) ? runOf(sequence).at(top, "hidden", t) : null;

  // ---- drawing ------------------------------------------------------------------------------------------
  function lay() {
    const left = width < 520 ? 26 : 96;
    const right = width < 520 ? 66 : 108;
    const cell = Math.max(NARROWEST, Math.min(240, (width - left - right) / steps));
    return { left, cell, right, total: left + steps * cell + right };
  }

  function draw() {
    const { left, cell, right, total } = lay();
    const step = Math.min(cursor.get("step"), steps - 1);
    const chosen = Math.min(cursor.get("sequence"), sequences - 1);
    const packed = packBatch(lengths);
    const stairs = HEAD + sequences * ROW + BETWEEN;
    const height = stairs + sequences * STAIR + 26;
    set(picture, { width: total, height, viewBox: `0 0 ${total} ${height}` });
    const x = (t: number) => left + t * cell;
    const short = width < 520;
    const text = (at: number, y: number, words: string | number, name = "") =>
      s("text", { x: at, y, class: name }, words);

    const parts: SVGElement[] = [
      s("rect", { class: "rv-band", x: x(step) + 1, y: 2, width: cell - 2, height: height - 4, rx: 8 }),
    ];
    for (let t = 0; t < steps; t++)
      parts.push(
        text(x(t) + cell / 2, 20, cell < 44 ? t : `t = ${t}`, t === step ? "rv-tick rv-now" : "rv-tick"),
      );
    parts.push(text(x(steps) + right / 2 + 6, 20, short ? "h_n" : "final state", "rv-tick"));
    for (let sequence = 0; sequence < sequences; sequence++)
      parts.push(...drawRow(sequence, HEAD + sequence * ROW, sequence === chosen));

    // the packed layout, on the same time axis
    parts.push(
      text(
        0,
        stairs - 22,
        short ? "packed: longest first" : "packed: what is really computed, longest first",
        "rv-start rv-strong",
      ),
    );
    packed.sorted.forEach((sequence, place) => {
      const y = stairs + place * STAIR;
      const name = short ? `${sequence}` : `sequence ${sequence}`;
      parts.push(text(left - 10, y + 16, name, sequence === chosen ? "rv-end rv-strong" : "rv-end"));
      parts.push(
        strip(
          (t) => (t < lengths[sequence] ? runOf(sequence, false).at(top, "hidden", t) : null),
          units,
          outputScale,
          { x: x(0), y: y + 2, cell, height: STAIR - 6 },
        ),
      );
      for (let t = 0; t < lengths[sequence]; t++)
        parts.push(
          s("rect", {
            class: "rv-step-frame rv-h",
            x: x(t) + 3,
            y: y + 2,
            width: cell - 6,
            height: STAIR - 6,
            rx: 4,
          }),
        );
    });
    for (let t = 0; t < steps; t++)
      parts.push(
        text(
          x(t) + cell / 2,
          stairs + sequences * STAIR + 14,
          packed.batchSizes[t] ?? 0,
          t === step ? "rv-tick rv-now" : "rv-tick",
        ),
      );
    parts.push(text(left - 10, stairs + sequences * STAIR + 14, short ? "" : "batch_sizes", "rv-end"));
    drawn.replaceChildren(...parts);

    grips.forEach((grip, sequence) => {
      grip.setAttribute("transform", `translate(${x(lengths[sequence])} ${HEAD + sequence * ROW})`);
      grip.setAttribute("aria-valuenow", String(lengths[sequence]));
      grip.setAttribute("aria-valuetext", plural(lengths[sequence], "step"));
    });
    transport.show(step);
    say(step, chosen, packed);
  }

  function drawRow(sequence: number, y: number, chosen: boolean): SVGElement[] {
    const { left, cell, right } = lay();
    const x = (t: number) => left + t * cell;
    const length = lengths[sequence];
    const short = width < 520;
    const middle = y + ROW / 2;
    const reverse = isReverse();
    const parts: SVGElement[] = [
      s(
        "text",
        { x: left - 10, y: middle + 4, class: chosen ? "rv-end rv-strong" : "rv-end" },
        short ? sequence : `sequence ${sequence}`,
      ),
    ];
    const inputs = trace.layers[0].input;
    if (!trace.labels)
      parts.push(
        strip(
          (t) => (t < length ? inputs.data.subarray((t * sequences + sequence) * inputs.shape[2]) : null),
          inputs.shape[2],
          inputScale,
          { x: x(0), y: y + 6, cell, height: 14 },
        ),
      );
    for (let t = 0; t < steps; t++) {
      const valid = t < length;
      const box = { x: x(t) + 3, width: cell - 6, rx: 4 };
      if (!valid) parts.push(s("rect", { ...box, y: y + 6, height: 14, fill: `url(#rv-pad-${id})` }));
      if (trace.labels && valid) {
        const word = trace.labels[sequence][t] ?? "";
        // The last one leaves room for the handle at the sequence's end.
        const room = cell - (t === length - 1 ? 9 : 2);
        const { text, size } = fitWord(word, room);
        const place = { x: x(t) + 1 + room / 2, y: y + 18, class: "rv-token", style: `font-size: ${size}px` };
        parts.push(s("text", place, text === word ? null : s("title", {}, word), text));
      } else
        parts.push(
          s("rect", {
            ...box,
            y: y + 6,
            height: 14,
            class: valid ? "rv-step-frame rv-x" : "rv-step-frame rv-padded",
          }),
        );
      if (!isRun(sequence, t)) {
        parts.push(
          s("rect", { ...box, y: y + 25, height: 22, class: "rv-step-frame rv-zero" }),
          s("text", { x: x(t) + cell / 2, y: y + 40, class: "rv-tick" }, "0"),
        );
      }
      parts.push(
        s(
          "text",
          { x: x(t) + cell / 2, y: y + 66, class: valid ? "rv-mask rv-on" : "rv-mask" },
          valid ? "1" : "0",
        ),
      );
    }
    parts.push(
      strip((t) => outputAt(sequence, t), units, outputScale, { x: x(0), y: y + 25, cell, height: 22 }),
    );
    const last = finalStep(sequence);
    for (let t = 0; t < steps; t++)
      if (isRun(sequence, t)) {
        const isFinal = t === last;
        const output = s("rect", {
          class: isFinal
            ? "rv-step-frame rv-h rv-final"
            : t < length
              ? "rv-step-frame rv-h"
              : "rv-step-frame rv-h rv-stray",
          x: x(t) + 3,
          y: y + 25,
          width: cell - 6,
          height: 22,
          rx: 4,
        });
        output.addEventListener("pointermove", (event) => {
          const values = Array.from(outputAt(sequence, t)!, (value) => formatNumber(value, 2));
          const more = values.length > 6 ? ", …" : "";
          tooltip.show(
            `h of sequence ${sequence} at t = ${t}: ${values.slice(0, 6).join(", ")}${more}`,
            event.clientX,
            event.clientY,
          );
        });
        output.addEventListener("pointerleave", tooltip.hide);
        output.addEventListener("click", () => cursor.move({ step: t, sequence }));
        parts.push(output);
      }
    // from the last valid step to the table of final states
    const end = x(steps) + 14;
    const from = reverse ? x(0) + 8 : x(last) + cell - 8;
    parts.push(
      s("path", {
        class: "rv-final-wire",
        d: `M${from} ${y + 47}v3q0 4 4 4H${end - 8}q6 0 6 -5v-7q0 -6 6 -6h3`,
      }),
      strip(
        () => finalOf(sequence),
        units,
        outputScale,
        { x: end + 6, y: y + 25, cell: right - 24, height: 22 },
        1,
      ),
      s("rect", {
        class: "rv-step-frame rv-h rv-final",
        x: end + 9,
        y: y + 25,
        width: right - 30,
        height: 22,
        rx: 4,
      }),
    );
    if (reverse) {
      const start = (ignoring ? steps : length) - 1;
      parts.push(
        s("path", {
          class: "rv-final-wire",
          d: `M${x(start) + cell - 8} ${y + 22}H${x(start) + 10}l5 -3m-5 3l5 3`,
        }),
        s("title", {}, `The reverse direction starts at t = ${start}`),
      );
    }
    return parts;
  }

  /** Vectors side by side, one a step, cut apart so that their frames have room. */
  function strip(
    vector: (t: number) => ArrayLike<number> | null,
    size: number,
    scale: Scale,
    place: { x: number; y: number; cell: number; height: number },
    count = steps,
  ): SVGElement {
    const canvas = document.createElement("canvas");
    const vectors = Array.from({ length: count }, (_, t) => vector(t));
    // Of a thousand units, those shown that a screen has pixels for.
    const shown = Math.max(1, Math.min(size, Math.floor(4096 / count)));
    const at = (_: number, column: number) =>
      vectors[Math.floor(column / shown)]?.[Math.floor(((column % shown) * size) / shown)] ?? Number.NaN;
    paintMap(canvas, { rows: 1, columns: shown * count, at }, scale);
    const href = canvas.toDataURL();
    const stretched = { preserveAspectRatio: "none", height: 1 };
    return s(
      "g",
      {},
      ...vectors.map((each, t) =>
        each
          ? s(
              "svg",
              {
                x: place.x + t * place.cell + 3,
                y: place.y,
                width: place.cell - 6,
                height: place.height,
                viewBox: `${t * shown} 0 ${shown} 1`,
                preserveAspectRatio: "none",
              },
              s("image", { ...stretched, href, width: shown * count, style: "image-rendering: pixelated" }),
            )
          : s("g"),
      ),
    );
  }

  function say(step: number, chosen: number, packed: ReturnType<typeof packBatch>) {
    const list = (numbers: number[]) => `[${numbers.join(", ")}]`;
    const isSorted = packed.sorted.every((sequence, place) => sequence === place);
    packedWords.replaceChildren(
      h("code", {}, `lengths = ${list(lengths)}`),
      h("code", {}, `batch_sizes = ${list(packed.batchSizes)}`),
      h("code", {}, isSorted ? "sorted already" : `sorted_indices = ${list(packed.sorted)}`),
      h("code", { hidden: isSorted }, `unsorted_indices = ${list(packed.unsorted)}`),
    );
    const length = lengths[chosen];
    const total = lengths.reduce((sum, each) => sum + each, 0);
    const share = Math.round(100 * sharePadding(lengths));
    const finalAt = finalStep(chosen);
    const taken = `Its final state is taken at t = ${finalAt}`;
    const about = isReverse()
      ? `Backwards, sequence ${chosen} starts at t = ${(ignoring ? steps : length) - 1}. ${taken}.`
      : `Sequence ${chosen} has ${plural(length, "step")}. ${taken}.`;
    const now =
      step < length
        ? `At t = ${step} it is running.`
        : ignoring
          ? `At t = ${step} it has ended, and the layer reads padding: its state drifts on.`
          : `At t = ${step} it has ended: its output is 0, and its state is kept.`;
    const cost = ignoring
      ? "Without lengths every padded step is computed, and final states are those after the padding."
      : `Packed, ${total} steps are computed; ${share} % of the padded batch is padding.`;
    story.textContent = `${about} ${now} ${cost}`;
  }

  // ---- taking away --------------------------------------------------------------------------------------
  function tabulate(): string {
    const names = Array.from({ length: units }, (_, unit) => `h${unit}`).join(",");
    const lines = [`sequence,step,mask,final,${names}`];
    for (let sequence = 0; sequence < sequences; sequence++)
      for (let t = 0; t < steps; t++) {
        const values = outputAt(sequence, t) ?? new Array(units).fill(0);
        const flags = [Number(t < lengths[sequence]), Number(t === finalStep(sequence))];
        lines.push([sequence, t, ...flags, ...Array.from(values)].join(","));
      }
    return `${lines.join("\n")}\n`;
  }
  function writeLines(): string {
    const { input } = trace.layers[0];
    const options = [
      input.shape[2],
      units,
      ...(layers > 1 ? [`num_layers=${layers}`] : []),
      ...(tops.length > 1 ? ["bidirectional=True"] : []),
      ...(trace.layers[0].nonlinearity === "relu" ? ['nonlinearity="relu"'] : []),
    ];
    return [
      "import torch",
      "import rnnviz_widgets as rw",
      "",
      `model = torch.nn.${kind}(${options.join(", ")})  # or your own`,
      `x = torch.randn(${input.shape.join(", ")})  # (time, batch, feature)`,
      `lengths = torch.tensor([${lengths.join(", ")}])`,
      "packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)",
      "output, final = model(packed)",
      "output, lengths = torch.nn.utils.rnn.pad_packed_sequence(output)",
      "rw.LengthsExplorer(model, x, lengths.tolist())",
      "",
    ].join("\n");
  }

  function chooseScales() {
    const bounded = trace.layers[top].nonlinearity !== "relu";
    const largest = (values: Float32Array) =>
      values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0) ||
      1;
    outputScale = scaleOf(
      root,
      "hidden",
      bounded ? 1 : largest(trace.layers[top].arrays.get("hidden")!.data),
    );
    inputScale = scaleOf(root, "hidden", largest(trace.layers[0].input.data));
  }
  chooseScales();
  onTheme(signal, () => {
    chooseScales();
    paint();
  });
  onWidth(frame, signal, (now) => {
    width = now;
    paint();
  });
  cursor.on(paint);
});
