"""What each column is for: the dates, what counts the rows, groups of rows, text, and numbers to forecast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rnnviz.data.reading.dates import (
    NUMERIC,
    Moments,
    looks_like_date,
    looks_like_time,
    parse_dates,
    split_times,
)
from rnnviz.data.reading.layout import YEAR_NAMES, Sheet, is_text
from rnnviz.data.reading.messages import CsvError, count, listed, no_such_column
from rnnviz.data.reading.numerals import is_blank, is_number, is_plain_number, strip_unit
from rnnviz.data.reading.numeric_dates import read_numeric_dates, speaks_of_time

__all__ = [
    "Dated",
    "choose_columns",
    "find_counter",
    "find_dates",
    "find_groups",
    "find_roles",
    "spread_groups",
    "strip_units",
]

COUNTER_NAMES = re.compile(
    r"(no|nr|n|num|number|id|idx|index|row|rows|rownum|rownames|rowid|obs|observation|t|i|k|step|steps|#|seq|sequence|"
    r"record|rank|nummer|zeile|lfd\.?\s?nr|unnamed:? ?\d*)\.?",
    re.IGNORECASE,
)
PARTS = {
    "year": YEAR_NAMES,
    "month": {"month", "mon", "monat", "mois", "mes", "mese", "mês", "mm", "mo"},
    "day": {"day", "tag", "jour", "dia", "día", "giorno", "dd", "dom", "day of month"},
    "hour": {"hour", "hr", "stunde", "std", "heure", "hora", "ora", "hh", "uur"},
    "minute": {"minute", "min", "minuten", "minuto"},
    "second": {"second", "sec", "seconds", "sekunde"},
    "quarter": {"quarter", "qtr", "quartal", "trimestre"},
    "week": {"week", "kw", "woche", "semaine", "semana", "isoweek"},
}
LIMITS = {"month": (1, 12), "day": (1, 31), "hour": (0, 24), "minute": (0, 59), "second": (0, 59)}
LIMITS |= {"quarter": (1, 4), "week": (1, 53), "year": (1000, 2200)}
MOST_GROUPS = 20


@dataclass(frozen=True, eq=False)
class Dated:
    """The columns that say when, and what they say.

    Attributes
    ----------
    titles : tuple of str
        Empty where steps are merely counted.
    moments : ndarray of datetime64[us], or None
    """

    titles: tuple[str, ...] = ()
    moments: Moments | None = None


def find_dates(sheet: Sheet, wanted: str | Sequence[str] | None, form: str | None, zone: str | None) -> Dated:
    """Find the column, or the columns, that say when a row is from."""
    if wanted is not None:
        return _asked_for(sheet, (wanted,) if isinstance(wanted, str) else tuple(wanted), form, zone)
    if form is not None:
        return _that_fits(sheet, form, zone)
    if (parts := _find_parts(sheet)) is not None:
        return Dated(tuple(parts.values()), _join_parts(sheet, parts, zone))
    numbers = [title for title in sheet.titles if _holds_numbers(sheet.column(title))]
    found: list[str] = []
    for place, title in enumerate(sheet.titles):
        cells = sheet.column(title)
        sample = [cell for cell in cells[:: max(1, len(cells) // 50)] if cell]
        if not sample:
            continue
        if all(map(is_plain_number, sample)):
            # The only numbers of a file are what is to be forecast.
            if (
                not found
                and len(numbers) > 1
                and (read := read_numeric_dates(cells, title, place == 0)) is not None
            ):
                moments, note = read
                sheet.notes.extend([note] if note else [])
                return _with_time(sheet, title, moments, zone)
            continue
        if sum(map(looks_like_date, sample)) > 0.6 * len(sample):
            found.append(title)
    if not found:
        return Dated()
    title = max(found, key=lambda title: len(set(sheet.column(title))))
    return _with_time(sheet, title, None, zone)


def _asked_for(sheet: Sheet, titles: tuple[str, ...], form: str | None, zone: str | None) -> Dated:
    for title in titles:
        if title not in sheet.titles:
            raise CsvError(no_such_column(title, sheet.titles))
    if len(titles) == 1:
        cells = sheet.column(titles[0])
        if form is None and all(map(is_plain_number, cells)):
            read = read_numeric_dates(cells, "date", True)
            if read is not None:
                sheet.notes.extend([read[1].replace("'date'", repr(titles[0]))] if read[1] else [])
                return Dated(titles, read[0])
        return Dated(titles, parse_dates(cells, sheet.lines, titles[0], form, zone, sheet.notes))
    parts = {_part(title): title for title in titles}
    if form is None and {"year", "month"} <= set(parts) and len(parts) == len(titles):
        return Dated(titles, _join_parts(sheet, {str(part): title for part, title in parts.items()}, zone))
    columns = [sheet.column(title) for title in titles]
    cells = [" ".join(row) for row in zip(*columns, strict=True)]
    return Dated(titles, parse_dates(cells, sheet.lines, " ".join(titles), form, zone, sheet.notes))


def _that_fits(sheet: Sheet, form: str, zone: str | None) -> Dated:
    """Find the column that is written in the format that was asked for."""
    for title in sheet.titles:
        cells = [cell for cell in sheet.column(title) if cell]
        sample = cells[:: max(1, len(cells) // 50)]
        try:
            parse_dates(sample, [0] * len(sample), title, form, None, [])
        except (CsvError, IndexError):
            continue
        return Dated((title,), parse_dates(sheet.column(title), sheet.lines, title, form, zone, sheet.notes))
    words = (
        ""
        if form in NUMERIC or "%" in form
        else f" A format has signs such as %Y, or is one of {listed(NUMERIC)}."
    )
    examples = listed([next(filter(None, sheet.column(title)), "") for title in sheet.titles], most=4)
    raise CsvError(
        f"No column holds dates written as date_format={form!r}; the first cells are {examples}.{words} Correct the "
        "format, or name the column: dates='…'."
    )


def _with_time(sheet: Sheet, title: str, moments: Moments | None, zone: str | None) -> Dated:
    """Add the time of day, where it has a column of its own."""
    cells = sheet.column(title)
    if moments is None:
        _, times, _ = split_times(cells[:50])
        if times.astype(np.int64).any():
            return Dated((title,), parse_dates(cells, sheet.lines, title, None, zone, sheet.notes))
    elif (moments != moments.astype("datetime64[D]")).any():
        return Dated((title,), moments)
    repeats = len(set(cells)) < len(cells)
    for other in sheet.titles:
        if other == title:
            continue
        clock = sheet.column(other)
        sample = [cell for cell in clock[:: max(1, len(clock) // 50)] if cell]
        if sample and all(map(looks_like_time, sample)):
            written = clock
        elif repeats and (hours := _hours(clock, other)) is not None:
            written = hours
        else:
            continue
        if moments is None:
            joined = [f"{day} {time}" for day, time in zip(cells, written, strict=True)]
            moments = parse_dates(joined, sheet.lines, f"{title} {other}", None, zone, sheet.notes)
        else:
            moments = moments + split_times(written)[1]
        return Dated((title, other), moments)
    if moments is None:
        moments = parse_dates(cells, sheet.lines, title, None, zone, sheet.notes)
    return Dated((title,), moments)


def _hours(cells: Sequence[str], title: str) -> list[str] | None:
    """Return a column of hours, 0 to 24 or 0000 to 2400, as times of day."""
    bare = title.strip().lower()
    if not (_part(title) == "hour" or re.search(r"\b(hour|time|stunde|heure|hora|hhmm|uhr)", bare)):
        return None
    if not all(re.fullmatch(r"\d{1,4}(\.0)?", cell) for cell in cells):
        return None
    numbers = [int(float(cell)) for cell in cells]
    if max(numbers) <= 24:
        return [f"{number:02}:00" for number in numbers]
    if max(numbers) <= 2400 and all(number % 100 < 60 for number in numbers):
        return [f"{number // 100:02}:{number % 100:02}" for number in numbers]
    return None


def _part(title: str) -> str | None:
    bare = re.sub(r"[\W_]+", " ", title).strip().lower()
    return next((part for part, names in PARTS.items() if bare in names), None)


def _find_parts(sheet: Sheet) -> dict[str, str] | None:
    """Return the columns that hold the year, the month and so on, if a date is spread over them."""
    parts: dict[str, str] = {}
    for title in sheet.titles:
        part = _part(title)
        if part is None or part in parts:
            continue
        cells = sheet.column(title)
        low, high = LIMITS[part]
        named = part == "month" and all(is_text(cell) and looks_like_date(f"2001 {cell}") for cell in cells)
        if named or all(
            re.fullmatch(r"\d{1,4}(\.0)?", cell) and low <= int(float(cell)) <= high for cell in cells
        ):
            parts[part] = title
    if "year" not in parts or not {"month", "quarter", "week"} & set(parts):
        return None
    # Without the larger part a smaller one says nothing.
    if "month" in parts:
        wanted = ["year", "month"]
        for part in ("day", "hour", "minute", "second"):
            if part not in parts:
                break
            wanted.append(part)
    else:
        wanted = ["year", "quarter" if "quarter" in parts else "week"]
    return {part: parts[part] for part in wanted}


def _join_parts(sheet: Sheet, parts: dict[str, str], zone: str | None) -> Moments:
    columns = {part: sheet.column(title) for part, title in parts.items()}
    size = len(sheet.rows)

    def whole(part: str) -> list[int]:
        return [int(float(cell)) for cell in columns[part]] if part in columns else [0] * size

    if "month" in columns:
        month = (
            columns["month"] if any(map(is_text, columns["month"])) else [f"{n:02}" for n in whole("month")]
        )
        separator = " " if any(map(is_text, month)) else "-"
        days = whole("day") if "day" in columns else [1] * size
        cells = [
            separator.join((f"{year:04}", name, f"{day:02}"))
            for year, name, day in zip(whole("year"), month, days, strict=True)
        ]
        if "hour" in columns:
            clock = zip(whole("hour"), whole("minute"), whole("second"), strict=True)
            cells = [f"{day} {h:02}:{m:02}:{s:02}" for day, (h, m, s) in zip(cells, clock, strict=True)]
    else:
        part, letter = ("quarter", "Q") if "quarter" in columns else ("week", "W")
        cells = [
            f"{year:04}-{letter}{n:0{1 if letter == 'Q' else 2}}"
            for year, n in zip(whole("year"), whole(part), strict=True)
        ]
    return parse_dates(cells, sheet.lines, ", ".join(parts.values()), None, zone, sheet.notes)


# Numbers, and what only looks like numbers to forecast.


def _holds_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    filled = filled[:: max(1, len(filled) // 1000)]
    return bool(filled) and 2 * sum(map(is_number, filled)) > len(filled)


def strip_units(sheet: Sheet, dated: Dated) -> None:
    """Take "%", currencies and other units off the cells of each column, and note it."""
    for place, title in enumerate(sheet.titles):
        if title in dated.titles:
            continue
        found = strip_unit(sheet.column(title))
        if found is None:
            continue
        bare, unit = found
        if unit:
            sheet.units[title] = unit
            sheet.notes.append(
                f"In the column {title!r} the numbers carry the unit {unit!r}, which was taken off."
            )
        for (_, cells), cell in zip(sheet.rows, bare, strict=True):
            cells[place] = cell


def find_roles(sheet: Sheet, dated: Dated) -> dict[str, str]:
    """Return what each column is: "dates", "counter", "constant", "number", "text" or "empty"."""
    roles: dict[str, str] = {}
    for place, title in enumerate(sheet.titles):
        cells = sheet.column(title)
        if title in dated.titles:
            roles[title] = "dates"
        elif all(map(is_blank, cells)):
            roles[title] = "empty"
        elif not _holds_numbers(cells):
            roles[title] = "text"
        elif _counts_rows(cells, title, title in sheet.unnamed, place == 0):
            roles[title] = "counter"
        else:
            filled = {cell for cell in cells if not is_blank(cell)}
            roles[title] = "constant" if len(filled) == 1 and len(cells) > 2 else "number"
    # Where nothing else is left, what counts or stands still is what is to be forecast.
    for role in ("number", "counter", "constant"):
        if role in roles.values():
            return {title: "number" if found == role else found for title, found in roles.items()}
    return roles


def _counts_rows(cells: Sequence[str], title: str, unnamed: bool, first: bool) -> bool:
    # Most columns are told from a counter by their first cells.
    for sample in (cells[:20], cells):
        if len(cells) < 3 or not all(re.fullmatch(r"-?\d+([.,]\d+)?", cell) for cell in sample):
            return False
        if len({float(cell.replace(",", ".")) for cell in sample}) < len(sample):
            return False
    values = np.array([float(cell.replace(",", ".")) for cell in cells])
    steps = np.diff(values)
    named = (unnamed and first) or COUNTER_NAMES.fullmatch(title.strip()) is not None
    whole = bool((values == np.round(values)).all())
    if steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-3):
        from_the_start = bool(np.isclose(values[[0, -1]], 0).any() or np.isclose(values[[0, -1]], 1).any())
        # Seconds since 1970 beside the dates, as the end of each step, count too.
        clock = whole and values.min() > (1e8 if speaks_of_time(title) else 1e11)
        return from_the_start or named or clock or (first and whole and abs(steps[0]) == 1)
    # Numbers of rows of which some were left out, or that were shuffled.
    ordered = np.unique(values)
    dense = len(ordered) == len(values) and ordered[-1] - ordered[0] < 2 * len(values)
    return named and whole and (bool((steps > 0).all() or (steps < 0).all()) or dense)


def find_counter(sheet: Sheet, roles: dict[str, str]) -> str | None:
    """Return the column that counts the rows, if there is one beside the numbers."""
    return next((title for title, role in roles.items() if role == "counter"), None)


def choose_columns(sheet: Sheet, wanted: str | Sequence[str] | None, roles: dict[str, str]) -> list[str]:
    """Return the columns to forecast: those asked for, or all numbers that are not merely counted."""
    if wanted is not None:
        chosen = [wanted] if isinstance(wanted, str) else list(wanted)
        for title in chosen:
            if title not in roles:
                raise CsvError(no_such_column(title, roles))
            if roles[title] == "dates":
                raise CsvError(
                    f"The column {title!r} holds the dates. Choose a column of numbers to forecast."
                )
        if not chosen:
            raise CsvError(f"No column was chosen. The file has {listed(roles)}.")
        return chosen
    reasons = {
        "text": "holds text and was left out.",
        "empty": "is empty and was left out.",
        "counter": "counts the rows and was left out.",
    }
    for title, role in roles.items():
        if role == "text" and _says_when(sheet.column(title)):
            sheet.notes.append(f"The column {title!r} holds other dates or times and was left out.")
        elif role in reasons:
            sheet.notes.append(f"The column {title!r} {reasons[role]}")
        elif role == "constant":
            value = next(cell for cell in sheet.column(title) if not is_blank(cell))
            sheet.notes.append(f"The column {title!r} holds {value} in every row and was left out.")
    titles = [title for title, role in roles.items() if role == "number"]
    if not titles:
        others = [title for title, role in roles.items() if role != "dates"]
        example = f" {others[0]!r} begins with {sheet.column(others[0])[0]!r}." if others else ""
        raise CsvError(
            f"There is no column of numbers to forecast; the file has {listed(roles)}.{example} Each row "
            "needs a number."
        )
    return titles


def _says_when(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells[:: max(1, len(cells) // 50)] if not is_blank(cell)]
    return sum(looks_like_date(cell) or looks_like_time(cell) for cell in filled) > 0.6 * len(filled)


# Several series below one another.


def find_groups(sheet: Sheet, moments: Moments, roles: dict[str, str]) -> tuple[str, ...]:
    """Return the columns that tell apart several series which stand below one another; empty if there is one series.

    There are several where dates repeat, or start anew, and a column of names explains it: within each name every
    date is there once.
    """
    jumps = np.diff(moments).astype(np.int64)
    falling = (jumps < 0).sum() > (jumps > 0).sum()
    back = np.flatnonzero(jumps <= 0 if not falling else jumps >= 0) + 1
    if not len(back):
        return ()
    candidates = [
        title
        for title, role in roles.items()
        if role == "text" or (role in ("number", "counter", "constant") and _are_labels(sheet.column(title)))
    ]
    candidates = [title for title in candidates if 1 < len(set(sheet.column(title))) <= len(sheet.rows) // 2]
    repeated = len(np.unique(moments)) < len(moments)
    for size in (1, 2):
        fitting = []
        for titles in combinations(candidates, size):
            labels = list(zip(*(sheet.column(title) for title in titles), strict=True))
            once = len(set(zip(labels, moments.tolist(), strict=True))) == len(labels)
            # Where no date repeats, the names must change exactly where time starts anew.
            starts = {row for row in range(1, len(labels)) if labels[row] != labels[row - 1]}
            blocks = len(starts) + 1 == len(set(labels)) and set(back.tolist()) <= starts
            if once and (repeated or blocks):
                fitting.append((len(set(labels)), titles))
        if fitting:
            return min(fitting, key=lambda one: one[0])[1]
    return ()


def _are_labels(cells: Sequence[str]) -> bool:
    """Whether whole numbers name something: few different ones, each of them often."""
    return all(cell.isdigit() for cell in cells) and len(set(cells)) <= max(2, len(cells) // 10)


def spread_groups(
    sheet: Sheet, moments: Moments, groups: tuple[str, ...], titles: list[str]
) -> tuple[Sheet, Moments]:
    """Put several series side by side, if they have their dates in common; else ask which one is meant."""
    columns = [sheet.column(title) for title in groups]
    labels = [" ".join(row) for row in zip(*columns, strict=True)]
    names = list(dict.fromkeys(labels))
    dates = {
        name: {moment for label, moment in zip(labels, moments.tolist(), strict=True) if label == name}
        for name in names
    }
    shared = set.intersection(*dates.values())
    most = max(len(found) for found in dates.values())
    if len(shared) < 0.9 * most or len(names) * len(titles) > MOST_GROUPS:
        first = {title: sheet.column(title)[0] for title in groups}
        raise CsvError(
            f"the file holds {len(names)} series below one another, told apart by "
            f"{' and '.join(map(repr, groups))}: {listed(names, most=5)}. Choose one, as in where={first!r}.",
            sheet.rows[labels.index(names[1])][0],
        )
    order = sorted(shared)
    place = {moment: row for row, moment in enumerate(order)}
    rows: list[tuple[int, list[str]]] = [(0, [""] * (len(names) * len(titles))) for _ in order]
    for label, moment, (_, cells) in zip(labels, moments.tolist(), sheet.rows, strict=True):
        if moment in place:
            for number, title in enumerate(titles):
                at = names.index(label) * len(titles) + number
                rows[place[moment]][1][at] = cells[sheet.titles.index(title)]
    heads = [name if len(titles) == 1 else f"{title} ({name})" for name in names for title in titles]
    lost = len(set().union(*dates.values())) - len(order)
    sheet.notes.append(
        f"{len(names)} series stood below one another, told apart by {' and '.join(map(repr, groups))}; they were put "
        "side by side." + (f" {count(lost, 'date', 'dates')} not common to all left out." if lost else "")
    )
    units = {
        head: unit
        for head, title in zip(heads, titles * len(names), strict=True)
        if (unit := sheet.units.get(title))
    }
    spread = Sheet(
        heads, rows, units=units, decimal=sheet.decimal, semicolons=sheet.semicolons, notes=sheet.notes
    )
    return spread, np.array(order, dtype="datetime64[us]")
