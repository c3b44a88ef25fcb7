"""The questions of the lessons, kept apart from the notebooks so that nobody meets an answer too early."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

from rnnviz_widgets.base import Widget
from rnnviz_widgets.predict import Option, Predict
from rnnviz_widgets.quiz import Quiz, Right, Wrong

QUESTIONS = Path(__file__).parent / "questions"


def ask(
    lesson: str, name: str, *, show: Widget | None = None, folder: str | Path = QUESTIONS
) -> Quiz | Predict:
    """Ask one of a lesson's questions.

    Parameters
    ----------
    lesson : str
        Number of the lesson, two digits.
    name : str
        Name of the question in ``<folder>/<lesson>.toml``.
    show : Widget, optional
        For a prediction: a widget that stays hidden until the student has committed.
    folder : str or path, optional
        Where the questions of a lesson of your own lie.

    Returns
    -------
    Quiz or Predict
        Ready to be displayed.

    Raises
    ------
    KeyError
        If there is no such lesson or question.
    TypeError
        If `show` is given for a quiz.

    Examples
    --------
    >>> ask("02", "shared-weights")
    Quiz('shared-weights', options=3)
    """
    questions = read_questions(lesson, folder)
    if name not in questions:
        close = difflib.get_close_matches(name, questions, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(questions)}."
        raise KeyError(f"Lesson {lesson} has no question {name!r}. {hint}")
    entry = dict(questions[name])
    kind = entry.pop("kind")
    if kind != "quiz":
        if "options" in entry:
            entry["options"] = [Option(**option) for option in entry["options"]]
        return Predict(kind=kind, lesson=lesson, name=name, show=show, **entry)
    if show is not None:
        raise TypeError(f"{name!r} is a quiz; only a prediction takes `show`, to be revealed later.")
    options = [Right(**option) if "because" in option else Wrong(**option) for option in entry.pop("options")]
    return Quiz(options=options, lesson=lesson, name=name, **entry)


def read_questions(lesson: str, folder: str | Path = QUESTIONS) -> dict[str, dict[str, Any]]:
    """Read all questions of a lesson.

    Parameters
    ----------
    lesson : str
        Number of the lesson, two digits.
    folder : str or path, optional
        Where the files with questions lie; by default those of the course.

    Returns
    -------
    dict
        Name → what the file says of the question.

    Raises
    ------
    KeyError
        If the lesson has no questions here.

    Examples
    --------
    >>> "echo" in read_questions("02")
    True
    """
    path = Path(folder) / f"{lesson}.toml"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in Path(folder).glob("*.toml"))) or "none"
        of_whom = "" if Path(folder) == QUESTIONS else f" in {folder}"
        raise KeyError(f"There are no questions for lesson {lesson!r}{of_whom}; there are for {there}.")
    return tomllib.loads(path.read_text(encoding="utf-8"))
