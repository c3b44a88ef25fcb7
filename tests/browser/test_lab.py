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
