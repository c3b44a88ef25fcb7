"""What is where: the sections of a lesson, the paths through the course, and the index that its pages search."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from rnnviz.app.lessons import LAB_CELLS, Lesson
from rnnviz.app.texts import PageMarkdown

# A question of a lesson, as its cell asks it: the lesson's number and the question's name.
ASKED = re.compile(r"^[^#\n]*\brw\.ask\(\s*[\"'](\d\d)[\"'],\s*[\"']([\w-]+)[\"']", re.MULTILINE)
HEADINGS = ("h2", "h3")


@dataclass
class Section:
    """A part of a page, from its heading to the next one.

    Parameters
    ----------
    place
        The heading's mark in the page, such as ``Is-it-any-good``; empty for what stands before the first heading.
    title
        The heading, without markup.
    level
        2 or 3, as in HTML; 1 for what stands before the first heading.
    questions
        ``NUMBER/NAME`` of each question that is asked in it.
    text
        What is written in it, without markup.
    """

    place: str
    title: str
    level: int
    questions: list[str] = field(default_factory=list)
    text: str = ""


def read_sections(path: Path, left_out: frozenset[str] = LAB_CELLS) -> list[Section]:
    """Read which sections a notebook has, without running it.

    Parameters
    ----------
    path
        The notebook.
    left_out
        Tags of cells that its page does not show.

    Returns
    -------
    list of Section
        The first holds what stands before the first heading.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons
    >>> [section.place for section in read_sections(find_lessons() / "glossary.ipynb")[1:4]]
    ['A', 'activation', 'Adam']
    """
    return list(_read_sections(path, path.stat().st_mtime_ns, left_out))


@lru_cache(maxsize=256)
def _read_sections(path: Path, changed: int, left_out: frozenset[str]) -> tuple[Section, ...]:
    """Read a notebook's sections; `changed` is part of the key, so an edited file is read again."""
    markdown = MarkdownWithMath(renderer=PageMarkdown(escape=False))
    sections = [Section("", "", 1)]
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        if left_out & set(cell.get("metadata", {}).get("tags", ())):
            continue
        if cell["cell_type"] == "code":
            sections[-1].questions += [f"{number}/{name}" for number, name in ASKED.findall(source)]
        elif cell["cell_type"] == "markdown":
            for place, title, level, text in _split(BeautifulSoup(markdown.render(source), "html.parser")):
                if level:
                    sections.append(Section(place, title, level))
                elif sections[-1].level == 1 and title:
                    sections[-1].title = title
                sections[-1].text = " ".join(filter(None, (sections[-1].text, text)))
    return tuple(sections)


def _split(page: BeautifulSoup) -> Iterator[tuple[str, str, int, str]]:
    """Take a page apart: what stands before its first heading (level 0), then each heading with what follows it."""
    for mark in page.select(".anchor-link"):
        mark.decompose()
    for formula in page.find_all("math"):
        # A formula's letters belong together, and are looked for in plain type.
        formula.replace_with(normalize("NFKC", formula.get_text("")))
    texts: list[str] = []
    place, title, level = "", "", 0
    for element in page.find_all(True, recursive=False):
        text = " ".join(element.get_text(" " if element.name in {"ul", "ol", "table"} else "").split())
        if element.name in HEADINGS:
            yield place, title, level, " ".join(texts)
            place, title, level, texts = str(element["id"]), text, int(element.name[1]), []
        elif element.name == "h1":
            title = title or text
        else:
            texts.append(text)
    yield place, title, level, " ".join(texts)


def describe_minutes(minutes: int) -> str:
    """Say how long something takes.

    Examples
    --------
    >>> describe_minutes(50), describe_minutes(120), describe_minutes(165)
    ('50 minutes', '2 hours', '2 h 45 min')
    """
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minute{'' if rest == 1 else 's'}"
    if not rest:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{hours} h {rest} min"


@dataclass(frozen=True)
class Route:
    """A way through the course, with how long it takes.

    Parameters
    ----------
    name
        ``short`` or ``full``.
    title
        What it is called on the front page.
    lessons
        In the order in which they are taken.
    """

    name: str
    title: str
    lessons: tuple[Lesson, ...]

    @property
    def minutes(self) -> int:
        """The sum over its lessons, exercises left out."""
        return sum(lesson.minutes or 0 for lesson in self.lessons)

    @property
    def exercise_minutes(self) -> int:
        """The sum over its lessons' exercises."""
        return sum(lesson.exercise_minutes for lesson in self.lessons)

    @property
    def duration(self) -> str:
        """How long it takes, in words."""
        words = describe_minutes(self.minutes)
        if self.exercise_minutes:
            words += f", and {describe_minutes(self.exercise_minutes)} for the exercises"
        return words


def find_routes(lessons: Sequence[Lesson]) -> list[Route]:
    """Return the ways through some lessons: the short one, where they mark one, and the full one.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons, read_lessons
    >>> short, full = find_routes([one for one in read_lessons(find_lessons())[0] if one.takes_turn])
    >>> len(short.lessons) < len(full.lessons), short.minutes < full.minutes
    (True, True)
    """
    short = tuple(lesson for lesson in lessons if lesson.on_short_path)
    if not short or len(short) == len(lessons):
        return []
    return [
        Route("short", "The short path", short),
        Route("full", "The full path", tuple(lessons)),
    ]


def compose_page(
    lesson: Lesson, lessons: Sequence[Lesson], *, left_out: frozenset[str] = LAB_CELLS
) -> dict[str, Any]:
    """Gather what a page says around a lesson or a text beside the lessons.

    Parameters
    ----------
    lesson
        What the page shows.
    lessons
        Everything that pages are made of, in the order of the file names.
    left_out
        Tags of cells that the page does not show.

    Returns
    -------
    dict
        The lesson, its neighbours, the next one of the short path where that is another, its sections without what
        stands before the first heading, and all lessons and texts.
    """
    turns = [other for other in lessons if other.takes_turn]
    at = turns.index(lesson) if lesson in turns else None
    following = [] if at is None else turns[at + 1 :]
    hurried = next((other for other in following if other.on_short_path), None)
    return {
        "lesson": lesson,
        "previous": turns[at - 1] if at else None,
        "next": following[0] if following else None,
        "short": hurried if lesson.on_short_path and hurried and hurried is not following[0] else None,
        "sections": read_sections(lesson.path, left_out)[1:],
        "turns": turns,
        "beside": [other for other in lessons if not other.takes_turn],
    }


def compose_index(
    lessons: Sequence[Lesson],
    page_of: Callable[[Lesson], str],
    *,
    left_out: frozenset[str] = LAB_CELLS,
) -> str:
    """Return a script that hands the course's texts to the search of a page.

    Parameters
    ----------
    lessons
        What is searched.
    page_of
        The address of a lesson's page.
    left_out
        Tags of cells that pages do not show.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons, read_lessons
    >>> script = compose_index(read_lessons(find_lessons())[0], lambda lesson: lesson.name)
    >>> script.startswith("rnnvizSearch.fill({") and "Is-it-any-good" in script
    True
    """
    pages = [
        {"address": page_of(lesson), "title": lesson.title, "number": lesson.number} for lesson in lessons
    ]
    entries = [
        {"page": page, "place": section.place, "title": section.title, "text": section.text}
        for page, lesson in enumerate(lessons)
        for section in read_sections(lesson.path, left_out)
        if section.text or section.place
    ]
    found = json.dumps({"pages": pages, "entries": entries}, ensure_ascii=False, separators=(",", ":"))
    # Nothing in a text may end the script that holds it, or a line of it.
    found = found.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"rnnvizSearch.fill({found});\n"
