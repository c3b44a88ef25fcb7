"""What quizzes, predictions and code checks share: a name under which the page keeps what was answered."""

from __future__ import annotations

import re

import traitlets

from rnnviz_widgets.base import Widget


class Question(Widget):
    """Something a lesson asks.

    The page keeps the answer in the browser's own storage, under the lesson and the question's name, so
    that it is still there tomorrow. It is never sent anywhere, not even to Python.
    """

    lesson = traitlets.Unicode("").tag(sync=True)
    """Number of the lesson that asks."""
    name = traitlets.Unicode("").tag(sync=True)
    """Short name of the question, unique in its lesson."""

    def __repr__(self) -> str:
        inside = [repr(self.name), *(f"{name}={value!r}" for name, value in self.facts().items())]
        return f"{type(self).__name__}({', '.join(inside)})"


def name_after(question: str) -> str:
    """Return a short name for a question, made of its first words.

    Parameters
    ----------
    question : str
        The question, possibly with tags in it.

    Returns
    -------
    str
        At most eight words, in lower case, joined by hyphens.

    Examples
    --------
    >>> name_after("How many weights has <b>W</b>?")
    'how-many-weights-has-w'
    """
    words = re.findall(r"\w+", re.sub(r"<[^>]*>", " ", question).lower())
    return "-".join(words[:8])


def require_text(widget: str, what: str, value: object) -> str:
    """Return `value` if it is a text with something in it, and otherwise say what is missing.

    Raises
    ------
    TypeError, ValueError
        If it is no text, or an empty one.
    """
    if not isinstance(value, str):
        raise TypeError(f"{widget} was given {value!r} as {what}; it takes a text.")
    if not value.strip():
        raise ValueError(f"{widget} was given an empty text as {what}; write what the student should read.")
    return value
