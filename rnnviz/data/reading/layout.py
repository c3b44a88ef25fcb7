"""From rows of cells to a table with a row a step: titles, headers, units, and dates that run across.

Files for people have a heading above the table, a source below it, units under the names, and years from left to
right. Each of these is recognised by its shape, undone, and noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnviz.data.reading.dates import ENGLISH, is_regular, looks_like_date, parse_dates
from rnnviz.data.reading.dialect import DELIMITERS, Dialect, Row
from rnnviz.data.reading.messages import CsvError, count, listed, no_such_column, number_lines
from rnnviz.data.reading.numerals import is_blank, is_number
from rnnviz.data.reading.numeric_dates import speaks_of_time

__all__ = ["Sheet", "is_text", "lay_out"]

MOST_ACROSS = 20
YEAR_NAMES = {"year", "yr", "jahr", "année", "annee", "anno", "año", "ano", "yyyy"}


@dataclass
class Sheet:
    """A table as it was meant: names, and rows of cells with the lines they are from.

    Attributes
    ----------
    titles : list of str
        One for each column, each different.
    rows : list of (int, list of str)
        The line, 0 where a row is made of several lines, and the cells.
    unnamed : set of str
        Titles that were made up for columns without one, below a header.
    units : dict of str to str
    decimal : str or None
        The decimal mark, where the shape of the table settles it.
    notes : list of str
    """

    titles: list[str]
    rows: list[Row]
    unnamed: set[str] = field(default_factory=set)
    units: dict[str, str] = field(default_factory=dict)
    decimal: str | None = None
    semicolons: bool = False
    notes: list[str] = field(default_factory=list)

    def column(self, title: str) -> list[str]:
        """Return the cells of a column."""
        place = self.titles.index(title)
        return [cells[place] for _, cells in self.rows]

    @property
    def lines(self) -> list[int]:
        """The line of each row."""
        return [line for line, _ in self.rows]

    def keep(self, wanted: Mapping[str, object]) -> None:
        """Leave out all rows but those with these values."""
        for title, value in wanted.items():
            if title not in self.titles:
                raise CsvError(no_such_column(title, self.titles))
            cells = self.column(title)
            if str(value) not in cells:
                raise CsvError(
                    f"No row has {str(value)!r} in the column {title!r}; it holds {listed(dict.fromkeys(cells))}."
                )
            self.rows = [row for row, cell in zip(self.rows, cells, strict=True) if cell == str(value)]


def lay_out(
    rows: list[Row], dialect: Dialect, decimal: str | None, where: Mapping[str, object], notes: list[str]
) -> Sheet:
    """Find the table in the rows, its header, and the direction in which time runs."""
    rows = _without_frame(rows, notes)
    _trim(rows)
    joined = None
    if dialect.delimiter == ",":
        rows, joined = _join_decimal_commas(rows, decimal, notes)
    rows = _lengthen_header(rows, notes)
    _check_widths(rows, dialect.delimiter)
    made = _months_across(rows, where, notes) or _dates_across(rows, where, notes)
    sheet = made or _with_header(rows, notes)
    sheet.decimal, sheet.semicolons, sheet.notes = joined, dialect.delimiter == ";", notes
    if made is None and where:
        sheet.keep(where)
    return sheet


def is_text(cell: str) -> bool:
    """Whether a cell is neither blank nor a number nor a date."""
    return bool(cell) and not is_blank(cell) and not is_number(cell) and not looks_like_date(cell)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def _usual_width(rows: list[Row]) -> int:
    widths = Counter(len(cells) for _, cells in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _without_frame(rows: list[Row], notes: list[str]) -> list[Row]:
    """Leave out a heading above the table and a source below it."""
    width = _usual_width(rows)
    start, stop = 0, len(rows)
    if width > 1:
        while start < min(40, stop - 2) and _is_heading(rows, start, width):
            start += 1
        while stop > start + 2 and _filled(rows[stop - 1][1]) <= 1 and is_text(rows[stop - 1][1][0]):
            stop -= 1
    for part, what in ((rows[:start], "a heading"), (rows[stop:], "a remark below the table")):
        if part:
            first = next(cell for cell in part[0][1] if cell)
            more = f" and {count(len(part) - 1, 'more line', 'more lines')} were" if len(part) > 1 else " was"
            notes.append(f"Line {part[0][0]} ({first[:40]!r}){more} taken for {what}, and left out.")
    return rows[start:stop]


def _is_heading(rows: list[Row], place: int, width: int) -> bool:
    cells, below = rows[place][1], rows[place + 1][1]
    if any(map(is_number, cells)) and len(cells) >= width - 1:
        return False
    if len(cells) < width - 1:
        return True
    if _filled(cells) <= 1 and len(cells) == width:
        # A name in the second of two columns alone is the header of what pandas writes.
        return bool(cells[0]) and (width > 2 or all(is_text(cell) or not cell for cell in below))
    # A single cell above two columns may be the name of one of them, unless their names follow.
    return (
        _filled(cells) == 1
        and len(cells) == 1
        and len(below) == width
        and all(is_text(cell) or not cell for cell in below)
    )


def _trim(rows: list[Row]) -> None:
    """Cut off empty cells behind the last column: some programs end each row with a separator."""
    width = len(rows[0][1])
    for _, cells in rows:
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
    while width > 1 and all(len(cells) == width and not cells[-1] for _, cells in rows):
        for _, cells in rows:
            del cells[-1]
        width -= 1


def _join_decimal_commas(
    rows: list[Row], decimal: str | None, notes: list[str]
) -> tuple[list[Row], str | None]:
    """Put numbers together again that a comma cut in two, where it is the decimal mark and the separator."""
    if decimal == ".":
        return rows, None
    header, body = rows[0], rows[1:]
    named = not any(map(is_number, header[1])) and len(body) > 0
    table = body if named else rows
    widths = {len(cells) for _, cells in table}
    whole = all(cell.lstrip("+-−").isdigit() for _, cells in table for cell in cells)
    if (
        widths <= {1, 2}
        and 2 in widths
        and whole
        and all(cells[-1].isdigit() or len(cells) == 1 for _, cells in table)
    ):
        named_one = named and len(header[1]) == 1
        if (named_one and len(table) > 1) or (
            not named and (decimal == "," or 1 in widths or _is_one_number(table))
        ):
            notes.append(
                "The comma was read as the decimal mark of one column; decimal='.' reads two columns of whole numbers."
            )
            joined = [(line, [",".join(cells)]) for line, cells in table]
            return ([header] if named else []) + joined, ","
        return rows, None
    # Below "date,value": 2024-01-01,1,5
    width = len(header[1])
    if named and widths == {2 * width - 1} and width > 1:
        pairs = [cells[1:] for _, cells in table]
        if all(looks_like_date(cells[0]) for _, cells in table[:5]) and all(
            cell.lstrip("+-−").isdigit() for cells in pairs for cell in cells
        ):
            notes.append(
                "The comma was read as the decimal mark and as the separator, as the header demands."
            )
            joined = [
                (line, [cells[0], *(",".join(cells[k : k + 2]) for k in range(1, len(cells), 2))])
                for line, cells in table
            ]
            return [header, *joined], ","
    return rows, None


def _is_one_number(table: list[Row]) -> bool:
    """Whether two columns of digits are the two sides of a decimal comma.

    Decimals have one length; of two digits or more some begin with 0, and of one digit most of the ten occur. A
    first column that counts the rows is a column of its own.
    """
    before, after = zip(*(cells for _, cells in table), strict=True)
    if len({len(cell) for cell in after}) > 1 or len(table) < 5:
        return False
    steps = np.diff([int(cell.replace("−", "-")) for cell in before])
    if len(set(steps.tolist())) == 1 and steps[0] != 0:
        return False
    if len(after[0]) == 1:
        return len(set(after)) >= min(6, len(table) // 3) and len(set(before)) < len(before)
    return any(cell.startswith("0") for cell in after)


def _lengthen_header(rows: list[Row], notes: list[str]) -> list[Row]:
    """Give a name to row names, which have none where R writes them."""
    width = _usual_width(rows)
    line, first = rows[0]
    shorter = len(rows) > 2 and len(first) == width - 1 and not any(map(is_number, first))
    if shorter and all(len(cells) == width for _, cells in rows[1:]):
        notes.append(
            f"Line {line} has one name fewer than the rows have cells; the first column was taken for row names."
        )
        return [(line, ["", *first]), *rows[1:]]
    return rows


def _check_widths(rows: list[Row], delimiter: str) -> None:
    width = len(rows[0][1])
    for line, cells in rows[1:]:
        if len(cells) != width:
            hint = (
                "If the comma is your decimal mark, separate the columns with semicolons."
                if delimiter == "," and len(cells) > width
                else f"The columns are separated by a {DELIMITERS.get(delimiter, repr(delimiter))}."
            )
            raise CsvError(
                f"{count(len(cells), 'cell', 'cells')}, where line {rows[0][0]} has {width}. {hint} "
                "Correct the line or remove it.",
                line,
            )


def _with_header(rows: list[Row], notes: list[str]) -> Sheet:
    first = rows[0][1]
    kinds = [_is_data([cells[place] for _, cells in rows[1:]]) for place in range(len(first))]
    named = all(is_text(cell) or not cell for cell in first) or any(
        is_text(cell) and data for cell, data in zip(first, kinds, strict=True)
    )
    if not named and any(is_number(cell) or looks_like_date(cell) for cell in first):
        notes.append("The file has no header; its columns are numbered.")
        titles = [f"column {number}" for number in range(1, len(first) + 1)]
        return Sheet(titles, rows)
    titles = _unique(first)
    sheet = Sheet(titles, rows[1:])
    sheet.unnamed = {title for title, cell in zip(titles, first, strict=True) if not cell}
    if not sheet.rows:
        raise CsvError("The file has a header but no rows below it. Export it again with its data.")
    _take_units(sheet, kinds, notes)
    return sheet


def _is_data(cells: Sequence[str]) -> bool:
    """Whether most of the filled cells of a column are numbers or dates."""
    filled = [cell for cell in cells[:: max(1, len(cells) // 40)] if not is_blank(cell)]
    return bool(filled) and sum(not is_text(cell) for cell in filled) > 0.8 * len(filled)


def _take_units(sheet: Sheet, kinds: Sequence[bool], notes: list[str]) -> None:
    """Take rows of text below the header, above columns of numbers, for units or for a second header."""
    taken: list[int] = []
    while len(sheet.rows) > 2 and len(taken) < 3:
        line, cells = sheet.rows[0]
        over = [cell for cell, data in zip(cells, kinds, strict=True) if data and cell]
        # A row below two headers may name the dates alone, as in "Date,,".
        alone = bool(taken) and _filled(cells) == 1 and is_text(next(filter(None, cells)))
        words = bool(over) and all(map(is_text, over)) and not any(map(is_number, cells))
        if not (words or alone):
            break
        taken.append(line)
        sheet.rows = sheet.rows[1:]
        if len(taken) == 1 and all(len(cell) <= 12 for cell in over):
            sheet.units = {title: cell for title, cell in zip(sheet.titles, cells, strict=True) if cell}
    if len(taken) != 1:
        sheet.units = {}
    if taken:
        where = number_lines(taken)
        were = "were" if len(taken) > 1 else "was"
        notes.append(f"{where[0].upper()}{where[1:]}, below the names, {were} taken for units or remarks.")


def _unique(titles: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for number, title in enumerate(titles, 1):
        title = title or f"column {number}"
        seen[title] += 1
        unique.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return unique


# Time from left to right.


def _dates_across(rows: list[Row], where: Mapping[str, object], notes: list[str]) -> Sheet | None:
    line, first = rows[0]
    places = [place for place, cell in enumerate(first) if looks_like_date(cell)]
    if len(places) < 6 or len(rows) < 2 or places[0] == 0 or len(places) < 0.6 * (len(first) - places[0]):
        return None
    below = [cells[place] for _, cells in rows[1:21] for place in places]
    filled = [cell for cell in below if not is_blank(cell)]
    if not all(is_text(cell) or not cell for cell in first[: places[0]]) or not all(map(is_number, filled)):
        return None
    try:
        moments = parse_dates(
            [first[place] for place in places], [line] * len(places), "header", None, None, []
        )
    except CsvError:
        return None
    if not is_regular(moments):
        return None
    names = _unique(first[: places[0]])
    inner = Sheet(names, [(line, cells[: places[0]]) for line, cells in rows[1:]])
    kept = dict(zip(inner.lines, [cells for _, cells in rows[1:]], strict=True))
    if where:
        inner.keep(where)
    if len(inner.rows) > MOST_ACROSS:
        title = max(names, key=lambda name: len(set(inner.column(name))))
        example = inner.column(title)[0]
        raise CsvError(
            f"the dates run from left to right, and below them are {len(inner.rows)} series. Choose one, as in "
            f"where={{{title!r}: {example!r}}}.",
            line,
        )
    telling = [name for name in names if len(set(inner.column(name))) > 1] or names[:1]
    labels = _unique([" ".join(cells[names.index(name)] for name in telling) for _, cells in inner.rows])
    notes.append(
        f"The dates run from left to right (line {line}); the table was turned, one column for each of its "
        f"{count(len(labels), 'row', 'rows')}."
    )
    turned = [(0, [first[place], *(kept[line][place] for line in inner.lines)]) for place in places]
    # Archives have a column for each year that there might be; years without any value say nothing.
    while len(turned) > 1 and all(is_blank(cell) for cell in turned[0][1][1:]):
        turned = turned[1:]
    while len(turned) > 1 and all(is_blank(cell) for cell in turned[-1][1][1:]):
        turned = turned[:-1]
    return Sheet(["date", *("value" if label == "date" else label for label in labels)], turned)


def _months_across(rows: list[Row], where: Mapping[str, object], notes: list[str]) -> Sheet | None:
    line, first = rows[0]
    months = [ENGLISH.get(cell.rstrip(".").lower(), "") for cell in first]
    numbers = {month: place for place, month in reversed(list(enumerate(months))) if month}
    years = [place for place, cell in enumerate(first) if cell.lower() in YEAR_NAMES or speaks_of_time(cell)]
    if len(numbers) != 12 or not years:
        return None
    places = [
        numbers[month] for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")
    ]
    places += [numbers["Nov"], numbers["Dec"]]
    body = rows[1:]
    if where:
        sheet = Sheet(_unique(first), body)
        sheet.keep(where)
        body = sheet.rows
    unrolled = [
        (line, [f"{cells[years[0]].removesuffix('.0')}-{number:02}", cells[place]])
        for line, cells in body
        for number, place in enumerate(places, 1)
    ]
    for end in (0, -1):
        while len(unrolled) > 1 and is_blank(unrolled[end][1][1]):
            del unrolled[end]
    rest = [cell for place, cell in enumerate(first) if place not in {years[0], *places} and cell]
    notes.append(
        f"Each row holds the twelve months of a year (line {line}); they were put one below the other."
        + (f" Left out: {listed(rest)}." if rest else "")
    )
    return Sheet(["month", "value"], unrolled)
