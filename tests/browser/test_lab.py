"""JupyterLab as `rnnviz lab` opens it, on a notebook that starts in a moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect


def test_a_notebook_of_the_students_own_runs(
    page: Page,
    watch: Any,
    open_in_lab: Callable[..., None],
    start_rnnviz: Callable[..., Any],
    small_lessons: Path,
    tmp_path: Path,
) -> None:
    own = "the-students-own"
    notebook = (small_lessons / "01-memory.ipynb").read_text()
    (tmp_path / f"{own}.ipynb").write_text(notebook.replace("raise RuntimeError", "print"))
    server = start_rnnviz("lab", str(tmp_path))
    open_in_lab(page, server, own)
    expect(page.get_by_text("threads 1")).to_be_visible()
    # Formulas are set, by the MathJax that JupyterLab brings.
    expect(page.locator(".jp-MarkdownCell mjx-container")).to_have_count(2)
    # A widget reaches its kernel and comes back.
    page.locator(".count").click()
    expect(page.locator(".count")).to_have_text("count 1 of 2")
    # Nobody is asked about Jupyter's news.
    expect(page.get_by_text("official Jupyter news")).to_have_count(0)
    assert any(url.endswith("/channels") or "/channels?" in url for url in watch.asked)


def test_keys_pressed_in_a_widget_leave_the_notebook_alone(
    page: Page,
    open_in_lab: Callable[..., None],
    start_rnnviz: Callable[..., Any],
    write_lesson: Callable[..., Path],
    tmp_path: Path,
) -> None:
    graph = (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "rnn = torch.nn.RNN(1, 2)\n"
        "with rv.record(rnn) as trace:\n"
        "    _ = rnn(torch.zeros(5, 1, 1))\n"
        "rw.UnrolledGraph(trace)"
    )
    question = "rw.Quiz('One?', [rw.Wrong('no', 'a slip', 'Look again.'), rw.Right('yes', 'It is.')])"
    write_lesson(tmp_path, "keys", ["# Keys", (graph,), (question,), "The end."])
    open_in_lab(page, start_rnnviz("lab", str(tmp_path)), "keys")
    cells = page.locator(".jp-NotebookPanel .jp-Cell")
    there = cells.count()
    # In JupyterLab x cuts a cell, b adds one, and the arrows go from cell to cell.
    choices = page.locator(".rnnviz-quiz input[type=radio]")
    choices.first.check()
    for key in ("x", "b", "a", "ArrowDown"):
        page.keyboard.press(key)
    expect(choices.nth(1)).to_be_checked()
    expect(choices.nth(1)).to_be_focused()
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    for key in ("ArrowRight", "ArrowUp", "x", "b"):
        page.keyboard.press(key)
    expect(slider).to_be_focused()
    expect(page.locator(".rv-where")).to_contain_text("step 3 of 5")
    page.get_by_role("button", name="Step forward").focus()
    for key in ("ArrowDown", "x"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Step forward")).to_be_focused()
    assert cells.count() == there
