// The page around a lesson or the gallery: light or dark, and how far the lesson's cells have run.
(function () {
  "use strict";

  const button = document.querySelector(".page-theme");
  const isDark = () => document.body.dataset.jpThemeLight === "false";

  function setTheme(dark) {
    document.body.dataset.jpThemeLight = String(!dark);
    document.body.dataset.jpThemeName = dark ? "JupyterLab Dark" : "JupyterLab Light";
    button.setAttribute("aria-pressed", String(dark));
  }

  if (button) {
    setTheme(isDark());
    button.addEventListener("click", () => {
      setTheme(!isDark());
      try {
        localStorage.setItem("rnnviz-theme", isDark() ? "dark" : "light");
      } catch (_) {
        // Storage may be switched off; the page still changes.
      }
    });
    const prefersDark = matchMedia("(prefers-color-scheme: dark)");
    const forced = matchMedia("(forced-colors: active)");
    const follow = () => {
      let chosen = null;
      try {
        chosen = localStorage.getItem("rnnviz-theme");
      } catch (_) {
        // As above.
      }
      if (forced.matches || !chosen) setTheme(prefersDark.matches);
    };
    for (const setting of [prefersDark, forced]) setting.addEventListener("change", follow);
  }

  // What scrolls sideways has to be reached by the keyboard, and only then.
  const boxes = ["pre", ".page-formula", ".jp-RenderedHTMLCommon"].map((box) => `#rendered_cells ${box}`).join();
  const reach = () => {
    for (const box of document.querySelectorAll(boxes)) {
      const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
      if (scrolls) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  };
  // Outputs come later than the page, and a fold or a covered part may hold more of them. Widgets draw all the time.
  let due = 0;
  const reachSoon = () => {
    due ||= setTimeout(() => {
      due = 0;
      reach();
    }, 500);
  };
  window.addEventListener("resize", reachSoon);
  for (const event of ["click", "toggle"]) document.addEventListener(event, reachSoon, true);
  // In a dashboard this script runs before the text is there.
  new MutationObserver(reachSoon).observe(document.body, { childList: true, subtree: true });
  reach();

  const progress = document.querySelector(".page-progress");
  if (!progress) return;

  // anywidget gives a widget up that is not there after two seconds. While a lesson runs, the page and its kernel
  // share a small machine, and a widget may take longer; it is shown whenever it comes.
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => timeout(milliseconds === 2000 ? 120_000 : milliseconds);
  // The widgets do the same where no page of ours has; one of the two is enough.
  window.rnnvizPatience = true;

  const text = progress.querySelector(".page-progress-text");

  // Voilà puts a skeleton below every cell and takes it away once the cell has run.
  let cells = 0;
  let last = "";
  const look = () => {
    const left = document.querySelectorAll(".voila-skeleton-container").length;
    cells = Math.max(cells, left);
    if (!cells) return;
    progress.style.setProperty("--page-done", String(1 - left / cells));
    // Not every cell is announced: a screen reader would read them all.
    const now = left ? "Running the lesson …" : "";
    if (now !== last) text.textContent = last = now;
    if (!left) {
      progress.classList.add("page-progress-over");
      document.body.dataset.lesson = "ready";
      observer.disconnect();
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
})();
