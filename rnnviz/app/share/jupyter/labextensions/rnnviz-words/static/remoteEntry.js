// A link such as glossary.ipynb#hidden-state, in JupyterLab. It opens the notebook and looks for the word at once,
// before the text is drawn, finds nothing and stays at the top. Here the look is taken again when there is something
// to see. It works without a kernel, so that a word can be looked up before a lesson has run.
(function () {
  "use strict";

  const FOLLOW = "rendermime:handle-local-link";
  /** How long a notebook may take to open. */
  const PATIENCE_MS = 20_000;
  const EVERY_MS = 50;

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  async function lead(app, path, fragment) {
    const word = decodeURIComponent(fragment.replace(/^#/, ""));
    const name = CSS.escape(word);
    for (let waited = 0; waited < PATIENCE_MS; waited += EVERY_MS, await wait(EVERY_MS)) {
      const panel = [...app.shell.widgets("main")].find((widget) => widget.context?.path === path);
      // Closed again, or another tab was chosen meanwhile: the reader is elsewhere.
      if (!panel?.isVisible) {
        if (waited > 1000) return;
        continue;
      }
      if (!panel.context.isReady || !panel.content?.setFragment) continue;
      const heading = panel.node.querySelector(`:is([id="${name}"], [data-jupyter-id="${name}"])`);
      if (!heading) {
        // Cells far away are not drawn; their headings are known all the same, and the cell is brought into view.
        await panel.content.setFragment(`#heading=${word}`);
        continue;
      }
      await panel.content.setFragment(`#${word}`);
      // Cells above it may still grow when they are drawn: it has arrived when it stays in view.
      await wait(150);
      const { top, bottom } = panel.content.node.getBoundingClientRect();
      const at = heading.getBoundingClientRect().top;
      if (at >= top - 2 && at < bottom) return;
    }
  }

  const plugin = {
    id: "rnnviz-words:plugin",
    autoStart: true,
    activate(app) {
      app.commands.commandExecuted.connect((_, { id, args }) => {
        if (id === FOLLOW && args.id && String(args.path).endsWith(".ipynb"))
          void lead(app, String(args.path), String(args.id));
      });
    },
  };

  // The form in which JupyterLab's own build tools pack an extension.
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["rnnviz-words"] = {
    init() {},
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
  };
})();
