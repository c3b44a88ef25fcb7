"""A lesson without its kernel: before it has started, after it has died, and on a page saved without one."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from playwright.sync_api import Page, expect

# Two widgets under one cursor, a table, a question, and a widget whose slider asks Python.
CELLS: list[str | tuple[str, ...]] = [
    "# Saved\n\nA formula $h_t = \\tanh(x_t)$.\n\n$$\\sum_t L_t$$\n\n## Two widgets",
    (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "torch.manual_seed(0)\n"
        "model = torch.nn.LSTM(2, 4)\n"
        "with rv.record(model) as trace: model(torch.randn(9, 1, 2))\n"
        "cursor = rw.Cursor()",
    ),
    ("rw.GateHeatmap(trace, cursor=cursor)",),
    ("rw.CellAnatomy(trace, cursor=cursor)",),
    ("rw.Experiment({'double': lambda n: 2.0 * n}, low=1, high=9, x='n')",),
    ("rw.ask('02', 'memory-place')",),
    ("print('nine steps')",),
]
HEATMAP = ".rnnviz-gate-heatmap"
ANATOMY = ".rnnviz-cell-anatomy"


def expect_step(page: Page, step: int) -> None:
    """Both widgets are at this step, as soon as the page has painted."""
    for widget in (HEATMAP, ANATOMY):
        expect(page.locator(f"{widget} .rv-transport input[type=range]").first).to_have_value(str(step))


def allow_pages(watch: Any, base: str) -> None:
    """Nothing was asked for but what lies among the saved pages, which may be files."""
    assert all(url.startswith((base, "blob:", "data:")) for url in watch.asked)
    watch.problems = [
        problem for problem in watch.problems if "request to another host: file:" not in problem
    ]


def walk(page: Page, widget: str) -> None:
    """One step forward with the button of a widget's transport."""
    page.locator(widget).get_by_role("button", name="Step forward").first.click()


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory, write_lesson: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    write_lesson(folder, "01-saved", CELLS, title="Saved", minutes=5)
    return folder


