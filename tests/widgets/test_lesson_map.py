"""The map of the course: what it reads, what it hands over, and what it does not stumble over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rnnviz_widgets as rw
from rnnviz_widgets import lesson_map


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    about = {"title": "Memory", "minutes": 25, "summary": "What comes back."}
    notebooks = {
        "01-memory.ipynb": {"metadata": {"rnnviz": about}, "cells": []},
        "00-start.ipynb": {"metadata": {}, "cells": []},
        "my-notes.ipynb": {"metadata": {}, "cells": []},
    }
    for name, notebook in notebooks.items():
        (tmp_path / name).write_text(json.dumps(notebook))
    (tmp_path / "02-broken.ipynb").write_text("not a notebook")
    (tmp_path / "03-list.ipynb").write_text("[]")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "01-memory.png").write_bytes(b"light")
    (tmp_path / "pictures" / "01-memory.dark.png").write_bytes(b"dark")
    return tmp_path


def test_lessons_are_read_in_their_order(folder: Path) -> None:
    shown = rw.LessonMap(folder, here="00")
    assert [lesson["name"] for lesson in shown.lessons] == ["00-start", "01-memory"]
    assert shown.lessons[1] == {
        "name": "01-memory",
        "number": "01",
        "title": "Memory",
        "summary": "What comes back.",
        "minutes": 25,
        "pictured": True,
    }
    assert not shown.lessons[0]["pictured"]
    assert repr(shown) == "LessonMap(here='00')"


def test_the_folder_is_where_the_kernel_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert len(rw.LessonMap().lessons) == 2


def test_the_course_itself() -> None:
    lessons = rw.LessonMap(Path(__file__).parents[2] / "lessons").lessons
    assert "The recurrent neuron" in {lesson["title"] for lesson in lessons}
    assert all(lesson["summary"] and lesson["minutes"] for lesson in lessons)


@pytest.mark.parametrize(("dark", "expected"), [(False, b"light"), (True, b"dark")])
def test_pictures_are_handed_over_when_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, dark: bool, expected: bytes
) -> None:
    monkeypatch.setattr(lesson_map, "HOMES", ())
    shown = rw.LessonMap(folder)
    sent: list[tuple[dict[str, object], list[bytes]]] = []
    monkeypatch.setattr(shown, "send", lambda content, buffers: sent.append((content, buffers)))
    shown._answer(shown, {"kind": "something else"}, [])
    shown._answer(shown, {"kind": "pictures", "dark": dark}, [])
    assert sent == [({"kind": "pictures", "names": ["01-memory"]}, [expected])]


def test_a_copy_without_pictures_has_those_of_the_package(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = tmp_path_factory.mktemp("student")
    (student / "01-memory.ipynb").write_text((folder / "01-memory.ipynb").read_text())
    monkeypatch.setattr(lesson_map, "HOMES", (folder,))
    found = rw.LessonMap(student)._find_picture("01-memory", ".dark.png")
    assert found is not None
    assert found.read_bytes() == b"dark"


def test_no_lessons_no_map(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no lesson in"):
        rw.LessonMap(tmp_path)
