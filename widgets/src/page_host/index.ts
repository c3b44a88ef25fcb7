// The widgets of a lesson before its kernel is there, or without one: drawn from a snapshot, handed over in place.
// Loaded by our own pages as an ordinary script, which also works from a file; everything else is a widget's module.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { h } from "../lib/page/dom";
import type { Kernel } from "../lib/page/kernel";
import { PageHost, type Snapshot } from "./host";
import { PageModel } from "./model";
import { StandIn } from "./stand_in";

/** What a page's own script tag says of it. */
interface Settings {
  /** Where modules lie, such as "/rnnviz/static/". */
  modules: string;
  version: string;
  kernel: Kernel;
  /** Whether a snapshot is on its way. */
  snapshotDue: boolean;
  /** Whether modules come as ordinary scripts, which is all that a page from a file may load. */
  asScripts: boolean;
}

/** How long a cell's live outputs may take after the whole lesson has run, before they are shown as they are. */
const PATIENCE = 10_000;
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

function makePage(settings: Settings): Page {
  const standIns = new Map<HTMLElement, StandIn>();
  /** Cells that show a kernel's widget: a snapshot that comes later than that is too late for them. */
  const live = new WeakSet<HTMLElement>();
  let settled = false;
  const loading = new Map<string, Promise<unknown>>();

  function load(module: string, version = settings.version): Promise<unknown> {
    let loaded = loading.get(module);
    if (!loaded) {
      const address = `${settings.modules}${module}.js?v=${version}`;
      loaded = settings.asScripts ? loadScript(module, address).then(importText) : import(address);
      loading.set(module, loaded);
      // What a busy server did not send may come when it is asked again.
      loaded.catch(() => loading.delete(module));
    }
    return loaded;
  }

  function show(snapshot: Snapshot): void {
    const page = new PageHost(snapshot, settings.kernel, load);
    const begin = () => {
      for (const [number, outputs] of Object.entries(snapshot.cells)) {
        const cell = document.querySelector<HTMLElement>(`[cell-index="${number}"]`);
        if (!cell || standIns.has(cell) || live.has(cell) || settled) continue;
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
          void standIn.giveUp();
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
      settled = true;
      for (const standIn of standIns.values()) void standIn.giveUp();
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
    expects: (model) => (standIns.size > 0 || settings.snapshotDue) && !(model instanceof PageModel),
    take(props, draw) {
      void (async () => {
        // Jupyter puts a widget into the page only once it says that it is drawn.
        for (let waited = 0; !props.el.isConnected && waited < 10_000; waited += 16) await sleep(16);
        const cell = props.el.closest<HTMLElement>("[cell-index]");
        const standIn = cell ? standIns.get(cell) : undefined;
        if (standIn && !props.el.parentElement?.closest(".rnnviz")) {
          standIn.arrive({ props, draw });
          return;
        }
        if (cell) live.add(cell);
        await draw();
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

const script = document.currentScript as HTMLElement;
const { modules = "", version = "", kernel = "none", snapshot, as } = script.dataset;
window.rnnvizPage = makePage({
  modules: new URL(modules, document.baseURI).href,
  version,
  kernel: kernel as Kernel,
  snapshotDue: snapshot === "due",
  asScripts: as === "scripts",
});