@pytest.fixture(scope="module")
def save_pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, Path], str]:
    """Save a folder of lessons as pages; returns what the command says."""

    def save(lessons: Path, folder: Path) -> str:
        # A process of its own: Playwright's loop runs in this one.
        command = "import sys; from rnnviz.app import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", command, "--lessons", str(lessons), "export", "--to", str(folder)],
            env=os.environ | {"JUPYTER_DATA_DIR": str(tmp_path_factory.mktemp("data"))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return save


@pytest.fixture(scope="module")
def site(
    lessons: Path, tmp_path_factory: pytest.TempPathFactory, save_pages: Callable[[Path, Path], str]
) -> Path:
    folder = tmp_path_factory.mktemp("site")
    told = save_pages(lessons, folder)
    assert "2 pages" in told
    assert "only be shown with Python" not in told
    return folder


@pytest.fixture(scope="module")
def web(site: Path) -> Iterator[str]:
    """Serve the saved pages as any web server does."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("place", ["file", "web"])
def test_a_saved_page_lives_without_python(
    page: Page,
    watch: Any,
    find_barriers: Callable[..., list[str]],
    site: Path,
    request: pytest.FixtureRequest,
    place: str,
) -> None:
    base = site.as_uri() + "/" if place == "file" else request.getfixturevalue("web")
    page.goto(f"{base}index.html")
    # The checker reads style sheets over the web, which a page from a file may not.
    barriers = find_barriers if place == "web" else lambda _: []
    assert barriers(page) == []
    page.get_by_role("link", name="Saved").click()
    page.wait_for_selector("body[data-stand-in='ready']")
    # Linked widgets, formulas and text are there.
    walk(page, HEATMAP)
    walk(page, HEATMAP)
    expect_step(page, 2)
    assert page.locator("math").count() >= 2
    expect(page.get_by_text("nine steps")).to_be_visible()
    # A question answers.
    quiz = page.locator(".rnnviz-quiz")
    quiz.get_by_text("In the state that comes back").click()
    quiz.get_by_role("button", name="Commit to this answer").click()
    expect(quiz.get_by_role("button", name="Commit to this answer")).to_have_count(0)
    # What needs Python says so, and how to get it; what does not is silent.
    experiment = page.locator(".rnnviz-experiment")
    expect(page.locator(".rv-kernel")).to_have_count(0)
    experiment.get_by_role("slider").press("ArrowLeft")
    expect(experiment.locator(".rv-kernel")).to_contain_text("saved without Python")
    expect(page.locator(".rv-kernel")).to_have_count(1)
    assert barriers(page) == []
    allow_pages(watch, base)


def test_a_saved_map_leads_to_saved_pages(
    page: Page,
    watch: Any,
    tmp_path: Path,
    write_lesson: Callable[..., Path],
    save_pages: Callable[[Path, Path], str],
) -> None:
    folder, site = tmp_path / "lessons", tmp_path / "site"
    folder.mkdir()
    cells = [("import rnnviz_widgets as rw",), ("rw.LessonMap(here='00')",), ("rw.Environment()",)]
    write_lesson(folder, "00-map", cells, title="Map")
    write_lesson(folder, "01-next", ["# Next"], title="The next one")
    save_pages(folder, site)
    page.goto(f"{site.as_uri()}/00-map.html")
    page.wait_for_selector("body[data-stand-in='ready']")
    environment = page.locator(".rnnviz-environment")
    expect(environment.get_by_role("status").first).to_contain_text("needs none")
    expect(environment.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".rv-kernel")).to_have_count(0)
    page.locator(".rnnviz-lesson-map").get_by_role("link", name="The next one").click()
    expect(page.get_by_role("heading", name="Next", exact=True)).to_be_visible()
    allow_pages(watch, f"{site.as_uri()}/")


def test_what_a_cell_prints_slowly_is_one_text(
    page: Page,
    watch: Any,
    tmp_path: Path,
    write_lesson: Callable[..., Path],
    save_pages: Callable[[Path, Path], str],
) -> None:
    folder, site = tmp_path / "lessons", tmp_path / "site"
    folder.mkdir()
    # Every piece that the kernel sends is an output of its own.
    slow = (
        "import sys, time, rnnviz_widgets as rw\n"
        "def say(*lines, file=sys.stdout):\n"
        "    for line in lines:\n"
        "        print(line, file=file, flush=True); time.sleep(0.4)\n"
        "say('one', 'two', 'three')\n"
        "display(rw.Environment())\n"
        "say('four', 'five')\n"
        "say('six', 'seven', file=sys.stderr)"
    )
    write_lesson(folder, "01-slow", [(slow,)], title="Slow")
    save_pages(folder, site)
    page.goto(f"{site.as_uri()}/01-slow.html")
    page.wait_for_selector("body[data-stand-in='ready']")
    texts = page.locator(".jp-RenderedText pre").all_inner_texts()
    assert [text.split() for text in texts] == [["one", "two", "three"], ["four", "five"], ["six", "seven"]]
    allow_pages(watch, site.as_uri())


@pytest.fixture(scope="module")
def saved_dashboard(lessons: Path, start_rnnviz: Callable[..., Any]) -> Any:
    return start_rnnviz("--lessons", str(lessons))


def hold_kernel(page: Page) -> Callable[[], None]:
    """Keep the page's kernel away until the function that this returns is called."""
    held: list[Any] = []
    page.route(re.compile(r"/voila/templates/base/static/voila\.js"), lambda route: held.append(route))

    def let_go() -> None:
        page.unroute(re.compile(r"/voila/templates/base/static/voila\.js"))
        for route in held:
            route.continue_()

    return let_go


def test_widgets_live_before_the_kernel_and_are_handed_over_in_place(
    new_page: Callable[..., Page],
    open_lesson: Callable[..., None],
    wait_for_snapshot: Callable[..., None],
    saved_dashboard: Any,
) -> None:
    # The first reader waits for the kernel; what came out is kept.
    first = new_page()
    open_lesson(first, saved_dashboard, "01-saved")
    expect(first.locator(HEATMAP)).to_be_visible()
    wait_for_snapshot(first, saved_dashboard, "01-saved")
    first.close()

    page = new_page()
    let_go = hold_kernel(page)
    page.goto(f"{saved_dashboard.url}voila/render/01-saved.ipynb")
    page.wait_for_selector("body[data-stand-in='ready']")
    walk(page, HEATMAP)
    walk(page, HEATMAP)
    walk(page, ANATOMY)
    expect_step(page, 3)
    experiment = page.locator(".rnnviz-experiment")
    experiment.get_by_role("slider").press("ArrowLeft")
    expect(experiment.locator(".rv-kernel")).to_contain_text("Waiting for Python")
    page.locator(HEATMAP).evaluate("element => { element.dataset.mark = 'drawn before the kernel'; }")
    focused = page.locator(HEATMAP).get_by_role("button", name="Step back").first
    focused.focus()

    let_go()
    page.wait_for_selector("body[data-lesson='ready']")
    expect(page.locator(".page-stand-in")).to_have_count(0)
    # The same element, the same step, the same focus; and what had been asked is answered.
    expect(page.locator(HEATMAP)).to_have_attribute("data-mark", "drawn before the kernel")
    expect(page.locator(HEATMAP)).to_have_attribute("data-kernel", "live")
    expect_step(page, 3)
    expect(focused).to_be_focused()
    expect(page.locator(".rv-kernel")).to_have_count(0)
    expect(experiment.locator(".rv-reading")).to_contain_text("n = 8")
    walk(page, ANATOMY)
    expect_step(page, 4)


def test_a_changed_lesson_is_not_shown_as_it_was(
    page: Page, lessons: Path, saved_dashboard: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, saved_dashboard, "01-saved")
    path = lessons / "01-saved.ipynb"
    before = path.read_text()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = "print('ten steps')"
    nbformat.write(notebook, path)
    try:
        answer = page.request.get(f"{saved_dashboard.url}rnnviz/snapshots/01-saved.ipynb.js")
        assert answer.status == 404
        open_lesson(page, saved_dashboard, "01-saved")
        expect(page.get_by_text("ten steps")).to_be_visible()
    finally:
        path.write_text(before)


def kill_kernels(server: Any) -> None:
    for child in psutil.Process(server.process.pid).children(recursive=True):
        # Where kernels are forked, the one that the server has started stands in for another.
        # One may end while it is looked at.
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("ipykernel_launcher" in word or "stand_in.py" in word for word in child.cmdline()):
                child.kill()


@pytest.mark.parametrize("place", ["dashboard", "lab"])
def test_after_its_kernel_has_died_a_widget_says_so_and_moves_on(
    page: Page,
    lessons: Path,
    saved_dashboard: Any,
    start_rnnviz: Callable[..., Any],
    open_lesson: Callable[..., None],
    open_in_lab: Callable[..., None],
    tmp_path: Path,
    write_lesson: Callable[..., Path],
    watch: Any,
    place: str,
) -> None:
    if place == "dashboard":
        server = saved_dashboard
        open_lesson(page, server, "01-saved")
    else:
        server = start_rnnviz("lab", str(tmp_path / "mine"))
        write_lesson(tmp_path / "mine", "01-saved", CELLS)
        open_in_lab(page, server, "01-saved")
    expect(page.locator(HEATMAP)).to_have_attribute("data-kernel", "live")
    kill_kernels(server)
    for widget in (HEATMAP, ANATOMY, ".rnnviz-experiment"):
        expect(page.locator(f"{widget} .rv-kernel")).to_contain_text("Python has stopped")
    again = "Reload the page" if place == "dashboard" else "Run the lesson's cells again"
    expect(page.locator(f"{HEATMAP} .rv-kernel")).to_contain_text(again)
    if place == "lab":
        # JupyterLab says it too, in front of everything.
        page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    expect_step(page, 0)
    walk(page, HEATMAP)
    expect_step(page, 1)
    # What Jupyter itself logs of a lost kernel is no fault of the page's.
    watch.problems = [problem for problem in watch.problems if "uncaught" in problem]
