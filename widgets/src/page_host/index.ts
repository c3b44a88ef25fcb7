// The widgets of a lesson before its kernel is there, or without one: drawn from a snapshot, handed over in place.
// Loaded by our own pages as an ordinary script, which also works from a file; everything else is a widget's module.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { h } from "../lib/page/dom";
import type { Kernel } from "../lib/page/kernel";
import { layOutputs, type Output, PageHost, type Snapshot } from "./host";
import { PageModel } from "./model";

/** What a page's own script tag says of it. */
interface Settings {
  /** Where modules lie, such as "/rnnviz/static/". */
  modules: string;
  version: string;
  kernel: Kernel;
  /** Whether modules come as ordinary scripts, which is all that a page from a file may load. */
  asScripts: boolean;
}

/** How long a cell's live outputs may take after the whole lesson has run, before they are shown as they are. */
const PATIENCE = 10_000;
/** How long a widget's own state may take after the widget. */
const LATE = 2000;

interface Arrival {
  props: RenderProps;
  draw: () => Promise<void>;
}

export interface Page {
  /** Whether the page may already show this widget. */
  expects(model: AnyModel): boolean;
  /** Hands a kernel's widget in, to be put where the page shows it already, or to be drawn with `draw`. */
  take(props: RenderProps, draw: () => Promise<void>): void;
  show(snapshot: Snapshot): void;
  /** A module of the widgets, or plotly's script, loaded once a page. */
  load(module: string, version?: string): Promise<unknown>;
}

declare global {
  interface Window {
    rnnvizPage?: Page;
    /** Sources of modules by name, as their scripts have left them; see Settings.asScripts. */
    rnnvizModules?: Record<string, string>;
  }
}

/** One cell's outputs, drawn from the snapshot, until the kernel's take their place. */
class StandIn {
  readonly element: HTMLElement;
  readonly controller = new AbortController();
  private readonly views: { id: string; el: HTMLElement }[];
  private arrived: Arrival[] = [];
  private drawn: Promise<unknown> = Promise.resolve();
  private over = false;

  constructor(
    readonly cell: HTMLElement,
    outputs: Output[],
    private readonly page: PageHost,
  ) {
    const { element, views } = layOutputs(outputs);
    this.views = views;
    this.element = h("div", { class: "page-stand-in" }, element);
    cell.classList.add("page-stands-in");
    // In front of what Voilà fills, which is the cell's last element.
    cell.insertBefore(this.element, cell.querySelector(":scope > .jp-Cell"));
    if (views.length === 0) this.waitForText(outputs.length);
  }

  draw(): Promise<unknown> {
    this.drawn = Promise.all(this.views.map(({ id, el }) => this.page.draw(id, el, this.controller.signal)));
    return this.drawn;
  }

  arrive(arrival: Arrival): void {
    if (this.over) return void arrival.draw();
    // Drawn once, whether it is found to differ or waited for in vain, or both.
    let drawn: Promise<void> | undefined;
    this.arrived.push({ ...arrival, draw: () => (drawn ??= arrival.draw()) });
    if (this.arrived.length === this.views.length) void this.handOver();
  }

  private async handOver(): Promise<void> {
    const follows = Node.DOCUMENT_POSITION_FOLLOWING;
    this.arrived.sort((a, b) => (a.props.el.compareDocumentPosition(b.props.el) & follows ? -1 : 1));
    // Outputs and widgets' messages come over two sockets: a widget may be there before the last of what it shows.
    let adopt = await this.compare();
    for (let waited = 0; waited < LATE && !adopt.every(Boolean); waited += 100) {
      await sleep(100);
      adopt = await this.compare();
    }
    // What is drawn afresh is drawn behind the curtain.
    await Promise.all(this.arrived.map(({ draw }, at) => (adopt[at] ? undefined : draw())));
    await this.drawn;
    await handsOff();
    if (this.over) return;
    for (const [at, { props }] of this.arrived.entries()) {
      if (!adopt[at]) continue;
      for (const node of [...this.views[at].el.childNodes]) move(node, props.el);
      props.signal.addEventListener("abort", () => this.controller.abort());
    }
    if (adopt.some((same) => !same)) this.keepFocus();
    this.end(adopt.every(Boolean));
  }

  private compare(): Promise<boolean[]> {
    return Promise.all(
      this.arrived.map(({ props: { model, host, signal } }, at) =>
        this.page.match(this.views[at].id, model, host, signal),
      ),
    );
  }

  /** The keyboard stays where it is, also where a widget was drawn afresh. */
  private keepFocus(): void {
    const focused = document.activeElement;
    if (!focused || !this.element.contains(focused)) return;
    const places = (root: Element) => [...root.querySelectorAll<HTMLElement>(focused.localName)];
    const wrapper = this.cell.querySelector(":scope > .jp-Cell");
    const at = places(this.element).indexOf(focused as HTMLElement);
    this.cell.classList.remove("page-stands-in");
    if (wrapper) places(wrapper)[at]?.focus({ preventScroll: true });
  }

