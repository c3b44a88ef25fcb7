"""The student's copy: nothing a student wrote is ever lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnviz.app.copies import RECORD, copy_lessons

LESSON = "02-neuron.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / LESSON).write_text("first edition")
    (folder / "05-forecasting.ipynb").write_text("forecasting")
    (folder / "build.py").write_text("not a lesson")
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.name != RECORD}


def test_the_first_time_every_lesson_is_new(course: Path, mine: Path) -> None:
    done = copy_lessons(course, mine, "1.0")
    assert done.new == [LESSON, "05-forecasting.ipynb"]
    assert files(mine) == {LESSON: "first edition", "05-forecasting.ipynb": "forecasting"}


def test_a_second_time_changes_nothing(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    done = copy_lessons(course, mine, "1.0")
    assert done.describe() == "All lessons are up to date."
    assert done.unchanged == [LESSON, "05-forecasting.ipynb"]


def test_a_lesson_the_student_did_not_touch_is_updated(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    (course / LESSON).write_text("second edition")
    done = copy_lessons(course, mine, "1.1")
    assert done.updated == [LESSON]
    assert files(mine)[LESSON] == "second edition"
    assert done.describe() == f"1 unchanged lesson updated: {LESSON}"


def test_work_is_kept_and_a_newer_lesson_laid_beside_it_once(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    (mine / LESSON).write_text("my solution")
    assert copy_lessons(course, mine, "1.0").beside == {}

    (course / LESSON).write_text("second edition")
    done = copy_lessons(course, mine, "1.1")
    beside = "02-neuron (new in 1.1).ipynb"
    assert (done.kept, done.beside) == ([LESSON], {LESSON: beside})
    assert f"A newer {LESSON} lies beside yours as {beside}" in done.describe()
    assert files(mine) == {
        LESSON: "my solution",
        beside: "second edition",
        "05-forecasting.ipynb": "forecasting",
    }
    assert copy_lessons(course, mine, "1.1").beside == {}


def test_what_lies_beside_is_the_students_too(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    (mine / LESSON).write_text("my solution")
    (course / LESSON).write_text("second edition")
    copy_lessons(course, mine, "1.1")
    (mine / "02-neuron (new in 1.1).ipynb").write_text("my second solution")
    (course / LESSON).write_text("third edition")
    done = copy_lessons(course, mine, "1.1")
    assert done.beside == {LESSON: "02-neuron (new in 1.1 2).ipynb"}
    assert files(mine)["02-neuron (new in 1.1).ipynb"] == "my second solution"
    assert files(mine)["02-neuron (new in 1.1 2).ipynb"] == "third edition"
    assert files(mine)[LESSON] == "my solution"


def test_a_deleted_lesson_comes_back(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    (mine / LESSON).unlink()
    assert copy_lessons(course, mine, "1.0").new == [LESSON]


@pytest.mark.parametrize("record", [None, "no json", '{"handed out": 3}', "[]"])
def test_without_a_record_everything_counts_as_work(course: Path, mine: Path, record: str | None) -> None:
    mine.mkdir()
    (mine / LESSON).write_text("from a friend")
    if record is not None:
        (mine / RECORD).write_text(record)
    done = copy_lessons(course, mine, "1.0")
    assert done.kept == [LESSON]
    assert files(mine)[LESSON] == "from a friend"
    assert files(mine)[done.beside[LESSON]] == "first edition"


def test_a_student_who_takes_over_the_new_version_has_it_updated_again(course: Path, mine: Path) -> None:
    copy_lessons(course, mine, "1.0")
    (mine / LESSON).write_text("my solution")
    (course / LESSON).write_text("second edition")
    copy_lessons(course, mine, "1.1")
    (mine / LESSON).write_text("second edition")
    (course / LESSON).write_text("third edition")
    assert copy_lessons(course, mine, "1.2").updated == [LESSON]


def test_other_files_are_left_alone(course: Path, mine: Path) -> None:
    mine.mkdir()
    (mine / "notes.txt").write_text("notes")
    copy_lessons(course, mine, "1.0")
    assert files(mine)["notes.txt"] == "notes"
    assert "build.py" not in files(mine)
