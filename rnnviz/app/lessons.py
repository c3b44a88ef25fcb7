"""Find the lessons and read what the gallery says about each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import rnnviz

# Cells with one of these tags belong to JupyterLab: they are edited, or show the answer to what is edited.
LAB_CELLS = frozenset({"lab-only", "exercise", "solution"})


@dataclass(frozen=True)
class Sitting:
    """A part of a lesson that is meant to be taken at one go.

    Parameters
    ----------
    minutes
        How long it takes.
    begins
        The heading of the section with which it begins; empty for the first sitting.
    """

    minutes: int
    begins: str = ""


@dataclass(frozen=True)
class Lesson:
    """What is known of a lesson without running it, read from the notebook's metadata.

    Parameters
    ----------
    path
        The notebook.
    title, summary
        One line each; the title falls back to the first heading, then to the file's name.
    minutes
        How long a student needs without the exercises, or None where the notebook does not say.
    exercise_minutes
        How long the exercises take on top of that.
    sittings
        Where the lesson may be taken in several sittings: each of them, the first one included; else empty.
    on_short_path
        Whether the short path through the course leads through it.
    outcomes
        Completions of "after this lesson you can …".
    questions
        How many questions and predictions its page asks.
    runs
        Whether there is code in it; a notebook of text alone is read without a kernel.
    """

    path: Path
    title: str
    summary: str = ""
    minutes: int | None = None
    exercise_minutes: int = 0
    sittings: tuple[Sitting, ...] = ()
    on_short_path: bool = False
    outcomes: tuple[str, ...] = ()
    questions: int = 0
    runs: bool = True

    @property
    def name(self) -> str:
        """The file's name without its ending, such as ``02-recurrent-neuron``."""
        return self.path.stem

    @property
    def number(self) -> str:
        """The two digits a lesson's file name starts with, or nothing."""
        head = self.name.split("-", 1)[0]
        return head if head.isdigit() else ""

    @property
    def takes_turn(self) -> bool:
        """Whether it is one of the lessons; a text without a number, such as a glossary, stands beside them.

        Examples
        --------
        >>> Lesson(Path("glossary.ipynb"), "Glossary", runs=False).takes_turn
        False
        """
        return self.runs or bool(self.number)

    def picture(self, *, dark: bool = False) -> Path | None:
        """Find the lesson's picture for a light or a dark page, None where there is none.

        Parameters
        ----------
        dark
            Ask for ``pictures/NAME.dark.png`` instead of ``pictures/NAME.png``.

        Examples
        --------
        >>> Lesson(Path("nowhere/02-neuron.ipynb"), "A neuron").picture() is None
        True
        """
        picture = self.path.parent / "pictures" / f"{self.name}{'.dark' if dark else ''}.png"
        return picture if picture.is_file() else None


@dataclass(frozen=True)
class Unreadable:
    """A file that ends like a notebook and cannot be read as one.

    Parameters
    ----------
    path
        The file.
    reason
        Why, in words to stand after a colon.
    """

    path: Path
    reason: str


def find_lessons() -> Path:
    """Return the folder with the lessons: the checkout's own, or the copy inside an installed package.

    Raises
    ------
    FileNotFoundError
        The package was installed without its lessons.

    Examples
    --------
    >>> find_lessons().name in {"lessons", "_lessons"}
    True
    """
    package = Path(rnnviz.__file__).parent
    # The checkout first: what is edited there is what its owner wants to see.
    checkout = package.parent / "lessons"
    if (checkout / "source").is_dir():
        return checkout
    installed = package / "_lessons"
    if installed.is_dir():
        return installed
    raise FileNotFoundError(
        f"This installation of rnnviz has no lessons: neither {installed} nor {checkout} exists. "
        'Install it again with: pip install --force-reinstall "rnnviz[course]"'
    )


def read_lessons(folder: Path) -> tuple[list[Lesson], list[Unreadable]]:
    """Read every notebook of a folder, in the order of the file names.

    Parameters
    ----------
    folder
        Where the notebooks lie; folders inside it are not searched.

    Returns
    -------
    list of Lesson, list of Unreadable
        The lessons, and the files ending in ``.ipynb`` that are none: one of them must not bar the others.

    Examples
    --------
    >>> lessons, unreadable = read_lessons(find_lessons())
    >>> numbers = [lesson.number for lesson in lessons if lesson.takes_turn]
    >>> numbers == sorted(numbers)
    True
    >>> unreadable
    []
    """
    lessons: list[Lesson] = []
    unreadable: list[Unreadable] = []
    for path in sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith(".")):
        try:
            lessons.append(_read_lesson(path, path.stat().st_mtime_ns))
        except OSError as error:
            unreadable.append(Unreadable(path, f"it cannot be opened ({error.strerror or error})"))
        except (ValueError, RecursionError) as error:
            unreadable.append(Unreadable(path, f"it does not hold JSON ({error})"))
        except (KeyError, TypeError, AttributeError) as error:
            unreadable.append(Unreadable(path, f"it is not built like a notebook ({error!r})"))
    return lessons, unreadable


@lru_cache(maxsize=256)
def _read_lesson(path: Path, changed: int) -> Lesson:
    """Read one notebook; `changed` is part of the key, so an edited file is read again."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells: list[dict[str, Any]] = notebook["cells"]
    about: dict[str, Any] = notebook.get("metadata", {}).get("rnnviz", {})
    return Lesson(
        path=path,
        title=about.get("title") or _first_heading(cells) or path.stem,
        summary=about.get("summary", ""),
        minutes=about.get("minutes"),
        exercise_minutes=about.get("exercise_minutes", 0),
        sittings=tuple(
            Sitting(sitting["minutes"], sitting.get("begins", "")) for sitting in about.get("sittings", ())
        ),
        on_short_path=bool(about.get("short_path", False)),
        outcomes=tuple(about.get("outcomes", ())),
        questions=_count_questions(cells),
        runs=any(cell["cell_type"] == "code" for cell in cells),
    )


def _first_heading(cells: list[dict[str, Any]]) -> str:
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return ""


def _count_questions(cells: list[dict[str, Any]]) -> int:
    sources = [
        "".join(cell["source"])
        for cell in cells
        if cell.get("cell_type") == "code" and not LAB_CELLS & set(cell.get("metadata", {}).get("tags", ()))
    ]
    return sum(len(re.findall(r"^[^#\n]*\brw\.ask\(", source, re.MULTILINE)) for source in sources)
