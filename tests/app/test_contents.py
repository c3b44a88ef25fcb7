"""Sections, ways through the course, and what its pages search."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnviz.app.contents import (
    compose_index,
    compose_page,
    describe_minutes,
    find_routes,
    read_sections,
)
from rnnviz.app.lessons import Lesson, find_lessons, read_lessons
from rnnviz.app.texts import name_place

LESSONS = [lesson for lesson in read_lessons(find_lessons())[0] if lesson.takes_turn]
INSTRUCTORS = find_lessons() / "instructors"


def read_index(script: str) -> dict[str, Any]:
    return dict(json.loads(script.removeprefix("rnnvizSearch.fill(").removesuffix(");\n")))


@pytest.fixture
def lesson(tmp_path: Path, write_lesson: Callable[..., Path]) -> Path:
    cells = [
        "# A title\n\nBefore anything.",
        "## Is it $h_t$?\n\nThe state $\\mathbf{h}_t$ is **kept** by a [cell](glossary.ipynb#cell).",
        ("import rnnviz_widgets as rw\nrw.ask('02', 'memory-place')",),
        ('rw.ask("02", "shared-weights")',),
        ("# rw.ask('02', 'echo') is only spoken of here",),
        "### Exercise 1\n\nOnly in JupyterLab.",
        ("rw.ask('02', 'count-weights')", "lab-only"),
        "Still the exercise.\n\n## Last\n\n| a | b |\n|---|---|\n| one | two |",
    ]
    return write_lesson(tmp_path, "02-made", cells, title="Made")


def test_a_lesson_is_read_into_sections(lesson: Path) -> None:
    start, first, exercise, last = read_sections(lesson)
    assert (start.place, start.title, start.level) == ("", "A title", 1)
    assert start.text == "Before anything."
    assert (first.place, first.title, first.level) == ("Is-it-ht", "Is it ht?", 2)
    assert first.questions == ["02/memory-place", "02/shared-weights"]
    # Formulas are found by letters that a keyboard has.
    assert first.text == "The state ht is kept by a cell."
    assert exercise.text == "Only in JupyterLab. Still the exercise."
    assert exercise.questions == []
    assert last.text == "a b one two"


def test_every_section_of_the_course_has_a_mark_of_its_own_that_an_address_holds_as_it_is() -> None:
    for lesson in read_lessons(find_lessons())[0]:
        places = [section.place for section in read_sections(lesson.path, frozenset())[1:]]
        assert len(places) > 3
        assert len(places) == len(set(places)), lesson.name
        assert all(re.fullmatch(r"[\w-]+", place) for place in places), lesson.name


def test_every_question_of_a_lesson_belongs_to_a_section() -> None:
    for lesson in LESSONS:
        asked = [question for section in read_sections(lesson.path) for question in section.questions]
        assert len(asked) == lesson.questions, lesson.name
        assert {question.split("/")[0] for question in asked} <= {lesson.number}


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        ("Is it any good?", "Is-it-any-good"),
        ("Is-it-any-good?", "Is-it-any-good"),
        ("Slopes, and the chain rule", "Slopes-and-the-chain-rule"),
        ("Größe & Länge", "Größe-Länge"),
    ],
)
def test_a_heading_and_its_mark_in_jupyterlab_name_one_place(heading: str, place: str) -> None:
    assert name_place(heading) == place


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lessons_minutes_are_those_of_the_instructors_plan(lesson: Lesson) -> None:
    page = (INSTRUCTORS / f"{lesson.number}.md").read_text()
    exercises = f", and {lesson.exercise_minutes} for the exercises" if lesson.exercise_minutes else ""
    assert f"## A plan for {lesson.minutes} minutes{exercises}\n" in page
    found = re.findall(r"^\| (\d+)–(\d+) \| (Exercise)?", page, re.MULTILINE)
    rows = [(int(start), int(end), bool(exercise)) for start, end, exercise in found]
    # Each row begins where the one before it ends.
    assert [start for start, _, _ in rows] == [0, *(end for _, end, _ in rows[:-1])]
    assert sum(end - start for start, end, exercise in rows if not exercise) == lesson.minutes
    # Exercises stand in the plan only where a class does them together.
    assert sum(end - start for start, end, exercise in rows if exercise) in {0, lesson.exercise_minutes}
    if lesson.sittings:
        assert sum(sitting.minutes for sitting in lesson.sittings) == lesson.minutes
        assert lesson.sittings[0].minutes in {end for _, end, _ in rows}


def test_a_sitting_begins_with_a_section_that_there_is() -> None:
    (forecasting,) = (lesson for lesson in LESSONS if lesson.sittings)
    titles = {section.title for section in read_sections(forecasting.path)}
    first, second = forecasting.sittings
    assert first.begins == ""
    assert second.begins in titles


def test_the_instructors_table_of_lessons_agrees_with_the_lessons() -> None:
    text = (INSTRUCTORS / "README.md").read_text()
    for lesson in LESSONS:
        row = f"| {lesson.number} | {lesson.title} | [{lesson.number}.md]({lesson.number}.md) | {lesson.minutes} | "
        assert row + f"{lesson.exercise_minutes or '–'} | " in text


def test_the_short_path_and_the_full_one() -> None:
    short, full = find_routes(LESSONS)
    assert [lesson.number for lesson in short.lessons][:3] == ["00", "02", "06"]
    assert full.lessons == tuple(LESSONS)
    assert short.minutes == sum(lesson.minutes or 0 for lesson in short.lessons) < full.minutes
    assert describe_minutes(short.minutes) in short.duration
    assert find_routes([]) == find_routes([Lesson(Path("01-x.ipynb"), "X")]) == []


def test_a_page_knows_its_neighbours_and_the_short_path() -> None:
    folder = find_lessons()
    lessons, _ = read_lessons(folder)
    by_number = {lesson.number: lesson for lesson in lessons if lesson.takes_turn}
    page = compose_page(by_number["02"], lessons)
    assert (page["previous"].number, page["next"].number, page["short"].number) == ("01", "03", "06")
    assert compose_page(by_number["01"], lessons)["short"] is None
    assert compose_page(by_number["00"], lessons)["previous"] is None
    (glossary,) = page["beside"]
    page = compose_page(glossary, lessons)
    assert (page["previous"], page["next"], page["short"]) == (None, None, None)
    assert [lesson.number for lesson in page["turns"]] == sorted(by_number)


def test_what_is_searched(lesson: Path, write_lesson: Callable[..., Path]) -> None:
    hostile = "# </script><b>x</b>\n\n## Here\n\nA line\u2028break and `</script>`."
    write_lesson(lesson.parent, "03-odd", [hostile], title="Odd </script>")
    lessons, _ = read_lessons(lesson.parent)
    script = compose_index(lessons, lambda lesson: f"{lesson.name}.html")
    assert "</script" not in script
    assert "\u2028" not in script
    index = read_index(script)
    assert [page["address"] for page in index["pages"]] == ["02-made.html", "03-odd.html"]
    assert index["entries"][1] == {
        "page": 0,
        "place": "Is-it-ht",
        "title": "Is it ht?",
        "text": "The state ht is kept by a cell.",
    }
    # The whole course is small enough to be searched in the page.
    course = compose_index(read_lessons(find_lessons())[0], lambda lesson: lesson.name)
    assert len(course.encode()) < 60_000 * len(LESSONS)
