"""Measure the widgets in a real Chromium, each figure beside its bound: ``rnnviz bench widgets``."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from rnnviz.app.lessons import find_lessons
from rnnviz.app.snapshots import widgets_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

UNITS, STEPS = 64, 200
SCRUBBED = 150
# hidden, cell and four gates.
ARRAYS = 6
TRACE_BYTES = 4 * UNITS * STEPS * ARRAYS
READY = re.compile(r"is running at (http://\S+)")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
LINKED = [
    "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
    "torch.manual_seed(0)\n"
    f"model, x = torch.nn.LSTM(4, {UNITS}), torch.randn({STEPS}, 1, 4)\n"
    "with rv.record(model) as trace: model(x)[0][-1].sum().backward()\n"
    "cursor = rw.Cursor()",
    "rw.GateHeatmap(trace, cursor=cursor)",
    "rw.CellAnatomy(trace, cursor=cursor)",
    "rw.GradientCurves(trace, cursor=cursor)",
    "rw.UnrolledGraph(trace, cursor=cursor)",
]
SLIDER = [
    "import rnnviz_widgets as rw",
    "rw.Experiment({'double': lambda n: 2.0 * n}, low=0, high=1000, x='n')",
]
# Two linear models: what is measured is the streaming, and a network that takes longer than a frame would hide it.
STREAMED = 5_000
MODELS = {"linear": "linear", "another": "linear"}
# Each model's predictions are drawn anew with each frame, over a series that is drawn besides.
POINTS = len(MODELS) * STREAMED
# Each message says when it left, and what sending the one before has cost the kernel's thread.
STREAM = [
    "import time, rnnviz_widgets as rw\nfrom rnnviz.data import rising_sine",
    f"live = rw.LiveForecast(rising_sine({STREAMED}), {MODELS})\n"
    "send, cost = live.send, [0.0]\n"
    "def stamped(content, buffers=None):\n"
    "    begin = time.thread_time()\n"
    "    send({**content, 'bench_at': 1000 * time.time(), 'bench_cost': cost[0]}, buffers)\n"
    "    cost[0] = 1000 * (time.thread_time() - begin)\n"
    "live.send = stamped\n"
    "live",
]
# Times of frames, and of what a frame had to do, for as long as `bench.run` is true.
RECORDER = """
window.bench = {frames: [], start() { this.frames = []; this.run = true; const tick = (now) => {
  if (!this.run) return; this.frames.push(now); requestAnimationFrame(tick); }; requestAnimationFrame(tick); },
  stop() { this.run = false; return this.frames.slice(1).map((t, i) => t - this.frames[i]); } };
