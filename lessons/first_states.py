"""Make what the lessons show before a kernel is there: the first states of their pages, and stills in the notebooks.

    python lessons/first_states.py            every lesson, run on fresh kernels
    python lessons/first_states.py 02 05      these lessons only
    python lessons/first_states.py --check    run nothing, say what is missing or stale

``lessons/states/NAME.js.gz`` is what a dashboard paints on its very first opening. A still is a small picture of a
widget, stored beside its text in the notebook, so that JupyterLab shows it before a cell has run. Run it after
``build.py``. Needs Chromium.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path

# Before anything starts a thread, and inherited by the kernels: more threads change the last digits.
os.environ["OMP_NUM_THREADS"] = "1"

import anywidget
import nbformat
from nbformat import NotebookNode
from PIL import Image
from playwright.sync_api import Browser, Locator, sync_playwright

import rnnviz_widgets as rw
from rnnviz.app.export import write_site
from rnnviz.app.first_states import UNTOLD, check_first_states, write_first_state
from rnnviz.app.lessons import Lesson, read_lessons
from rnnviz.app.rehearse import Rehearsal, dashboard_cells, rehearse
from rnnviz.app.snapshots import WIDGET_VIEW, Snapshot, join_prints

LESSONS = Path(__file__).parent
STILL = "image/png"
#: As wide as a widget is in JupyterLab on a laptop; higher ones are cut, and go on where the cell has run.
WIDTH, HIGHEST = 860, 1400
COLOURS = 48
#: What a widget's own text begins with.
WIDGETS = {
    name
    for name, thing in vars(rw).items()
    if isinstance(thing, type) and issubclass(thing, anywidget.AnyWidget)
} | {"PlotlyFigure"}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
# One bound for all states of the course and one for all stills, stated in CONTRIBUTING.md.
MOST_STATE_BYTES, MOST_STILL_BYTES = 2_500_000, 5_000_000


def prepare(snapshot: Snapshot) -> str:
    """Return the script of a first state, with nothing in it of the machine that made it."""
    shipped = deepcopy(snapshot)
    for model in shipped.models.values():
        if model["module"] == "environment":
            model["state"]["findings"] = [finding | UNTOLD for finding in model["state"]["findings"]]
    return shipped.write()


def take_stills(browser: Browser, page: Path, cells: int) -> dict[int, list[bytes]]:
    """Photograph the widgets of a saved page: by the number of their cell, in the order in which they stand."""
    tab = browser.new_page(viewport={"width": WIDTH + 80, "height": 1000}, reduced_motion="reduce")
    tab.goto(page.as_uri())
    tab.wait_for_selector("body[data-stand-in='ready']", timeout=120_000)
    tab.add_style_tag(
        content=f".page-cell {{ max-width: {WIDTH}px !important; }} .page-bar, .page-progress {{ display: none; }}"
        # What waits for a prediction on a page stands open in a notebook.
        ".page-veiled { display: block; }"
    )
    tab.wait_for_timeout(1500)
    stills = {}
    for number in range(1, cells + 1):
        shown = tab.locator(f"[cell-index='{number}'] .page-stand-in .jupyter-widgets")
        if shown.count():
            stills[number] = [shrink(photograph(shown.nth(at))) for at in range(shown.count())]
    tab.close()
    return stills


def photograph(widget: Locator) -> bytes:
    """Return a picture of a widget, as it is on the screen."""
    # The card, where there is one: what lies beside it is JupyterLab's.
    card = widget.locator(":scope > .rnnviz")
    shown = card if card.count() == 1 else widget
    shown.scroll_into_view_if_needed()
    return shown.screenshot(animations="disabled", caret="hide")


def shrink(screenshot: bytes) -> bytes:
    """Cut what is very high, and keep the few colours that a drawing has."""
    with Image.open(io.BytesIO(screenshot)) as picture:
        cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HIGHEST)))
        small = io.BytesIO()
        cut.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def store_stills(path: Path, run: Sequence[NotebookNode], stills: dict[int, list[bytes]]) -> list[str]:
    """Put the stills beside the texts of the widgets in the stored notebook; return what did not fit.

    Parameters
    ----------
    path
        The notebook, changed in place.
    run
        The cells of its page, with the outputs of the run that the stills are of.
    stills
        By the number of the cell.
    """
    notebook = nbformat.read(path, as_version=4)
    faults = []
    for number, (stored, ran) in enumerate(zip(dashboard_cells(notebook), run, strict=True), start=1):
        pictures = iter(stills.get(number, ()))
        outputs = join_prints(ran.get("outputs", ()))
        if len(outputs) != len(stored.get("outputs", ())):
            faults.append(f"{path.name}: cell {number} shows something else now; run lessons/build.py first")
            continue
        for output, shown in zip(stored.get("outputs", ()), outputs, strict=True):
            if WIDGET_VIEW in shown.get("data", {}) and (picture := next(pictures, None)):
                output["data"][STILL] = base64.b64encode(picture).decode()
    nbformat.write(notebook, path)
    return faults


def find_missing_stills(notebook: NotebookNode) -> Iterator[str]:
    """Name the widgets of a stored notebook's page that have no still."""
    for cell in dashboard_cells(notebook):
        for output in cell.get("outputs", ()):
            name, opened, _ = output.get("data", {}).get("text/plain", "").partition("(")
            if opened and name in WIDGETS and STILL not in output.data:
                yield name


