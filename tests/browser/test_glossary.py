"""Words are explained where they stand, and looked up without leaving the lesson: in dashboards and in JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rnnviz.app.lessons import find_lessons

SEE = (
    "# Words\n\nThe [hidden state](glossary.ipynb#hidden-state) comes back. "
    "A [window](glossary.ipynb#window) does not."
)


@pytest.fixture
def folder(tmp_path: Path, write_lesson: Callable[..., Path]) -> Path:
    place = tmp_path / "lessons"
    place.mkdir()
    write_lesson(place, "02-words", [SEE, ("print('it runs')",)], title="Words")
    shutil.copy(find_lessons() / "glossary.ipynb", place)
    return place


def test_a_word_of_a_dashboard(
    new_page: Callable[..., Page],
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    start_rnnviz: Callable[..., Any],
    folder: Path,
) -> None:
    server = start_rnnviz("--lessons", str(folder))
    page = new_page()
    page.goto(server.url)
    # The glossary stands beside the lessons, and is none.
    expect(page.locator(".card")).to_have_count(1)
    expect(page.get_by_role("list", name="Beside the lessons").get_by_role("link")).to_have_text("Glossary")
    assert find_barriers(page) == []
    open_lesson(page, server, "02-words")
    word = page.get_by_role("link", name="hidden state")
    assert (word.get_attribute("title") or "").startswith("The numbers that a recurrent layer hands")
    with page.context.expect_page() as opened:
        word.click()
    glossary = opened.value
    expect(glossary.get_by_role("heading", name="hidden state")).to_be_in_viewport()
    assert glossary.evaluate("document.querySelector('h3:target').id") == "hidden-state"
    assert find_barriers(glossary) == []
    # No kernel was started for it: the page holds nothing of Voilà's.
    assert "jupyter-config-data" not in glossary.content()
    expect(page.get_by_text("it runs")).to_be_visible()
    glossary.set_viewport_size({"width": 320, "height": 700})
    assert glossary.evaluate("document.documentElement.scrollWidth") == 320
    glossary.get_by_role("link", name="W", exact=True).click()
    expect(glossary.get_by_role("heading", name="washout")).to_be_in_viewport()


def test_a_word_in_jupyterlab(page: Page, start_rnnviz: Callable[..., Any], folder: Path) -> None:
    server = start_rnnviz("lab", str(folder))
    page.goto(server.url.replace("/lab?", "/lab/tree/02-words.ipynb?reset&"))
    page.get_by_role("link", name="hidden state").click()
    glossary = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    heading = glossary.get_by_role("heading", name="hidden state")
    # The first time, in a notebook that was not open, and without any kernel having run.
    expect(heading).to_be_in_viewport()
    page.get_by_role("tab", name="02-words.ipynb").click()
    page.get_by_role("link", name="window").first.click()
    expect(glossary.get_by_role("heading", name="window")).to_be_in_viewport()
    page.get_by_role("tab", name="02-words.ipynb").click()
    page.get_by_role("link", name="hidden state").first.click()
    expect(heading).to_be_in_viewport()
    # From a word to another.
    glossary.get_by_role("link", name="cell state").first.click()
    expect(glossary.get_by_role("heading", name="cell state")).to_be_in_viewport()