window.streamed = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...where) {
    super(...where);
    this.addEventListener("message", async ({data}) => {
      const raw = data instanceof Blob ? await data.arrayBuffer() : data;
      const text = typeof raw === "string" ? raw : new TextDecoder().decode(raw);
      const found = /"bench_at": ?([\\d.e+-]+), ?"bench_cost": ?([\\d.e+-]+)/.exec(text);
      if (found) requestAnimationFrame(() => setTimeout(() =>
        window.streamed.push([Date.now() - Number(found[1]), Number(found[2])])));
    });
  }
};
window.firstWidget = 0;
new MutationObserver((_, self) => {
  if (!document.querySelector(".rnnviz > *")) return;
  self.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstWidget = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""


@dataclass
class Figure:
    """One measured figure and the bound it is held to.

    Parameters
    ----------
    what
        What was measured.
    value
        The figure.
    unit
        Its unit.
    bound
        What it must not exceed, or must reach where `least` is true; None where it is only for information.
    least
        Whether more is better.
    """

    what: str
    value: float
    unit: str
    bound: float | None = None
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its bound."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self) -> str:
        number = f"{self.value:.3g} {self.unit}" if self.value < 1000 else f"{self.value:.0f} {self.unit}"
        bound = "" if self.bound is None else f"{'≥' if self.least else '≤'} {self.bound:g}"
        return f"{self.what:<62}{number:>14}  {bound:<8}{'' if self.holds else '!'}".rstrip()


@dataclass
class Socket:
    """What went over a page's kernel socket."""

    sent: int = 0
    received: int = 0
    bytes: int = 0

    def on(self, page: Page) -> None:
        """Count from here on."""

        def note(size: int) -> None:
            self.received += 1
            self.bytes += size

        def opened(socket: Any) -> None:
            if "/channels" not in socket.url:
                return
            socket.on("framesent", lambda _: setattr(self, "sent", self.sent + 1))
            socket.on("framereceived", lambda payload: note(len(payload)))

        page.on("websocket", opened)


@dataclass
class Bench:
    """A server, a browser, and what was measured with them.

    Parameters
    ----------
    url
        Where the server listens.
    browser
        A running Chromium.
    seconds
        How long training is streamed.
    """

    url: str
    browser: Browser
    seconds: float
    scripts: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def open(self, name: str, *, ready: bool = True) -> Iterator[tuple[Page, Socket]]:
        """Open a lesson, and close it when done."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        try:
            page, socket = context.new_page(), Socket()
            page.set_default_timeout(120_000)
            page.add_init_script(RECORDER)
            self.scripts = []
            page.on("request", lambda request: self.scripts.append(request.url))
            socket.on(page)
            page.goto(f"{self.url}voila/render/{name}.ipynb", wait_until="commit")
            if ready:
                page.wait_for_selector("body[data-lesson='ready']")
                page.wait_for_function("!document.querySelector('.page-stand-in')")
                page.wait_for_timeout(1000)
            yield page, socket
        finally:
            context.close()

    def first_paint(self) -> Iterator[Figure]:
        """From asking for a page to its first widget: the first time ever, and from then on."""
        for again in (False, True):
            with self.open("linked", ready=False) as (page, _):
                page.wait_for_function("window.firstWidget > 0")
                took = page.evaluate("window.firstWidget")
                page.wait_for_selector("body[data-lesson='ready']")
                page.wait_for_timeout(1500)
            yield Figure(
                f"first widget painted, {'seen before' if again else 'first time ever'}", took / 1000, "s"
            )

    def linked(self) -> Iterator[Figure]:
        """Four widgets under one cursor: frames while one of them is used."""
        with self.open("linked") as (page, socket):
            count = page.locator(".rnnviz").count()
            # Each widget brings its script and the style sheet along; what is left is what they show.
            scripts = (
                "gate_heatmap",
                "cell_anatomy",
                "gradient_curves",
                "unrolled_graph",
                "cursor",
                "trace_model",
            )
            sheet = (widgets_folder() / "rnnviz.css").stat().st_size
            brought = sum((widgets_folder() / f"{name}.js").stat().st_size + sheet for name in scripts)
            crossed = (socket.bytes - brought) / TRACE_BYTES
            yield Figure("trace over the socket, times its size (twice would be 2)", crossed, "×", 1.9)
            heatmap = page.locator(".rnnviz-gate-heatmap")
            heatmap.scroll_into_view_if_needed()
            canvas = heatmap.locator("canvas").first
            box = canvas.bounding_box()
            assert box is not None
            slider = heatmap.locator(".rv-transport input[type=range]")

            def hover() -> None:
                for at in range(180):
                    page.mouse.move(box["x"] + (0.02 + 0.0053 * at) * box["width"], box["y"] + 20 + at % 30)

            def scrub() -> None:
                slider.press("Home")
                for _ in range(SCRUBBED):
                    page.keyboard.press("ArrowRight")

            def play() -> None:
                slider.press("Home")
                heatmap.locator(".rv-transport select").select_option("8")
                heatmap.get_by_role("button", name="Play").first.click()
                page.wait_for_timeout(3000)
                heatmap.get_by_role("button", name="Pause").first.click()

            metrics = page.context.new_cdp_session(page)
            metrics.send("Performance.enable", {"timeDomain": "threadTicks"})

            def worked() -> float:
                found = metrics.send("Performance.getMetrics")["metrics"]
                return 1000 * float(next(m["value"] for m in found if m["name"] == "TaskDuration"))

            for name, act in (("hover", hover), ("scrub with a held key", scrub), ("play at 8×", play)):
                act()  # once to warm up, as a reader has before long
                sent = socket.sent
                page.evaluate("bench.start()")
                before = worked()
                act()
                work = worked() - before
                yield from _frames(name, page.evaluate("bench.stop()"))
                if act is scrub:
                    # Time on the processor, which other programs do not lengthen.
                    yield Figure(f"{name}: the page's own work a step", work / SCRUBBED, "ms", 16.7)
                yield Figure(f"{name}: messages to the kernel", socket.sent - sent, "", 0)
            yield Figure("widgets on that page", count, "")

    def slider(self) -> Iterator[Figure]:
        """From a slider's move over the kernel to the painted answer."""
        with self.open("slider") as (page, _):
            times = page.evaluate(
                """async () => {
                  const card = document.querySelector(".rnnviz-experiment");
                  const slider = card.querySelector("input"), reading = card.querySelector(".rv-reading");
                  const times = [];
                  for (let n = 0; n < 80; n++) {
                    await new Promise((done) => setTimeout(done, 20 + (n * 7) % 16));
                    slider.value = 100 + n;
                    const begin = performance.now();
                    slider.dispatchEvent(new Event("input", {bubbles: true}));
                    await new Promise((done) => {
                      const look = new MutationObserver(() => {
                        if (!reading.textContent.startsWith(`${100 + n} `)) return;
                        look.disconnect(); done(); });
                      look.observe(reading, {childList: true, characterData: true, subtree: true});
                    });
                    times.push(performance.now() - begin);
                  }
                  return times.slice(10);
                }"""
            )
            yield Figure("slider → kernel → painted: median", statistics.median(times), "ms", 25)
            yield Figure("slider → kernel → painted: 95th percentile", _percentile(times, 95), "ms", 45)
            rate, lag = page.evaluate(
                """async () => {
                  const card = document.querySelector(".rnnviz-experiment");
                  const slider = card.querySelector("input"), reading = card.querySelector(".rv-reading");
                  let painted = 0, value = 200;
                  const look = new MutationObserver(() => painted++);
                  look.observe(reading, {childList: true, characterData: true, subtree: true});
                  const begin = performance.now();
                  while (performance.now() - begin < 3000) {
                    await new Promise(requestAnimationFrame);
                    slider.value = ++value;
                    slider.dispatchEvent(new Event("input", {bubbles: true}));
                  }
                  const over = performance.now(), rate = 1000 * painted / (over - begin);
                  while (!reading.textContent.startsWith(`${value} `) && performance.now() - over < 5000)
                    await new Promise((done) => setTimeout(done, 1));
                  return [rate, performance.now() - over];
                }"""
            )
            yield Figure("slider held for 3 s: answers painted a second", rate, "/s", 50, least=True)
            yield Figure("slider held for 3 s: lag after release", lag, "ms", 100)

    def stream(self) -> Iterator[Figure]:
        """Training streamed into LiveForecast."""
        heap = "performance.memory.usedJSHeapSize / 1e6"
        with self.open("stream") as (page, _):
            card = page.locator(".rnnviz-live-forecast")
            card.get_by_role("button", name="Start").first.click()
            page.wait_for_timeout(1000 * self.seconds / 3)
            came = "window.streamed.length"
            before, begin, messages = page.evaluate(heap), time.perf_counter(), page.evaluate(came)
            page.evaluate("bench.start()")
            page.wait_for_timeout(1000 * self.seconds * 2 / 3)
            frames = page.evaluate("bench.stop()")
            rate = (page.evaluate(came) - messages) / (time.perf_counter() - begin)
            page.evaluate("typeof gc === 'function' && gc()")
            grown = page.evaluate(heap) - before
            # The last three seconds: whatever had fallen behind would have piled up by then.
            lags, costs = zip(*page.evaluate("window.streamed.slice(-180)"), strict=True)
            yield Figure("training streamed: messages from the kernel", rate, "/s", 50, least=True)
            yield Figure("training streamed: frames", 1000 / statistics.mean(frames), "/s", 50, least=True)
            yield Figure("training streamed: memory grown in the page", grown, "MB", 20)
            yield Figure(
                f"training streamed: from kernel to paint at the end, {POINTS:,} points",
                statistics.median(lags),
                "ms",
                30,
            )
            yield Figure(
                "training streamed: the kernel's cost of sending one", statistics.median(costs), "ms", 1
            )

    def lesson(self, name: str) -> Iterator[Figure]:
        """One of the course's lessons: what it costs to open."""
        with self.open(name) as (page, socket):
            widgets = page.locator(".rnnviz").count()
            plotly = sum("plotly-widget" in url for url in self.scripts)
            yield Figure(f"{name}: {widgets} widgets, over the socket", socket.bytes / 1e6, "MB", 2)
            yield Figure(f"{name}: plotly's script loaded", plotly, "×", 1)


def bundles() -> Iterator[Figure]:
    """Size of the largest of the widgets' scripts."""
    sizes = {path.name: path.stat().st_size / 1000 for path in widgets_folder().glob("*.js")}
    largest = max(sizes, key=lambda name: sizes[name])
    yield Figure(f"largest of {len(sizes)} bundles ({largest})", sizes[largest], "kB", 80)


def _frames(name: str, intervals: Sequence[float]) -> Iterator[Figure]:
    yield Figure(f"{name}: frame, median", statistics.median(intervals), "ms", 17.5)
    yield Figure(f"{name}: frame, 95th percentile", _percentile(intervals, 95), "ms")
    yield Figure(f"{name}: frame, worst of {len(intervals)}", max(intervals), "ms", 25)


def _percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, round(percent / 100 * (len(values) - 1)))]


