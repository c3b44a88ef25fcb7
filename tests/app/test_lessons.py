"""What the gallery says of a lesson, read from the notebook."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rnnviz.app.lessons import find_lessons, read_lessons


def test_a_lesson_says_what_it_is(small_lessons: Path) -> None:
    (first, second), unreadable = read_lessons(small_lessons)
    assert unreadable == []
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
    assert read_lessons(tmp_path)[0][0].title == "old"
    path.write_text('{"cells": [], "metadata": {"rnnviz": {"title": "new"}}}')
    os.utime(path, ns=(1, 1))
    assert read_lessons(tmp_path)[0][0].title == "new"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no json", r"it does not hold JSON \(Expecting value.*"),
        (b"\xff\xfe", r"it does not hold JSON \('utf-8' codec.*"),
        ("[" * 100_000, "it does not hold JSON .*"),
        ("[]", "it is not built like a notebook .*"),
        ('{"metadata": {}}', r"it is not built like a notebook \(KeyError\('cells'\)\)"),
        ('{"cells": [], "metadata": {"rnnviz": {"outcomes": 3}}}', "it is not built like a notebook .*"),
        ('{"cells": [{"cell_type": "markdown"}]}', "it is not built like a notebook .*"),
        (None, r"it cannot be opened \(Is a directory\)"),
    ],
)
def test_a_file_that_is_no_notebook_does_not_bar_the_others(
    tmp_path: Path, content: str | bytes | None, reason: str
) -> None:
    (tmp_path / "02-good.ipynb").write_text('{"cells": []}')
    path = tmp_path / "03-x.ipynb"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    lessons, (bad,) = read_lessons(tmp_path)
    assert [lesson.name for lesson in lessons] == ["02-good"]
    assert bad.path == path
    assert re.fullmatch(reason, bad.reason)


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    try:
        (tmp_path / "03-x.ipynb").symlink_to(tmp_path / "none")
    except OSError:
        pytest.skip("links are not for ordinary users here")
    lessons, (bad,) = read_lessons(tmp_path)
    assert lessons == []
    assert "it cannot be opened" in bad.reason


def test_this_checkouts_own_lessons_are_found() -> None:
    assert find_lessons() == Path(__file__).parents[2] / "lessons"
