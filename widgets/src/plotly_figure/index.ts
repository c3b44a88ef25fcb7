// A plotly figure whose script is loaded once a page, in the course's look.
import type { AnyModel, RenderProps } from "@anywidget/types";
import type { Plotly } from "../lib/draw/plotly";
import { loadPlotly } from "../lib/draw/plotly";
import { h } from "../lib/page/dom";
import { handIn, messageOf, onWidth } from "../lib/page/widget";

/** How long a page waits for Python to say how the figure is now; a page without Python shows it as it was. */
const PATIENCE = 1500;

export default () => {
  let ready: Promise<Plotly> | undefined;
  let draw =
    (_el: HTMLElement): (() => void) =>
    () => {};
  const views = new Set<() => void>();

  /**
   * Makes plotly's own model. Python tells of changes in messages that only this model understands, and that are
   * lost until it is there; so Python is asked for the whole figure first.
   */
  async function begin(context: RenderProps): Promise<Plotly> {
    const { Plotly, makeWidget } = await loadPlotly(context.model, context.signal);
    await askForState(context.model, () => {
      for (const again of views) again();
    });
    const widget = makeWidget();
    const { model, forgetView } = watchListeners(context.model);
    widget.initialize({ ...context, model });
    draw = (el) => {
      forgetView();
      const remove = widget.render({ el });
      const stop = forgetView();
      return () => {
        stop();
        remove();
      };
    };
    return Plotly;
  }

  return {
    // Not in `initialize`: anywidget gives up on a widget that takes two seconds for that.
    render: (context: RenderProps) => handIn(context, () => show(context)),
  };

  async function show(context: RenderProps): Promise<void> {
    const root = h("section", { class: "rnnviz rnnviz-plotly" });
    root.append(h("p", { class: "rv-note", role: "status" }, "Loading the plot …"));
    context.el.append(root);
    try {
      ready ??= begin(context);
      const library = await ready;
      if (context.signal.aborted) return;
      let figure = h("div");
      let purge = () => {};
      const show = () => {
        purge();
        figure = h("div");
        root.replaceChildren(figure);
        purge = draw(figure);
      };
      show();
      views.add(show);
      context.signal.addEventListener("abort", () => {
        views.delete(show);
        purge();
      });
      // Plotly listens to the window only; a card also changes its width with a side bar.
      onWidth(root, context.signal, () => {
        if (figure.classList.contains("js-plotly-plot") && figure.offsetParent)
          void library.Plots.resize(figure);
      });
    } catch (error) {
      ready = undefined;
      root.replaceChildren(h("p", { class: "rv-error", role: "alert" }, messageOf(error)));
    }
  }
};

/** Returns when the model holds the figure as it is now, or after a while; `late` is called if it comes later. */
function askForState(model: AnyModel, late: () => void): Promise<void> {
  return new Promise((resolve) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      resolve();
    }, PATIENCE);
    const receive = (message: { kind?: string }) => {
      if (message.kind !== "state") return;
      model.off("msg:custom", receive);
      clearTimeout(timer);
      if (waiting) resolve();
      else late();
    };
    model.on("msg:custom", receive);
    model.send({ kind: "state" });
  });
}

/**
 * Plotly's view listens to its model for ever, and stumbles over the next message once its plot is gone. This model
 * notes who starts to listen; `forgetView` gives back what silences all listeners noted since it was last called.
 */
function watchListeners(model: AnyModel): { model: AnyModel; forgetView: () => () => void } {
  let noted: (() => void)[] = [];
  const watched = new Proxy(model, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      if (key !== "on") return value.bind(target);
      return (event: string, listener: () => void) => {
        noted.push(() => target.off(event, listener));
        target.on(event, listener);
      };
    },
  });
  const forgetView = () => {
    const own = noted;
    noted = [];
    return () => {
      for (const stop of own) stop();
    };
  };
  return { model: watched, forgetView };
}