def write_lessons(folder: Path) -> None:
    """Write the pages to measure, and the course's own lesson 05 beside them.

    Parameters
    ----------
    folder
        Where to.
    """
    new = nbformat.v4
    for name, cells in (("linked", LINKED), ("slider", SLIDER), ("stream", STREAM)):
        notebook = new.new_notebook(cells=[new.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "language": "python",
            "display_name": "Python 3",
        }
        nbformat.write(notebook, folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]
    for lesson in find_lessons().glob("05-*.ipynb"):
        shutil.copy(lesson, folder / "lesson.ipynb")


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run `rnnviz` on a folder, apart from what the reader keeps; give its address."""
    command = [sys.executable, "-c", "import sys; from rnnviz.app import main; sys.exit(main())"]
    data = folder / "data"
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [*command, "--no-rehearsal", "--lessons", str(folder), "--no-browser", "--port", "0"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"JUPYTER_DATA_DIR": str(data)},
        )
        try:
            for _ in range(600):
                log.seek(0)
                found = READY.search(log.read())
                if found:
                    yield found[1]
                    return
                if server.poll() is not None:
                    break
                time.sleep(0.1)
            log.seek(0)
            raise RuntimeError(f"rnnviz did not start:\n{log.read()}")
        finally:
            server.terminate()
            server.wait(30)


PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "first-paint": Bench.first_paint,
    "linked": Bench.linked,
    "slider": Bench.slider,
    "stream": Bench.stream,
    "lesson": lambda bench: bench.lesson("lesson"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print.

    Parameters
    ----------
    arguments : sequence of str, optional
        As on the command line, after ``bench widgets``.

    Returns
    -------
    int
        0, or 1 where a figure is beyond its bound.
    """
    parser = argparse.ArgumentParser(
        prog="rnnviz bench widgets",
        description="Measure the widgets in Chromium, each figure beside its bound. A ! marks what is beyond it.",
    )
    parser.add_argument("--only", nargs="+", choices=[*PARTS, "bundles"], help="these parts alone")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="how long training is streamed (default: 60)"
    )
    options = parser.parse_args(arguments)
    chosen = options.only or [*PARTS, "bundles"]
    figures: list[Figure] = []

    def tell(found: Iterator[Figure]) -> None:
        for figure in found:
            figures.append(figure)
            print(figure, flush=True)

    if "bundles" in chosen:
        tell(bundles())
    if any(part in chosen for part in PARTS):
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            print(
                'rnnviz: this needs playwright. Install it with: pip install "rnnviz[test]"', file=sys.stderr
            )
            return 1
        chromium = shutil.which("chromium")
        if chromium is None:
            print("rnnviz: this needs Chromium: install your system's package `chromium`", file=sys.stderr)
            return 1
        with tempfile.TemporaryDirectory() as folder:
            write_lessons(Path(folder))
            with serve(Path(folder)) as url, sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
                bench = Bench(url, browser, options.seconds)
                for name, part in PARTS.items():
                    if name in chosen:
                        tell(part(bench))
                browser.close()
    return int(not all(figure.holds for figure in figures))
