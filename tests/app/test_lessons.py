"""What the gallery says of a lesson, read from the notebook."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rnnviz.app.lessons import find_lessons, read_lessons


def test_a_lesson_says_what_it_is(small_lessons: Path) -> None:
    first, second = read_lessons(small_lessons)
    assert (first.name, first.number, first.title) == ("01-memory", "01", "Memory & what <it> costs")
    assert (first.summary, first.minutes) == ("What comes back.", 25)
    assert first.outcomes == ("unroll a neuron", "say what h < 1 means")
    assert first.picture() is None
    # A notebook that says nothing of itself is shown under its heading.
    assert (second.title, second.minutes, second.outcomes) == ("What comes next", None, ())
    assert second.picture() == small_lessons / "pictures" / "02-next.png"
    assert second.picture(dark=True) is None


def test_an_edited_lesson_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "03-x.ipynb"
    path.write_text('{"cells": [], "metadata": {"rnnviz": {"title": "old"}}}')
    assert read_lessons(tmp_path)[0].title == "old"
    path.write_text('{"cells": [], "metadata": {"rnnviz": {"title": "new"}}}')
    os.utime(path, ns=(1, 1))
    assert read_lessons(tmp_path)[0].title == "new"


@pytest.mark.parametrize("content", ["no json", "[]", '{"metadata": {}}'])
def test_a_file_that_is_no_notebook_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "03-x.ipynb").write_text(content)
    with pytest.raises(ValueError, match=r"03-x\.ipynb is not a notebook"):
        read_lessons(tmp_path)


def test_this_checkouts_own_lessons_are_found() -> None:
    assert find_lessons() == Path(__file__).parents[2] / "lessons"