def make(lessons: Sequence[Lesson]) -> list[str]:
    """Run lessons, write their first states and store their stills; return what went wrong."""
    faults: list[str] = []
    runs: dict[str, Rehearsal] = {}

    def run(lesson: Lesson) -> Rehearsal:
        print(f"Running {lesson.name} …", flush=True)
        done = runs[lesson.name] = rehearse(lesson)
        return done

    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        site = Path(place) / "site"
        write_site(lessons, site, run)
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for lesson in lessons:
            if lesson.name not in runs:
                continue
            done = runs[lesson.name]
            stills = take_stills(browser, site / f"{lesson.name}.html", len(done.cells))
            faults += store_stills(lesson.path, done.cells, stills)
            # After the stills: the state is noted as that of the notebook as it now is.
            state = write_first_state(lesson, prepare(done.snapshot), done.modules)
            pictures = [picture for cell in stills.values() for picture in cell]
            print(
                f"{lesson.name}: first state {state.stat().st_size / 1000:.0f} kB, "
                f"{len(pictures)} stills {sum(map(len, pictures)) / 1000:.0f} kB"
            )
        browser.close()
    return faults


def check(lessons: Sequence[Lesson]) -> list[str]:
    """Say which first states and stills are missing, stale or too large."""
    faults = check_first_states(lessons)
    stills = 0
    for lesson in lessons:
        notebook = nbformat.read(lesson.path, as_version=4)
        missing = list(find_missing_stills(notebook))
        if missing:
            faults.append(f"{lesson.name} has no still of {', '.join(missing)}")
        stills += sum(
            len(output["data"][STILL])
            for cell in notebook.cells
            for output in cell.get("outputs", ())
            if STILL in output.get("data", {})
        )
    states = sum(path.stat().st_size for path in (LESSONS / "states").glob("*.js.gz"))
    for what, size, most in (("states", states, MOST_STATE_BYTES), ("stills", stills, MOST_STILL_BYTES)):
        if size > most:
            faults.append(f"the {what} take {size / 1e6:.1f} MB, more than {most / 1e6:.1f}")
    return faults


def main(argv: Sequence[str] | None = None) -> int:
    """Make or check the first states of the lessons asked for; return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NN", help="how a lesson's name starts (default: all)")
    parser.add_argument("--check", action="store_true", help="run nothing, say what is missing or stale")
    options = parser.parse_args(argv)
    lessons = [
        lesson
        for lesson in read_lessons(LESSONS)[0]
        if lesson.takes_turn and (not options.names or lesson.name.startswith(tuple(options.names)))
    ]
    faults = check(lessons) if options.check else make(lessons)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults and options.check:
        print("Run `python lessons/first_states.py` to make them anew.", file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
