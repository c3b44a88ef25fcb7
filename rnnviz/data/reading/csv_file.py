"""A student's own file: read it, or say in one sentence what is wrong with it and what to do.

Nothing is guessed in silence. What could be read in two ways is read in one and noted, or refused; gaps are
filled only when that was asked for, and the notes of the series say which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.data.reading.columns import (
    Dated,
    choose_columns,
    find_counter,
    find_dates,
    find_groups,
    find_roles,
    spread_groups,
    strip_units,
)
from rnnviz.data.reading.dates import Moments
from rnnviz.data.reading.dialect import find_dialect, load, read_rows, to_text
from rnnviz.data.reading.layout import Sheet, lay_out
from rnnviz.data.reading.messages import CsvError, count, need_packages, number_lines
from rnnviz.data.reading.numerals import find_decimal, find_stand_ins, is_blank, note_lost_digits, to_numbers
from rnnviz.data.reading.table import Table, shorten
from rnnviz.data.series import Series

__all__ = ["Column", "list_columns", "read_csv"]

FILLS = ("linear", "previous", "drop")
REPEATED = ("first", "last")


@dataclass(frozen=True)
class Column:
    """A column of a file, and what it was taken for.

    Attributes
    ----------
    title : str
    role : {"dates", "number", "counter", "constant", "text", "empty"}
        Those with the role "number" are forecast, unless others are asked for.
    example : str
        The first cell that is not empty.
    """

    title: str
    role: str
    example: str


def read_csv(
    source: str | Path | bytes,
    *,
    columns: str | Sequence[str] | None = None,
    dates: str | Sequence[str] | None = None,
    where: Mapping[str, object] | None = None,
    fill: str | None = None,
    missing: Sequence[float] | None = None,
    repeated: str | None = None,
    resample: str | None = None,
    decimal: str | None = None,
    date_format: str | None = None,
    time_zone: str | None = None,
    encoding: str | None = None,
    season: int | None = None,
    name: str | None = None,
    minimum: int = 30,
) -> Series:
    r"""Read a series from a table in a text file: a row a step, in any order if there are dates.

    The separator, headings, a header, columns of dates, decimal commas, thousands separators and units are recognised,
    and so are tables with time from left to right and several series below one another. A column that counts the rows
    is never taken for the series.

    Parameters
    ----------
    source : str, Path or bytes
        The file, or what it contains.
    columns : str or sequence of str, optional
        The columns to forecast; by default all that hold numbers, but those that count the rows or never change.
    dates : str or sequence of str, optional
        The column of dates, or the columns that make a date together, as a day and a time do; by default the first
        that holds dates.
    where : mapping of str to object, optional
        Only the rows with these values: ``{"country": "France"}`` of a file with several countries.
    fill : {"linear", "previous", "drop"}, optional
        What to do about gaps, that is empty cells and dates that are left out: put values on a straight line
        between the neighbours, repeat the value before, or leave those rows out. By default an empty cell is
        an error, and dates that are left out are noted.
    missing : sequence of float, optional
        Numbers that stand for a missing value. By default those that instruments write, such as -9999 and 1e20, where
        they are far from all others; ``()`` for none.
    repeated : {"first", "last"}, optional
        Which row to keep of several with one date. By default that is an error, unless they are the same in every
        cell.
    resample : str, optional
        Put the values on even steps by taking means: "15min", "h", "D", "W", "MS", or another frequency of pandas.
    decimal : {".", ","}, optional
        The decimal mark, where the file does not make it clear.
    date_format : str, optional
        As for ``datetime.strptime``, where the file does not make it clear; or "unix", "unix-ms", "unix-us" and
        "unix-ns" for time since 1970, and "excel" for the serial days of spreadsheets.
    time_zone : str, optional
        Zone of a clock that is put forward and back, such as "Europe/Berlin"; the dates become UTC.
    encoding : str, optional
        By default UTF-8 (or UTF-16 with its mark), then Windows-1252.
    season : int, optional
        Steps in a season; by default from the distance of the dates: 12 for months, 7 for days, 96 for quarters of an
        hour and so on.
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
    ImportError
        Without pandas or clevercsv, saying what to install.

    Examples
    --------
    >>> from rnnviz.data import read_csv
    >>> rows = "\n".join(f"{day:02}.01.2024;{day},5" for day in range(1, 31))
    >>> series = read_csv(("day;visitors\n" + rows).encode(), name="museum")
    >>> series, series.values[0], series.dates[0], series.season
    (Series('museum', 30 steps, 1 feature), array([1.5], dtype=float32), np.datetime64('2024-01-01'), 7)
    """
    for what, given, known in (("fill", fill, FILLS), ("repeated", repeated, REPEATED)):
        if given is not None and given not in known:
            raise CsvError(f"{what} is {given!r}; it must be one of {', '.join(map(repr, known))}, or None.")
    if decimal not in (None, ".", ","):
        raise CsvError(f'decimal is {decimal!r}; it must be "." or ",".')
    raw, name = load(source, name)
    sheet, dated = _open(raw, encoding, decimal, where, dates, date_format, time_zone)
    roles = find_roles(sheet, dated)
    sheet, moments, roles, columns = _part_groups(sheet, dated, roles, columns)
    titles = choose_columns(sheet, columns, roles)
    counter = find_counter(sheet, roles)
    table = _fill_table(sheet, moments, titles, decimal, missing)
    if moments is None and counter is not None and counter not in titles:
        _count_in_order(sheet.column(counter), counter, table)
    if moments is not None:
        table.put_in_order(repeated)
        if resample is not None:
            table.resample(resample)
        else:
            table.look_for_missing_dates(fill)
    elif resample is not None:
        raise CsvError(f"resample={resample!r} needs dates, and no column holds any. Name it: dates='…'.")
    table.close_gaps(fill, _written(sheet, titles))
    return _to_series(table, sheet, name, season, minimum)


def list_columns(
    source: str | Path | bytes, *, encoding: str | None = None, decimal: str | None = None
) -> tuple[Column, ...]:
    r"""List the columns of a file, and what `read_csv` takes each for.

    Parameters
    ----------
    source, encoding, decimal
        As for `read_csv`.

    Returns
    -------
    tuple of Column
        In the order of the file; of a table with time from left to right, as it was turned.

    Raises
    ------
    CsvError
        If the file is no table.

    Examples
    --------
    >>> from rnnviz.data import list_columns
    >>> for column in list_columns(b"no,day,rain\n1,2024-01-01,3.5\n2,2024-01-02,0\n3,2024-01-03,2"):
    ...     print(column.title, column.role, column.example)
    no counter 1
    day dates 2024-01-01
    rain number 3.5
    """
    raw, _ = load(source, None)
    sheet, dated = _open(raw, encoding, decimal, None, None, None, None)
    sheet, _, roles, _ = _part_groups(sheet, dated, find_roles(sheet, dated), None)
    return tuple(
        Column(title, role, next((cell for cell in sheet.column(title) if cell), ""))
        for title, role in roles.items()
    )


def _open(
    raw: bytes,
    encoding: str | None,
    decimal: str | None,
    where: Mapping[str, object] | None,
    dates: str | Sequence[str] | None,
    date_format: str | None,
    time_zone: str | None,
) -> tuple[Sheet, Dated]:
    need_packages()
    notes: list[str] = []
    text, dialect = find_dialect(to_text(raw, encoding, notes))
    sheet = lay_out(read_rows(text, dialect), dialect, decimal, where or {}, notes)
    _drop_copies(sheet)
    dated = find_dates(sheet, dates, date_format, time_zone)
    strip_units(sheet, dated)
    return sheet, dated


def _drop_copies(sheet: Sheet) -> None:
    """Leave out rows that are the same in every cell, where most are not: then they are there twice by mistake."""
    seen: dict[tuple[str, ...], int] = {}
    kept, copies = [], []
    for line, cells in sheet.rows:
        key = tuple(cells)
        if key in seen and line:
            copies.append((line, seen[key]))
        else:
            seen[key] = line
            kept.append((line, cells))
    # Without a date, or a number that grows, equal rows are equal values.
    if not copies or len(sheet.titles) == 1:
        return
    telling = any(
        len({cells[place] for _, cells in kept}) > 0.9 * len(kept) for place in range(len(sheet.titles))
    )
    if telling and _has_dates(sheet):
        sheet.rows = kept
        sheet.notes.append(
            f"{count(len(copies), 'row', 'rows')} left out, the same in every cell as an earlier one "
            f"({number_lines(line for line, _ in copies)}; the first is that of line {copies[0][1]})."
        )


def _has_dates(sheet: Sheet) -> bool:
    quiet = Sheet(sheet.titles, sheet.rows, sheet.unnamed)
    try:
        return bool(find_dates(quiet, None, None, None).titles)
    except CsvError:
        return True


def _part_groups(
    sheet: Sheet, dated: Dated, roles: dict[str, str], columns: str | Sequence[str] | None
) -> tuple[Sheet, Moments | None, dict[str, str], str | Sequence[str] | None]:
    """Put series that stand below one another side by side; the columns asked for are those of either form."""
    groups = find_groups(sheet, dated.moments, roles) if dated.moments is not None else ()
    titles = [title for title, role in roles.items() if role == "number" and title not in groups]
    if dated.moments is None or not groups or not titles:
        return sheet, dated.moments, roles, columns
    wanted = [columns] if isinstance(columns, str) else list(columns or ())
    if wanted and set(wanted) <= set(titles):
        titles, columns = wanted, None
    spread, moments = spread_groups(sheet, dated.moments, groups, titles)
    return spread, moments, dict.fromkeys(spread.titles, "number"), columns


def _fill_table(
    sheet: Sheet,
    moments: Moments | None,
    titles: list[str],
    decimal: str | None,
    missing: Sequence[float] | None,
) -> Table:
    lines = sheet.lines
    values = []
    for title in titles:
        cells = sheet.column(title)
        mark = decimal or sheet.decimal or find_decimal(cells, title, sheet.semicolons, sheet.notes)
        column = to_numbers(cells, lines, title, mark)
        column = find_stand_ins(column, lines, title, missing, sheet.notes)
        note_lost_digits(column[~np.isnan(column)], title, sheet.notes)
        values.append(column)
    return Table(np.stack(values, axis=1), lines, titles, moments, sheet.notes)


def _written(sheet: Sheet, titles: list[str]) -> dict[tuple[int, str], str]:
    """Return what each cell says, by line and column, to name one that was taken for a missing value."""
    return {
        (line, title): cell
        for title in titles
        for line, cell in zip(sheet.lines, sheet.column(title), strict=True)
        if line and not is_blank(cell)
    }


def _count_in_order(cells: list[str], title: str, table: Table) -> None:
    """Bring rows into the order of the column that counts them."""
    numbers = np.array([float(cell.replace(",", ".")) for cell in cells])
    order = np.argsort(numbers, kind="stable")
    if (order != np.arange(len(order))).any():
        table.values, table.lines = table.values[order], [table.lines[row] for row in order.tolist()]
        table.notes.append(f"The rows were put in the order of {title!r}, which counts them.")


def _to_series(table: Table, sheet: Sheet, name: str, season: int | None, minimum: int) -> Series:
    if len(table.values) < minimum:
        raise CsvError(
            f"The file has {count(len(table.values), 'row', 'rows')} with numbers, and at least {minimum} "
            "are needed to learn from and to test on. Use a longer series."
        )
    for title, column in zip(table.titles, table.values.T, strict=True):
        if (column == column[0]).all():
            table.notes.append(
                f"The column {title!r} is {column[0]:g} at every step: there is nothing to forecast."
            )
    moments = None if table.moments is None else shorten(table.moments)
    if moments is not None and (np.diff(moments).astype(int) <= 0).any():
        table.notes.append(
            "Several rows fall into one second; the steps are counted, and their times left out."
        )
        moments = None
    if season is None and table.calendar is not None:
        season = table.calendar.season
    units = {sheet.units.get(title, "") for title in table.titles}
    return Series(
        name=name,
        values=table.values.astype(np.float32),
        features=tuple(table.titles),
        dates=moments,
        unit=units.pop() if len(units) == 1 else "",
        season=season,
        source=name,
        notes=tuple(table.notes),
    )
