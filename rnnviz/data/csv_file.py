"""A student's own file: read it, or say in one sentence what is wrong with it and what to do.

Nothing is guessed in silence. What could be read in two ways is read in one and noted, or refused; gaps are
filled only when that was asked for, and the notes of the series say which.
"""

from __future__ import annotations

import csv
import datetime
import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rnnviz.data.series import Series

__all__ = ["CsvError", "read_csv"]

LARGEST = 20_000_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
FILLS = ("linear", "previous", "drop")
BLANK = {"", "-", "--", "?", ".", "..", "na", "n/a", "nan", "null", "none", "#n/a"}
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"{\\rtf": "a word processor's document",
}
# The day comes first in more formats than the month; where both fit, `_parse_dates` decides by regular steps.
DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%Y-%m",
    "%Y/%m",
    "%m/%Y",
    "%b %Y",
    "%B %Y",
    "%Y%m%d",
    "%Y",
)
TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S")
SPACED = re.compile(r"(?<=\d)[ '’](?=\d{3})")
ENGLISH = re.compile(r"(?=.*\d)[+-]?([1-9]\d{0,2}(,\d{3})+|\d*)(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)
CONTINENTAL = re.compile(r"(?=.*\d)[+-]?([1-9]\d{0,2}(\.\d{3})+|\d*)(,\d*)?(e[+-]?\d+)?", re.IGNORECASE)
# Steps a season, by the days between two steps.
SEASONS = ((1 / 24, 24), (1, 7), (7, 52), (30.4, 12), (91.3, 4))

Row = tuple[int, list[str]]
Moments = npt.NDArray[np.datetime64]


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


def read_csv(
    source: str | Path | bytes,
    *,
    columns: str | Sequence[str] | None = None,
    dates: str | None = None,
    fill: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    encoding: str | None = None,
    season: int | None = None,
    name: str | None = None,
    minimum: int = 30,
) -> Series:
    r"""Read a series from a table in a text file: a row a step, the oldest first or last.

    The separator, a header, a column of dates, decimal commas and thousands separators are recognised.

    Parameters
    ----------
    source : str, Path or bytes
        The file, or what it contains.
    columns : str or sequence of str, optional
        The columns to forecast; by default all that hold numbers.
    dates : str, optional
        The column of dates; by default the first that holds dates.
    fill : {"linear", "previous", "drop"}, optional
        What to do about gaps, that is empty cells and dates that are left out: put values on a straight line
        between the neighbours, repeat the value before, or leave those rows out. By default an empty cell is
        an error, and dates that are left out are noted.
    decimal : {".", ","}, optional
        The decimal mark, where the file does not make it clear.
    date_format : str, optional
        As for ``datetime.strptime``, where the file does not make it clear.
    encoding : str, optional
        By default UTF-8 (or UTF-16 with its mark), then Windows-1252.
    season : int, optional
        Steps in a season; by default from the distance of the dates: 12 for months, 7 for days and so on.
    name : str, optional
        Of the series; by default the file's.
    minimum : int, default 30
        Fewest steps that are of any use.

    Returns
    -------
    Series
        With ``notes`` of everything that was assumed, left out or filled.

    Raises
    ------
    CsvError
        With one sentence on what is wrong, the line where it is, and what to do.

    Examples
    --------
    >>> from rnnviz.data import read_csv
    >>> rows = "\n".join(f"{day:02}.01.2024;{day},5" for day in range(1, 31))
    >>> series = read_csv(("day;visitors\n" + rows).encode(), name="museum")
    >>> series, series.values[0], series.dates[0], series.season
    (Series('museum', 30 steps, 1 feature), array([1.5], dtype=float32), np.datetime64('2024-01-01'), 7)
    """
    if fill is not None and fill not in FILLS:
        raise CsvError(f"fill is {fill!r}; it must be one of {', '.join(map(repr, FILLS))}, or None.")
    if decimal not in (None, ".", ","):
        raise CsvError(f'decimal is {decimal!r}; it must be "." or ",".')
    raw, name = _load(source, name)
    notes: list[str] = []
    text = _decode(raw, encoding, notes)
    delimiter = _find_delimiter(text)
    header, rows = _table(text, delimiter, notes)
    cells = {title: [row[column] for _, row in rows] for column, title in enumerate(header)}
    lines = [line for line, _ in rows]

    date_title, moments = _find_dates(cells, lines, dates, date_format)
    titles = _choose_columns(cells, columns, date_title, notes)
    marks = {
        title: decimal or _find_decimal(cells[title], title, delimiter == ";", notes) for title in titles
    }
    values = np.stack([_numbers(cells[title], lines, title, marks[title]) for title in titles], axis=1)
    table = _Table(values, lines, titles, moments, notes)
    if moments is not None:
        table.put_in_order()
        table.look_for_missing_dates(fill)
    table.close_gaps(fill)
    if len(table.values) < minimum:
        raise CsvError(
            f"The file has {_count(len(table.values), 'row', 'rows')} with numbers, and at least {minimum} "
            "are needed to learn from and to test on. Use a longer series."
        )
    return Series(
        name=name,
        values=table.values.astype(np.float32),
        features=tuple(titles),
        dates=table.moments,
        season=season if season is not None else table.season(),
        source=name,
        notes=tuple(notes),
    )


# From bytes to rows of cells.


def _load(source: str | Path | bytes, name: str | None) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "your file"
    path = Path(source)
    if path.is_dir():
        raise CsvError(f"{path} is a folder. Give the file in it, such as {path / 'data.csv'}.")
    if not path.is_file():
        near = sorted(other.name for other in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        hint = (
            f"In that folder there are {', '.join(near[:5])}."
            if near
            else "Check the folder and the spelling."
        )
        raise CsvError(f"There is no file {path}. {hint}")
    return path.read_bytes(), name or path.stem


def _decode(raw: bytes, encoding: str | None, notes: list[str]) -> str:
    if not raw.strip():
        raise CsvError(
            "The file is empty. Export it again, and check that it has rows when opened in a text editor."
        )
    if len(raw) > LARGEST:
        raise CsvError(
            f"The file has {len(raw) / 1e6:.0f} MB; up to {LARGEST / 1e6:.0f} MB can be read. Keep only the "
            "columns needed, or average over longer steps."
        )
    for signature, what in SIGNATURES.items():
        if raw.startswith(signature):
            raise CsvError(
                f"This is {what}, not a CSV file. Open it and save or export the table as CSV (UTF-8)."
            )
    if encoding is None and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    if b"\0" in raw and encoding is None:
        raise CsvError(
            "This is a binary file, not text. Open it in the program it is from and export it as CSV (UTF-8)."
        )
    try:
        return raw.decode(encoding or "utf-8-sig")
    except LookupError:
        raise CsvError(f"There is no encoding {encoding!r}; try 'utf-8', 'cp1252' or 'latin-1'.") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        western = raw.decode("cp1252", errors="replace")
        # Other encodings, read as this one, come out as quotation marks and bullets in the midst of words.
        if encoding is None and all(
            sign.isascii() or sign.isalpha() or sign in "°²³€£µ½" for sign in western
        ):
            notes.append("The file is not UTF-8; it was read as Windows-1252.")
            return western
        raise CsvError(
            f"a character is written in an encoding other than {encoding or 'UTF-8'}. Save the file as "
            "CSV (UTF-8), or name its encoding, as in encoding='shift_jis'.",
            line,
        ) from None


def _table(text: str, delimiter: str, notes: list[str]) -> tuple[list[str], list[Row]]:
    rows = _rows(text, delimiter)
    width = len(rows[0][1])
    for line, row in rows[1:]:
        # Some programs end each row with a separator, or leave empty cells away at its end.
        if len(row) > width and not any(row[width:]):
            del row[width:]
        if len(row) != width:
            hint = (
                "If the comma is your decimal mark, separate the columns with semicolons."
                if delimiter == "," and len(row) > width
                else f"The columns are separated by a {DELIMITERS[delimiter]}."
            )
            raise CsvError(
                f"{_count(len(row), 'cell', 'cells')}, where line {rows[0][0]} has {width}. {hint} "
                "Correct the line or remove it.",
                line,
            )
    first = rows[0][1]
    if any(_is_number(cell) or _looks_like_date(cell) for cell in first) and not all(
        _is_text(cell) or not cell for cell in first
    ):
        notes.append("The file has no header; its columns are numbered.")
        header = [f"column {number}" for number in range(1, width + 1)]
    else:
        header = _unique(first)
        rows = rows[1:]
    if not rows:
        raise CsvError("The file has a header but no rows below it. Export it again with its data.")
    return header, rows


def _find_delimiter(text: str) -> str:
    """Return the separator that gives the most lines the same number of cells, at least two."""
    sample = "\n".join(text.splitlines()[:60])

    def agreement(delimiter: str) -> tuple[float, int]:
        try:
            widths = Counter(len(row) for _, row in _rows(sample, delimiter, strict=False))
        except CsvError:
            return 0.0, 0
        width, count = widths.most_common(1)[0]
        return (count / widths.total(), width) if width > 1 else (0.0, 0)

    # In "1.1.2020;3,5" both the comma and the semicolon give two cells: a comma between digits counts for
    # less.
    scores = {delimiter: agreement(delimiter) for delimiter in DELIMITERS}
    if scores[";"][0] >= scores[","][0] > 0:
        scores[","] = (0.0, 0)
    return max(DELIMITERS, key=scores.__getitem__)


def _rows(text: str, delimiter: str, strict: bool = True) -> list[Row]:
    reader = csv.reader(
        text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True, strict=strict
    )
    rows: list[Row] = []
    started = 1
    try:
        for row in reader:
            cells = [_tidy(cell) for cell in row]
            if any(cells) and not cells[0].startswith("#"):
                rows.append((started, cells))
            started = reader.line_num + 1
    except csv.Error as error:
        raise CsvError(f"the quotation marks do not match ({error}). Correct that line.", started) from None
    if not rows:
        raise CsvError("The file has only blank lines and comments. Export it again with its data.")
    return rows


def _tidy(cell: str) -> str:
    return cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()


def _unique(titles: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for number, title in enumerate(titles, 1):
        title = title or f"column {number}"
        seen[title] += 1
        unique.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return unique


# From cells to numbers.


def _is_number(cell: str) -> bool:
    return _number(cell, ".") is not None or _number(cell, ",") is not None


def _looks_like_date(cell: str) -> bool:
    return any(_moment(cell, form) is not None for form in _date_formats())


def _is_text(cell: str) -> bool:
    return bool(cell) and cell.lower() not in BLANK and not _is_number(cell) and not _looks_like_date(cell)


def _number(cell: str, decimal: str) -> float | None:
    bare = SPACED.sub("", cell).replace("−", "-")
    if not (ENGLISH if decimal == "." else CONTINENTAL).fullmatch(bare):
        return None
    value = float(bare.replace(",", "") if decimal == "." else bare.replace(".", "").replace(",", "."))
    return value if abs(value) < 3e38 else None  # the largest that float32 holds


def _choose_columns(
    cells: dict[str, list[str]], columns: str | Sequence[str] | None, dates: str | None, notes: list[str]
) -> list[str]:
    if columns is not None:
        wanted = [columns] if isinstance(columns, str) else list(columns)
        for title in wanted:
            if title not in cells:
                raise CsvError(_no_such_column(title, cells))
            if title == dates:
                raise CsvError(
                    f"The column {title!r} holds the dates. Choose a column of numbers to forecast."
                )
        if not wanted:
            raise CsvError(f"No column was chosen. The file has {_listed(cells)}.")
        return wanted
    titles = []
    for title, column in cells.items():
        if title == dates:
            continue
        filled = [cell for cell in column if cell.lower() not in BLANK]
        filled = filled[:: max(1, len(filled) // 1000)]
        if 2 * sum(map(_is_number, filled)) > len(filled):
            titles.append(title)
        elif filled:
            notes.append(f"The column {title!r} holds text and was left out.")
        else:
            notes.append(f"The column {title!r} is empty and was left out.")
    if not titles:
        others = [title for title in cells if title != dates]
        example = f" {others[0]!r} begins with {cells[others[0]][0]!r}." if others else ""
        raise CsvError(
            f"There is no column of numbers to forecast; the file has {_listed(cells)}.{example} Each row "
            "needs a number, without unit or currency sign."
        )
    return titles


def _numbers(column: list[str], lines: list[int], title: str, decimal: str) -> npt.NDArray[np.float64]:
    values = [math.nan if cell.lower() in BLANK else _number(cell, decimal) for cell in column]
    for line, cell, value in zip(lines, column, values, strict=True):
        if value is None:
            other = _number(cell, "," if decimal == "." else ".") is not None
            hint = (
                f"Other cells of the column use {decimal!r} as the decimal mark; write them all in one way."
                if other
                else "Correct it; or leave the cell empty, and ask for gaps to be filled (fill='linear')."
            )
            raise CsvError(f"{cell!r} in the column {title!r} is not a number. {hint}", line)
    return np.array(values, dtype=np.float64)


def _find_decimal(cells: list[str], title: str, semicolons: bool, notes: list[str]) -> str:
    cells = [cell for cell in cells if not cell.isdigit() and cell.lower() not in BLANK]
    readings = {mark: [_number(cell, mark) for cell in cells] for mark in ".,"}
    counts = {mark: sum(value is not None for value in values) for mark, values in readings.items()}
    if readings["."] == readings[","]:
        return "."
    if counts["."] == counts[","]:
        # "1,234" or "1.234" throughout. Who separates columns by semicolons mostly has decimal commas.
        decimal, other = (",", ".") if semicolons else (".", ",")
        sign = "comma" if any("," in cell for cell in cells) else "dot"
        means = "the decimal mark" if (sign == "comma") == (decimal == ",") else "a thousands separator"
        notes.append(
            f"In the column {title!r} the {sign} was read as {means}; decimal={other!r} reads it otherwise."
        )
        return decimal
    if counts["."] > counts[","]:
        return "."
    notes.append(f"In the column {title!r} the comma was read as the decimal mark.")
    return ","


# From cells to dates.


def _date_formats() -> Iterable[str]:
    return (day + time for day in DATE_FORMATS for time in TIME_FORMATS)


def _moment(cell: str, form: str) -> datetime.datetime | None:
    # strptime also takes "1.1.20" for %Y and "3" for %d%m; a year has four digits, and a number alone is no
    # date.
    if ("%Y" in form) != bool(re.search(r"(?<!\d)\d{4}(?!\d)|^\d{8}(?!\d)", cell)):
        return None
    try:
        return datetime.datetime.strptime(cell, form)
    except ValueError:
        return None


def _find_dates(
    cells: dict[str, list[str]], lines: list[int], wanted: str | None, form: str | None
) -> tuple[str | None, Moments | None]:
    if wanted is not None:
        if wanted not in cells:
            raise CsvError(_no_such_column(wanted, cells))
        return wanted, _parse_dates(cells[wanted], lines, wanted, form)
    for title, column in cells.items():
        sample = [cell for cell in column[:: max(1, len(column) // 50)] if cell]
        if not sample or (all(map(_is_plain_number, sample)) and not _are_years(column)):
            continue
        if sum(map(_looks_like_date, sample)) > 0.6 * len(sample):
            return title, _parse_dates(column, lines, title, form)
    return None, None


def _is_plain_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+([.,]\d*)?", cell)) and not re.fullmatch(r"(19|20)\d{6}", cell)


def _are_years(column: list[str]) -> bool:
    """Whether these are years in order, and not numbers that happen to have four digits."""
    if not all(re.fullmatch(r"1\d{3}|20\d{2}", cell) for cell in column) or len(column) < 3:
        return False
    steps = np.diff([int(cell) for cell in column])
    return bool((abs(steps) <= 10).all() and ((steps >= 0).all() or (steps <= 0).all()) and steps.any())


def _parse_dates(column: list[str], lines: list[int], title: str, wanted: str | None) -> Moments:
    forms = [wanted] if wanted is not None else list(_date_formats())
    fits = {form: [_moment(cell, form) for cell in column] for form in _plausible(column, forms)}
    counts = {form: sum(moment is not None for moment in moments) for form, moments in fits.items()}
    most = max(counts.values(), default=0)
    if most == 0:
        raise CsvError(
            f"{column[0]!r} in the column {title!r} is not a date that is understood. Write dates as "
            "2024-12-31, or describe them, as in date_format='%d/%m/%Y'.",
            lines[0],
        )
    best = [form for form, count in counts.items() if count == most]
    if most < len(column):
        row = next(i for i, moment in enumerate(fits[best[0]]) if moment is None)
        good = next(cell for cell, moment in zip(column, fits[best[0]], strict=True) if moment is not None)
        what = f"{column[row]!r} is not a date" if column[row] else "the date is missing"
        raise CsvError(
            f"{what} in the column {title!r}, where others are written like {good!r}. Correct it or remove "
            "the line.",
            lines[row],
        )
    days = {form: np.array(fits[form], dtype="datetime64[s]") for form in best}
    if len({tuple(found.tolist()) for found in days.values()}) > 1:
        rising = [form for form in best if len(set(np.sign(np.diff(days[form]).astype(np.int64)))) == 1]
        regular = [form for form in rising if _is_regular(days[form])] if len(rising) > 1 else rising
        if len(regular) != 1:
            raise CsvError(
                f"The dates in the column {title!r}, such as {column[0]!r}, can be read with the day or with "
                f"the month first. Write them as 2024-12-31, or say which: date_format={best[0]!r} or "
                f"{best[1]!r}."
            )
        best = regular
    found = days[best[0]]
    midnight = (found == found.astype("datetime64[D]")).all()
    return found.astype("datetime64[D]") if midnight else found


def _plausible(column: list[str], forms: list[str]) -> list[str]:
    """Return the formats that fit one of the first rows: trying each on a whole column takes long."""
    head = [cell for cell in column if cell][:20]
    return [form for form in forms if any(_moment(cell, form) is not None for cell in head)]


def _is_regular(moments: Moments) -> bool:
    """Whether the steps are about as long as the median step."""
    steps = np.diff(moments).astype("timedelta64[s]").astype(float)
    middle = float(np.median(steps)) if len(steps) else 0.0
    return middle != 0 and bool(np.mean(abs(steps / middle - 1) < 0.15) > 0.95)


@dataclass
class _Table:
    """What was read, while it is put in order."""

    values: npt.NDArray[np.float64]  # (row, column), NaN where a cell is empty
    lines: list[int]
    titles: list[str]
    moments: Moments | None
    notes: list[str] = field(default_factory=list)

    def put_in_order(self) -> None:
        assert self.moments is not None
        steps = np.diff(self.moments).astype(np.int64)
        if len(steps) and (steps < 0).all():
            self.values, self.moments, self.lines = self.values[::-1], self.moments[::-1], self.lines[::-1]
            self.notes.append("The newest row came first; the order was turned round.")
            return
        for row, step in enumerate(steps, 1):
            here, before = self.moments[row], self.moments[row - 1]
            if step == 0:
                raise CsvError(
                    f"the date {here} was already there in line {self.lines[row - 1]}. Keep one row a date: "
                    "remove one of them, or take their mean.",
                    self.lines[row],
                )
            if step < 0:
                # Out of order and repeated are told apart, since the cure differs.
                earlier = np.flatnonzero(self.moments[:row] == here)
                what = (
                    f"the date {here} was already there in line {self.lines[earlier[0]]}"
                    if len(earlier)
                    else (f"the date {here} comes after {before}")
                )
                raise CsvError(f"{what}. Sort the rows by date, and keep one row a date.", self.lines[row])

    def look_for_missing_dates(self, fill: str | None) -> None:
        assert self.moments is not None
        wanted = self._expected()
        if wanted is None or len(wanted) == len(self.moments):
            return
        absent = np.setdiff1d(wanted, self.moments)
        what = _count(len(absent), "date is", "dates are") + f" left out, the first {absent[0]}"
        if fill in (None, "drop"):
            self.notes.append(
                f"{what}; the steps are taken as equally long. fill='linear' would fill them in."
            )
            return
        values = np.full((len(wanted), len(self.titles)), np.nan)
        rows = np.searchsorted(wanted, self.moments)
        values[rows] = self.values
        lines = [0] * len(wanted)
        for row, line in zip(rows, self.lines, strict=True):
            lines[row] = line
        self.values, self.moments, self.lines = values, wanted, lines
        self.notes.append(f"{what}.")

    def _expected(self) -> Moments | None:
        """Return all dates from the first to the last, if those there are follow a calendar."""
        assert self.moments is not None
        first, last = self.moments[0], self.moments[-1]
        for unit, step in (("Y", 1), ("M", 1), ("M", 3)):
            coarse = self.moments.astype(f"datetime64[{unit}]")
            rest = self.moments - coarse.astype(self.moments.dtype)
            if (rest == rest[0]).all() and _mostly(np.diff(coarse).astype(np.int64), step):
                every: Moments = np.arange(coarse[0], coarse[-1] + step, step).astype(self.moments.dtype)
                filled: Moments = every + rest[0]
                return filled
        steps = np.diff(self.moments).astype(np.int64)
        base = int(np.bincount(np.minimum(steps, 10**6)).argmax()) if len(steps) else 0
        days_only = self.moments.dtype == np.dtype("datetime64[D]")
        if days_only and base == 1 and np.is_busday(self.moments).all():
            return None  # working days: a weekend, and a holiday, is not a gap
        if base == 0 or not _mostly(steps, base):
            return None
        moments: Moments = np.arange(first, last + base, base)
        return moments

    def close_gaps(self, fill: str | None) -> None:
        empty = np.isnan(self.values)
        if not empty.any():
            return
        rows, columns = np.nonzero(empty)
        where = [self.lines[row] for row in rows]
        if fill is None:
            more = (
                f" So are {len(rows) - 1} more cells."
                if len(rows) > 2
                else " So is one more." * (len(rows) - 1)
            )
            raise CsvError(
                f"the cell in the column {self.titles[columns[0]]!r} is empty.{more} Fill in the value, or "
                "ask for gaps to be filled: fill='linear' (straight line), 'previous' (value before) or "
                "'drop' (leave out).",
                where[0],
            )
        spots = ", ".join(str(line) for line in sorted(set(where) - {0})[:5])
        spots = f" (line{'s' * (',' in spots)} {spots}{', …' * (len(set(where) - {0}) > 5)})" if spots else ""
        if fill == "drop":
            self._keep(np.asarray(~empty.any(axis=1)))
            self.notes.append(f"{_count(int(empty.any(1).sum()), 'row', 'rows')} with gaps left out{spots}.")
            return
        known = np.flatnonzero(~empty.any(1))
        if not len(known):
            raise CsvError("Every row has an empty cell. Choose one column, or fill in the values.")
        # Before the first and after the last known value there is nothing to draw a line to.
        start = max(int(np.argmin(column)) for column in empty.T)
        stop = len(empty) - max(int(np.argmin(column[::-1])) for column in empty.T)
        outside = int(empty[:start].any(1).sum() + empty[stop:].any(1).sum())
        keep = np.zeros(len(empty), dtype=bool)
        keep[start:stop] = True
        self._keep(keep)
        inside = int(np.isnan(self.values).sum())
        for column in self.values.T:
            _fill(column, fill)
        how = "on a straight line" if fill == "linear" else "with the value before"
        if inside:
            self.notes.append(f"{_count(inside, 'gap was', 'gaps were')} filled {how}{spots}.")
        if outside:
            self.notes.append(
                f"{_count(outside, 'row', 'rows')} at the ends left out, where a value is missing."
            )

    def _keep(self, chosen: npt.NDArray[np.bool_]) -> None:
        self.values = self.values[chosen].copy()
        self.lines = [line for line, kept in zip(self.lines, chosen, strict=True) if kept]
        self.moments = None if self.moments is None else self.moments[chosen]

    def season(self) -> int | None:
        if self.moments is None or len(self.moments) < 3:
            return None
        seconds = float(np.median(np.diff(self.moments).astype("timedelta64[s]").astype(float)))
        days = seconds / 86_400
        if self.moments.dtype == np.dtype("datetime64[D]") and days == 1 and np.is_busday(self.moments).all():
            return 5
        return next((season for step, season in SEASONS if abs(days / step - 1) < 0.05), None)


def _fill(column: npt.NDArray[np.float64], how: str) -> None:
    empty = np.isnan(column)
    known = np.flatnonzero(~empty)
    gaps = np.flatnonzero(empty)
    if how == "linear":
        column[gaps] = np.interp(gaps, known, column[known])
    else:
        column[gaps] = column[known[np.searchsorted(known, gaps) - 1]]


def _mostly(steps: npt.NDArray[np.int64], base: int) -> bool:
    """Whether steps are multiples of the base, and most of them the base itself."""
    return len(steps) > 0 and bool((steps % base == 0).all() and np.mean(steps == base) > 0.8)


def _no_such_column(title: str, cells: dict[str, list[str]]) -> str:
    close = difflib.get_close_matches(title, cells, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"There is no column {title!r}; the file has {_listed(cells)}.{hint}"


def _listed(cells: dict[str, list[str]]) -> str:
    titles = list(cells)
    return ", ".join(map(repr, titles[:8])) + (f" and {len(titles) - 8} more" if len(titles) > 8 else "")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
