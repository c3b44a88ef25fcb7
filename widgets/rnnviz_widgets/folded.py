"""Text that a reader may want to check, and need not read."""

from __future__ import annotations

from html import escape


class Folded:
    r"""Folds a printed text up under one line, to be opened by a reader who wants to check it.

    It is no widget: a page shows it without a script, and a stored notebook holds the text.

    Parameters
    ----------
    summary : str
        The line that stays in view: what the text shows.
    text : str
        The text, in lines and columns.

    Raises
    ------
    TypeError, ValueError
        If either is no text, or an empty one.

    Examples
    --------
    >>> Folded("All four rows agree", "0.5 0.5\n0.1 0.1")
    All four rows agree
    0.5 0.5
    0.1 0.1
    """

    def __init__(self, summary: str, text: str) -> None:
        for name, value in (("summary", summary), ("text", text)):
            if not isinstance(value, str):
                raise TypeError(f"Folded was given {value!r} as {name}; it takes a text.")
            if not value.strip():
                raise ValueError(
                    f"Folded was given an empty text as {name}; write what the reader should see."
                )
        self.summary = summary
        self.text = text

    def __repr__(self) -> str:
        return f"{self.summary}\n{self.text}"

    def _repr_html_(self) -> str:
        return f"<details><summary>{escape(self.summary)}</summary><pre>{escape(self.text)}</pre></details>"