  private waitForText(count: number): void {
    const observer = new MutationObserver(() => {
      const outputs = [...this.cell.querySelectorAll(":scope > .jp-Cell .jp-OutputArea-output")];
      if (outputs.length < count || outputs.some((output) => !output.hasChildNodes())) return;
      observer.disconnect();
      this.end(false);
    });
    observer.observe(this.cell, { childList: true, subtree: true });
    this.controller.signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Shows what the kernel has sent, whatever it is. */
  giveUp(): void {
    if (this.over) return;
    for (const { draw } of this.arrived) void draw();
    this.end(false);
  }

  private end(adopted: boolean): void {
    this.over = true;
    this.element.remove();
    this.cell.classList.remove("page-stands-in");
    if (!adopted) this.controller.abort();
    performance.mark("rnnviz:handed-over");
  }
}

function makePage(settings: Settings): Page {
  const standIns = new Map<HTMLElement, StandIn>();
  const loading = new Map<string, Promise<unknown>>();

  function load(module: string, version = settings.version): Promise<unknown> {
    let loaded = loading.get(module);
    if (!loaded) {
      const address = `${settings.modules}${module}.js?v=${version}`;
      loaded = settings.asScripts ? loadScript(module, address).then(importText) : import(address);
      loading.set(module, loaded);
    }
    return loaded;
  }

  function show(snapshot: Snapshot): void {
    const page = new PageHost(snapshot, settings.kernel, load);
    const begin = () => {
      for (const [number, outputs] of Object.entries(snapshot.cells)) {
        const cell = document.querySelector<HTMLElement>(`[cell-index="${number}"]`);
        if (!cell || standIns.has(cell)) continue;
        standIns.set(cell, new StandIn(cell, outputs, page));
      }
      void drawAll();
    };
    const drawAll = async () => {
      const drawn = [...standIns.values()].map(async (standIn) => {
        try {
          await standIn.draw();
          performance.mark("rnnviz:drawn");
        } catch (error) {
          console.warn("A widget could not be drawn from the page's snapshot.", error);
          standIn.giveUp();
        }
      });
      await Promise.all(drawn);
      document.body.dataset.standIn = "ready";
    };
    // The text of the page ends with this element; the kernel may still be far away.
    if (document.querySelector(".page-end")) begin();
    else {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(".page-end")) return;
        observer.disconnect();
        begin();
      });
      observer.observe(document, { childList: true, subtree: true });
    }
  }

  const settle = new MutationObserver(() => {
    if (document.body.dataset.lesson !== "ready") return;
    settle.disconnect();
    setTimeout(() => {
      for (const standIn of standIns.values()) standIn.giveUp();
    }, PATIENCE);
  });
  if (settings.kernel === "starting")
    settle.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-lesson"],
      subtree: true,
    });

  return {
    show,
    load,
    expects: (model) => standIns.size > 0 && !(model instanceof PageModel),
    take(props, draw) {
      void (async () => {
        // Jupyter puts a widget into the page only once it says that it is drawn.
        for (let waited = 0; !props.el.isConnected && waited < 10_000; waited += 16) await sleep(16);
        const cell = props.el.closest<HTMLElement>("[cell-index]");
        const standIn = cell ? standIns.get(cell) : undefined;
        if (standIn && !props.el.parentElement?.closest(".rnnviz")) standIn.arrive({ props, draw });
        else await draw();
      })();
    },
  };
}

/** The source of a module that a script beside the page holds as text. */
function loadScript(module: string, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = h("script", { src: address });
    script.onload = () => {
      const source = window.rnnvizModules?.[module];
      if (source) resolve(source);
      else reject(new Error(`${address} does not hold ${module}.`));
    };
    script.onerror = () => reject(new Error(`${address} is not there.`));
    document.head.append(script);
  });
}

async function importText(source: string): Promise<unknown> {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Resolves when nothing is being dragged: an element that moves in the tree loses its pointer. */
function handsOff(): Promise<void> {
  if (!pressed) return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (pressed) return;
      for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, look, true);
      setTimeout(done, 0);
    };
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, look, true);
  });
}
let pressed = false;
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel"])
  document.addEventListener(name, () => (pressed = false), true);

/** Moves a node with its focus, its scroll position and its animations, where the browser can. */
function move(node: ChildNode, to: HTMLElement): void {
  const target = to as HTMLElement & { moveBefore?: (node: Node, before: Node | null) => void };
  const focused = document.activeElement;
  if (target.moveBefore) target.moveBefore(node, null);
  else {
    target.append(node);
    if (focused instanceof HTMLElement && node.contains(focused)) focused.focus({ preventScroll: true });
  }
}

const { modules = "", version = "", kernel = "none", as } = (document.currentScript as HTMLElement).dataset;
window.rnnvizPage = makePage({
  modules: new URL(modules, document.baseURI).href,
  version,
  kernel: kernel as Kernel,
  asScripts: as === "scripts",
});
