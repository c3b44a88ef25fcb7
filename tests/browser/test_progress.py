"""The progress bar of a training in JupyterLab and in a dashboard, where the training is started from the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

CELLS = [
    (
        "import ipywidgets, time, torch\n"
        "from rnnviz.training import Runner, train\n"
        "x = torch.ones(3, 4, 1)\n"
        "class Slow(torch.nn.Linear):\n"
        "    def forward(self, x):\n"
        "        time.sleep(0.02)\n"
        "        return super().forward(x)\n"
        "training = train(Slow(1, 1), (x, x), steps=400, progress=True)\n"
        "runner = Runner(training)",
    ),
    (
        "button = ipywidgets.Button(description='Train')\n"
        "button.on_click(lambda _: runner.start())\n"
        "pause = ipywidgets.Button(description='Hold')\n"
        "pause.on_click(lambda _: runner.pause())\n"
        "ipywidgets.HBox([button, pause])",
    ),
]


def watch_it_run(page: Page, find_barriers: Callable[..., list[str]], at_rest: Callable[..., Any]) -> None:
    bar = page.get_by_role("progressbar", name="training")
    expect(bar).to_have_attribute("aria-valuemax", "400")
    expect(bar).to_contain_text("not begun")
    page.get_by_role("button", name="Train").click()
    expect(bar).to_contain_text("steps/s")
    expect(bar).to_contain_text("left")
    page.get_by_role("button", name="Hold").click()
    held = at_rest(page, lambda: int(bar.get_attribute("aria-valuenow") or 0))
    assert 0 < held < 400
    page.wait_for_timeout(500)
    assert int(bar.get_attribute("aria-valuenow") or 0) == held
    assert find_barriers(page, ".widget-html") == []
    page.get_by_role("button", name="Train").click()
    expect(bar).to_contain_text("400 of 400")
    expect(bar).to_contain_text("done")
    expect(bar).to_have_attribute("aria-valuenow", "400")


def test_in_a_dashboard(
    page: Page,
    serve_cells: Callable[..., Any],
    open_lesson: Any,
    find_barriers: Callable[..., list[str]],
    at_rest: Callable[..., Any],
) -> None:
    server = serve_cells("01-progress", CELLS, title="Progress")
    open_lesson(page, server, "01-progress")
    watch_it_run(page, find_barriers, at_rest)


def test_in_jupyterlab(
    page: Page,
    start_rnnviz: Callable[..., Any],
    write_lesson: Callable[..., Path],
    tmp_path: Path,
    open_in_lab: Any,
    find_barriers: Callable[..., list[str]],
    at_rest: Callable[..., Any],
) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    server = start_rnnviz("lab", str(folder))
    write_lesson(folder, "progress", CELLS, title="Progress")
    open_in_lab(page, server, "progress")
    watch_it_run(page, find_barriers, at_rest)
