// Draws the widgets of a snapshot in the page, as Jupyter's own host does for those of a kernel.
import type { AnyModel, Host, RenderProps, ResolvedWidget } from "@anywidget/types";
import { h } from "../lib/page/dom";
import type { Kernel } from "../lib/page/kernel";
import { PageModel, sameValue } from "./model";

/** What a server, or `rnnviz export`, has kept of a lesson that ran to its end. */
export interface Snapshot {
  models: Record<string, Kept>;
  /** By the number of the cell on the page, counted from 1. */
  cells: Record<string, Output[]>;
}
interface Kept {
  module: string;
  state: Record<string, unknown>;
  /** Where in the state a buffer belongs, and the buffer in base64. */
  buffers?: [path: (string | number)[], bytes: string][];
}
export type Output =
  | { view: string }
  | { stream: string; text: string }
  | { html: string }
  | { image: string; type: string; alt: string };

interface Definition {
  initialize?(props: unknown): unknown;
  render?(props: RenderProps): unknown;
}
type Module = { default: Definition | (() => Definition | Promise<Definition>) };

const REFERENCE = "anywidget:";
/** The cursor is where the reader is; it never tells two runs of a lesson apart. */
const CURSOR = "cursor";

export class PageHost {
  private readonly models = new Map<string, PageModel>();
  private readonly definitions = new Map<string, Promise<Definition>>();
  private readonly matched = new Map<string, Promise<boolean>>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly standing: Kernel,
    private readonly load: (module: string) => Promise<unknown>,
  ) {}

  readonly host: Host = {
    getModel: async <T extends Record<string, unknown>>(reference: string) =>
      this.model(reference.slice(REFERENCE.length)) as unknown as AnyModel<T>,
    getWidget: async <T>(reference: string): Promise<ResolvedWidget<T>> => ({
      exports: undefined as T,
      render: ({ el, signal }) =>
        this.draw(reference.slice(REFERENCE.length), el, signal ?? new AbortController().signal),
    }),
  };

  model(id: string): PageModel {
    let model = this.models.get(id);
    if (!model) {
      const kept = this.snapshot.models[id];
      if (!kept) throw new Error(`The page's snapshot has no widget ${id}.`);
      model = new PageModel(unpack(kept), this.standing, (ref) => this.host.getModel(ref));
      this.models.set(id, model);
    }
    return model;
  }

  async draw(id: string, el: HTMLElement, signal: AbortSignal): Promise<void> {
    const model = this.model(id) as unknown as AnyModel;
    if (!this.definitions.has(id)) this.definitions.set(id, this.define(id, model, signal));
    const definition = await this.definitions.get(id)!;
    await definition.render?.({ model, el, signal, host: this.host } as RenderProps);
  }

  private async define(id: string, model: AnyModel, signal: AbortSignal): Promise<Definition> {
    const { default: made } = (await this.load(this.snapshot.models[id].module)) as Module;
    const definition = typeof made === "function" ? await made() : made;
    await definition.initialize?.({ model, signal, host: this.host });
    return definition;
  }

  /**
   * Whether a kernel's model is what the snapshot has under `id`, with everything it refers to. Where it is, the
   * page's models are connected to the kernel's.
   */
  match(id: string, live: AnyModel, host: Host, signal: AbortSignal): Promise<boolean> {
    let found = this.matched.get(id);
    if (!found) {
      found = this.compare(id, live, host, signal).then((same) => {
        // What is not the same may be so in a moment, when the rest of the kernel's messages are there.
        if (!same) this.matched.delete(id);
        return same;
      });
      this.matched.set(id, found);
    }
    return found;
  }

  private async compare(id: string, live: AnyModel, host: Host, signal: AbortSignal): Promise<boolean> {
    const own = this.model(id);
    if (this.snapshot.models[id].module === CURSOR) {
      own.connect(live, signal);
      return true;
    }
    let same = true;
    for (const [name, value] of Object.entries(own.initial)) {
      const theirs: unknown = live.get(name);
      const isReference = (thing: unknown) => typeof thing === "string" && thing.startsWith(REFERENCE);
      if (isReference(value) && isReference(theirs)) {
        const child = await host.getModel(theirs as string);
        if (!(await this.match((value as string).slice(REFERENCE.length), child, host, signal))) same = false;
      } else if (!sameValue(value, theirs)) same = false;
    }
    if (same) own.connect(live, signal);
    return same;
  }
}

function unpack(kept: Kept): Record<string, unknown> {
  const state = structuredClone(kept.state);
  for (const [path, text] of kept.buffers ?? []) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    // biome-ignore lint/suspicious/noExplicitAny: a path leads through lists and records of any kind
    const parent: any = path.slice(0, -1).reduce((thing: any, step) => thing[step], state);
    parent[path[path.length - 1]] = new DataView(bytes.buffer);
  }
  return state;
}

/** The elements that Jupyter would make for a cell's outputs; `views` are those that widgets draw in, in order. */
export function layOutputs(outputs: Output[]): {
  element: HTMLElement;
  views: { id: string; el: HTMLElement }[];
} {
  const views: { id: string; el: HTMLElement }[] = [];
  const area = h("div", { class: "lm-Widget jp-OutputArea jp-Cell-outputArea" });
  for (const output of outputs) {
    const place = h("div", { class: "lm-Widget jp-OutputArea-output" });
    if ("view" in output) {
      const el = h("div", { class: "lm-Widget jupyter-widgets" });
      views.push({ id: output.view, el });
      place.append(el);
    } else if ("stream" in output) {
      place.classList.add("jp-RenderedText");
      place.dataset.mimeType = `application/vnd.jupyter.${output.stream}`;
      place.append(h("pre", {}, output.text));
    } else if ("html" in output) {
      place.classList.add("jp-RenderedHTMLCommon", "jp-RenderedHTML");
      place.innerHTML = output.html;
    } else {
      place.classList.add("jp-RenderedImage");
      place.append(h("img", { src: `data:${output.type};base64,${output.image}`, alt: output.alt }));
    }
    area.append(h("div", { class: "lm-Widget lm-Panel jp-OutputArea-child" }, place));
  }
  return { element: h("div", { class: "jp-Cell-outputWrapper" }, area), views };
}
