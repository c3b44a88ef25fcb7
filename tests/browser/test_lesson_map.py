"""The map of the lessons in both places: cards without a picture, and a student's progress taken along as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

CELLS = [
    ("import rnnviz_widgets as rw\nrw.LessonMap()",),
    (
        "rw.Predict('How many?', lesson='01', name='many', kind='number', truth=3,\n"
        "           reveal='It is three.')",
    ),
]
KEY = "rnnviz/progress/predict/01/many"


def take_progress_along(page: Page, tmp_path: Path) -> None:
    """Answer, save, forget, load."""
    question, tools = page.locator(".rnnviz-predict"), page.get_by_role("group", name="Your progress")
    question.get_by_role("spinbutton").fill("3")
    question.get_by_role("button", name="Commit").click()
    page.wait_for_function(f"localStorage.getItem('{KEY}') !== null")
    with page.expect_download() as download:
        tools.get_by_role("button", name="Save progress").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "rnnviz-progress.json"
    saved = json.loads(file.read_text())
    assert saved["entries"][KEY]["name"] == "many"
    expect(tools.get_by_role("status")).to_have_text("Saved to a file. Nothing was sent.")
    page.evaluate("localStorage.clear()")
    chooser = tools.locator("input[type=file]")
    nonsense = tmp_path / "shopping.json"
    nonsense.write_text('{"entries": {"milk": 2}}')
    chooser.set_input_files(nonsense)
    expect(tools.get_by_role("status")).to_contain_text("shopping.json was not loaded. It holds no progress")
    chooser.set_input_files(file)
    expect(tools.get_by_role("status")).to_contain_text("Loaded: ")
    assert page.evaluate(f"JSON.parse(localStorage.getItem('{KEY}'))") == saved["entries"][KEY]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-map", CELLS, title="A lesson without a picture", summary="What it is about.")


def test_progress_leaves_a_dashboard_as_a_file(
    page: Page, server: Any, open_lesson: Callable[..., None], tmp_path: Path
) -> None:
    open_lesson(page, server, "01-map")
    take_progress_along(page, tmp_path)


def test_progress_leaves_jupyterlab_as_a_file(
    page: Page,
    start_rnnviz: Callable[..., Any],
    write_lesson: Callable[..., Path],
    open_in_lab: Callable[..., None],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    server = start_rnnviz("lab", str(folder))
    write_lesson(folder, "01-map", CELLS, title="A lesson without a picture")
    open_in_lab(page, server, "01-map")
    take_progress_along(page, tmp_path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_card_without_a_picture_bars_nobody(
    new_page: Callable[..., Page],
    server: Any,
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    scheme: str,
) -> None:
    page = new_page(scheme=scheme)
    open_lesson(page, server, "01-map")
    expect(page.locator(".rv-lesson-picture span")).to_have_text("1")
    assert find_barriers(page, ".rnnviz-lesson-map") == []
