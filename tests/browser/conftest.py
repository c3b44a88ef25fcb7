"""A real Chromium, and a page in it that fails its test on any request elsewhere and on any error."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Kernels start and torch is imported while other tests run on the same two cores.
PATIENCE_MS = 90_000
# What a page is expected to show may come as late as what is clicked in it: Playwright's own limit is five seconds.
expect.set_options(timeout=PATIENCE_MS)
HERE = {"127.0.0.1", "localhost", "::1"}
# Whether all widgets are drawn, by Python's own hand: nothing of a snapshot stands in for one any more, and no place
# of a widget says that it is busy, or is still to be filled by Jupyter. Before that, what a test has found may be
# replaced, and a cell may hold a widget twice.
WHOLE = """() => {
  if (document.querySelector(".page-stand-in, [aria-busy='true']")) return false;
  const outputs = [...document.querySelectorAll(".jp-OutputArea-output")];
  return outputs.every((output) => output.textContent !== "Loading widget...");
}"""


# Per module, not per session: Playwright keeps an event loop running in this thread for as long as it
# lives, and a notebook tested by nbval in the same process wants one of its own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; without Chromium the test is skipped on a laptop, and fails in CI."""
    if shutil.which("chromium") is None:
        reason = "needs Chromium: install your system's package `chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Run the system's Chromium, without windows and without traffic of its own."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield browser
    browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test that drives a page two more tries, each in a fresh page.

    Kernels, a server and a browser share two cores here with other tests, so that a page may be late through no
    fault of its own. The summary lists what was tried again; what is broken fails each time.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=2))


@dataclass
class Watch:
    """What went wrong on a page, and which addresses it asked for."""

    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        """Watch everything a page does from here on."""
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._address("websocket", socket.url))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))

    def _request(self, request: Request) -> None:
        self._address("request", request.url)

    def _address(self, kind: str, url: str) -> None:
        self.asked.append(url)
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname not in HERE:
            self.problems.append(f"{kind} to another host: {url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def watch() -> Watch:
    """Collect what the test's pages do."""
    return Watch()


@pytest.fixture
def new_page(chromium: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open watched pages; when the test ends, nothing may have gone wrong on any of them."""
    contexts = []

    def open_page(width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watch.on(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.problems == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One watched page, as wide as a laptop's."""
    return new_page()


@pytest.fixture
def open_lesson() -> Callable[..., None]:
    """Open a lesson as a dashboard and wait until all of its cells have run and its widgets are drawn."""

    def open_lesson(page: Page, server: Any, name: str) -> None:
        page.goto(f"{server.url}voila/render/{name}.ipynb")
        page.wait_for_selector("body[data-lesson='ready']")
        page.wait_for_function(WHOLE)

    return open_lesson


@pytest.fixture
def wait_for_snapshot() -> Callable[..., None]:
    """Wait until a server has kept what a lesson showed, for the next page that opens it."""

    def wait_for_snapshot(page: Page, server: Any, name: str) -> None:
        until = time.monotonic() + PATIENCE_MS / 1000
        while not page.request.get(f"{server.url}rnnviz/snapshots/{name}.ipynb.js").ok:
            assert time.monotonic() < until, f"{name} was not kept"
            page.wait_for_timeout(100)

    return wait_for_snapshot


@pytest.fixture
def at_rest() -> Callable[..., Any]:
    """Wait until what one looks at has been the same for a second, and return it."""

    def at_rest(page: Page, look: Callable[[], Any]) -> Any:
        until = time.monotonic() + PATIENCE_MS / 1000
        last, since = look(), time.monotonic()
        while time.monotonic() < since + 1:
            assert time.monotonic() < until, f"still moving: {last}"
            page.wait_for_timeout(50)
            if (now := look()) != last:
                last, since = now, time.monotonic()
        return last

    return at_rest


@pytest.fixture
def open_in_lab() -> Callable[..., None]:
    """Open a lesson in JupyterLab, run all of its cells and wait until they have run and all widgets are drawn."""

    def open_in_lab(page: Page, server: Any, name: str) -> None:
        page.goto(server.url.replace("/lab?", f"/lab/tree/{name}.ipynb?reset&"))
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.locator(".jp-NotebookPanel-toolbar").get_by_text("Python 3").wait_for()
        # Without their stored numbers, cells that have run can be told from those that have not.
        for menu, command in (("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")):
            page.get_by_role("menuitem", name=menu, exact=True).click()
            page.get_by_role("menuitem", name=command, exact=True).click()
        page.wait_for_function(
            """() => {
              const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
              // A cell whose code is folded away has an empty prompt.
              const texts = prompts.map((prompt) => prompt.textContent).filter((text) => text !== "");
              return texts.length > 0 && texts.every((text) => /\\[\\d+\\]/.test(text));
            }"""
        )
        # JupyterLab guesses the height of a cell until it has been on screen; where a guess is mended, all that
        # follows moves, and a press that begins on a button may end beside it.
        page.evaluate(
            """async () => {
              const frame = () => new Promise((done) => requestAnimationFrame(done));
              for (const cell of document.querySelectorAll(".jp-NotebookPanel .jp-Cell")) {
                cell.scrollIntoView();
                await frame();
              }
            }"""
        )
        page.wait_for_function(WHOLE)
        page.evaluate(
            """async () => {
              const frame = () => new Promise((done) => requestAnimationFrame(done));
              const panel = document.querySelector(".jp-NotebookPanel .jp-WindowedPanel-outer");
              for (let height = -1, still = 0; still < 10; await frame()) {
                still = panel.scrollHeight === height ? still + 1 : 0;
                height = panel.scrollHeight;
              }
              panel.scrollTo(0, 0);
              await frame();
            }"""
        )

    return open_in_lab


@pytest.fixture
def find_barriers() -> Callable[..., list[str]]:
    """List everything that axe-core finds in the way inside an element of a page, down to the minor."""

    def find_barriers(page: Page, selector: str = "body") -> list[str]:
        found = Axe().run(page, context=selector)
        return [
            f"{rule['id']}: {rule['help']} — {node['html'][:200]}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    return find_barriers


@pytest.fixture(scope="module")
def serve_cells(
    start_rnnviz: Callable[..., Any],
    write_lesson: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Any]:
    """Serve a lesson made of some cells as a dashboard."""

    def serve_cells(name: str, cells: list[Any], **about: object) -> Any:
        folder = tmp_path_factory.mktemp(name)
        write_lesson(folder, name, cells, **about)
        return start_rnnviz("--lessons", str(folder))

    return serve_cells


@pytest.fixture(params=["dashboard", "lab"])
def lesson(
    request: pytest.FixtureRequest,
    page: Page,
    open_lesson: Callable[..., None],
    open_in_lab: Callable[..., None],
) -> Page:
    """Open and run the lesson that the test's module calls NAME, in each of the two places."""
    if request.param == "dashboard":
        open_lesson(page, request.getfixturevalue("dashboards"), request.module.NAME)
    else:
        open_in_lab(page, request.getfixturevalue("lab"), request.module.NAME)
    return page


@pytest.fixture(scope="module")
def dashboards(start_rnnviz: Callable[..., Any]) -> Any:
    """Serve the course's own lessons as dashboards."""
    return start_rnnviz()


@pytest.fixture(scope="module")
def lab(start_rnnviz: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Open JupyterLab on a student's copy of the course's own lessons."""
    return start_rnnviz("lab", str(tmp_path_factory.mktemp("student") / "lessons"))
