"""What a reader says when it cannot go on: the line, the cell, and the cure."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable

__all__ = ["CsvError", "count", "listed", "need_packages", "no_such_column", "number_lines"]


class CsvError(ValueError):
    """A file that cannot be used as it is; the message says what is wrong and what to do.

    Attributes
    ----------
    line : int or None
        The line of the file, counted from 1, where there is one to point at.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Line {line}: {message}")
        self.line = line


def need_packages() -> None:
    """Say which package is missing before anything is read."""
    for package in ("pandas", "clevercsv"):
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ImportError(
                f"To read a table, {package} is needed, which is not installed. "
                'Run: pip install "rnnviz[course]"'
            ) from error


def no_such_column(title: str, titles: Iterable[str]) -> str:
    """Name the columns there are, and the one that was perhaps meant."""
    known = list(titles)
    close = difflib.get_close_matches(title, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"There is no column {title!r}; the file has {listed(known)}.{hint}"


def listed(items: Iterable[str], most: int = 8) -> str:
    """Put names into a sentence: the first few, and how many more there are."""
    names = list(items)
    return ", ".join(map(repr, names[:most])) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )


def count(number: int, one: str, many: str) -> str:
    """Return a number and the form of the noun that goes with it."""
    return f"{number:,} {one if number == 1 else many}"


def number_lines(lines: Iterable[int], most: int = 5) -> str:
    """Return "line 3" or "lines 3, 4, 9, …"; lines that were filled in have no number and are left out."""
    known = sorted(set(lines) - {0})
    if not known:
        return ""
    shown = ", ".join(map(str, known[:most])) + (", …" if len(known) > most else "")
    return f"line{'s' * (len(known) > 1)} {shown}"
