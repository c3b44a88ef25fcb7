// Loads plotly's script once a page: over HTTP from the page's own server, which lets the browser keep it, and
// through the kernel only where no server of ours answers (VS Code, Colab, another front end).
import type { AnyModel } from "@anywidget/types";
import { knowsKernel } from "../page/kernel";

/** The figure element that plotly draws in. */
export interface PlotlyElement extends HTMLElement {
  on(event: string, handler: (data: Record<string, unknown>) => void): void;
  layout: Record<string, { range?: [number, number]; type?: string; ticktext?: string[] } | undefined>;
}

export interface Plotly {
  react(element: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<PlotlyElement>;
  relayout(element: HTMLElement, layout: unknown): Promise<PlotlyElement>;
  purge(element: HTMLElement): void;
  /** A data URL. */
  toImage(element: HTMLElement, options: unknown): Promise<string>;
  Plots: { resize(element: HTMLElement): Promise<void> };
}

interface StockWidget {
  initialize(context: unknown): void;
  render(context: { el: HTMLElement }): () => void;
}

export interface PlotlyModule {
  Plotly: Plotly;
  /** What plotly's own FigureWidget runs in the page. */
  makeWidget: () => StockWidget;
}

interface Script {
  default: PlotlyModule["makeWidget"];
}

const SCRIPT = "rnnviz/static/plotly-widget.js";
/** Longer than a slow connection needs for a megabyte and a half. */
const PATIENCE = 60_000;

interface Loading {
  module: Promise<PlotlyModule>;
  asker: AnyModel;
}
const page = globalThis as unknown as { rnnvizPlotly?: Loading | undefined; Plotly?: Plotly };

/**
 * The script, loaded by whichever widget asks first; `model` is asked to send it where no server has it. A widget of
 * a snapshot may have asked first, and hears nothing before Python is there, or leaves the page when Python's own
 * takes its place: then the others ask for themselves.
 */
export async function loadPlotly(model: AnyModel, signal: AbortSignal): Promise<PlotlyModule> {
  for (;;) {
    const earlier = page.rnnvizPlotly;
    const ours = !earlier || (isAsleep(earlier.asker) && !isAsleep(model));
    const loading = ours ? { module: load(model, signal), asker: model } : earlier;
    page.rnnvizPlotly = loading;
    try {
      return await loading.module;
    } catch (error) {
      if (page.rnnvizPlotly === loading) page.rnnvizPlotly = undefined; // so that the next widget may try again
      if (ours || signal.aborted) throw error;
    }
  }
}

/** Whether no Python stands behind the widget yet. */
const isAsleep = (model: AnyModel) => knowsKernel(model) && model.kernel === "starting";

/** A page of ours has the script beside the widgets' own; see src/page_host. */
interface Page {
  load(module: string, version: string): Promise<unknown>;
}

async function load(model: AnyModel, signal: AbortSignal): Promise<PlotlyModule> {
  const version: string = model.get("_plotly_version");
  const address = scriptAddress(document, version);
  let script: Script | undefined;
  const own = (window as Window & { rnnvizPage?: Page }).rnnvizPage;
  if (own) script = (await own.load("plotly-widget", version).catch(() => undefined)) as Script | undefined;
  else if (address) script = await import(address).catch(() => undefined);
  if (!page.Plotly || !script) {
    const url = URL.createObjectURL(await askKernel(model, signal));
    script = (await import(url)) as Script;
    URL.revokeObjectURL(url);
  }
  if (!page.Plotly) throw new Error("Plotly's script was loaded, but is not the one this widget knows.");
  return { Plotly: page.Plotly, makeWidget: script.default };
}

/** Where the page's own server has the script; null on a page that comes from no Jupyter server. */
export function scriptAddress(document: Document, version: string): string | null {
  const text = document.getElementById("jupyter-config-data")?.textContent;
  if (!text) return null;
  try {
    const { baseUrl } = JSON.parse(text) as { baseUrl?: string };
    if (!baseUrl) return null;
    const slash = baseUrl.endsWith("/") ? "" : "/";
    return new URL(`${baseUrl}${slash}${SCRIPT}?v=${encodeURIComponent(version)}`, document.baseURI).href;
  } catch {
    return null;
  }
}

async function askKernel(model: AnyModel, signal: AbortSignal): Promise<Blob> {
  const packed = await new Promise<DataView>((resolve, reject) => {
    const fail = (reason: string) => () =>
      reject(new Error(`Plotly's script could not be loaded: ${reason}`));
    const timer = setTimeout(
      fail("the server does not have it and Python does not answer. Run the cell again."),
      PATIENCE,
    );
    const receive = (message: { kind?: string }, buffers: DataView[]) => {
      if (message.kind !== "plotly-script") return;
      clearTimeout(timer);
      model.off("msg:custom", receive);
      resolve(buffers[0]);
    };
    model.on("msg:custom", receive);
    if (signal.aborted) fail("the widget was removed.")();
    signal.addEventListener("abort", fail("the widget was removed."));
    model.send({ kind: "plotly-script" });
  });
  const bytes = new Uint8Array(packed.buffer as ArrayBuffer, packed.byteOffset, packed.byteLength);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Blob([await new Response(unpacked).arrayBuffer()], { type: "text/javascript" });
}
