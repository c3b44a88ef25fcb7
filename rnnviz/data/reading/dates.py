"""From cells to moments: the ways in which people, offices and programs write dates and times.

A cell is taken apart first: a weekday is dropped, names of months become the English ones, the time of day and the
zone are cut off. What is left is read by pandas in one format for the whole column.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnviz.data.reading.messages import CsvError

__all__ = [
    "NUMERIC",
    "Moments",
    "Reading",
    "is_regular",
    "looks_like_date",
    "looks_like_time",
    "parse_dates",
    "read_compact",
    "split_times",
]

Moments = npt.NDArray[np.datetime64]

# The day comes first in more formats than the month; where both fit, `_choose` decides by regular steps.
FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%y-%m-%d", "%y/%m/%d"),
    *(
        "%d %b %Y",
        "%d-%b-%Y",
        "%d/%b/%Y",
        "%d. %b %Y",
        "%d.%b.%Y",
        "%d%b%Y",
        "%d %b, %Y",
        "%Y-%b-%d",
        "%Y %b %d",
    ),
    *("%d %b %y", "%d-%b-%y", "%d%b%y", "%b %d, %Y", "%b %d %Y", "%b-%d-%Y"),
    *("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%b, %Y", "%b-%Y", "%b/%Y", "%b. %Y"),
    *("%Y %b", "%Y-%b", "%b-%y", "%b %y", "%b/%y", "%y-%b"),
    *("%b %d", "%d-%b", "%d %b", "%d. %b", "%d.%m.", "%m-%d", "%d/%m", "%m/%d"),
    *("%Y%m%d", "%Y"),
)
PARTS = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
    "%b": r"[A-Z][a-z]{2}",
}
MONTHS = {
    "Jan": "jan januar january janvier janv enero ene gennaio gen januari janeiro",
    "Feb": "feb februar february février fevrier févr fevr fév febrero febbraio febbr februari fevereiro fev",
    "Mar": "mar mär mrz märz maerz march mars marzo maart mrt março marco",
    "Apr": "apr april avril avr abril abr aprile",
    "May": "may mai mayo maggio mag mei maio",
    "Jun": "jun juni june juin junio giugno giu junho",
    "Jul": "jul juli july juillet juil julio luglio lug julho",
    "Aug": "aug august août aout agosto ago augustus",
    "Sep": "sep sept september septembre septiembre settembre set setembro",
    "Oct": "oct okt oktober october octobre octubre ottobre ott outubro out",
    "Nov": "nov november novembre noviembre novembro",
    "Dec": "dec dez dezember december décembre decembre déc diciembre dic dicembre dezembro",
}
ENGLISH = {word: month for month, words in MONTHS.items() for word in words.split()}
WEEKDAY = re.compile(
    r"^(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar(?=\.?,?\s+\d{1,2}\.?\s+[^\W\d])|mer|jeu|ven|sam|dim|"
    r"(mon|tues|wednes|thurs|fri|satur|sun)day|(mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b\.?,?\s+(?=\w)",
    re.IGNORECASE,
)
TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+\-−]\d{2}(?::?\d{2})?)?(?:\s+[A-Z]{3,4})?",
    re.IGNORECASE,
)
HOUR = re.compile(r"(?P<hour>\d{1,2})\s*(?P<half>[ap]\.?m\.?)", re.IGNORECASE)
QUARTERS = (
    re.compile(r"(?P<year>\d{4})\s*[-/ ]?\s*[QqTt]\.?\s?(?P<part>[1-4])"),
    re.compile(r"[QqTt]\.?\s?(?P<part>[1-4])\s*[-/ ']?\s*(?P<year>\d{4})"),
    re.compile(r"(?P<part>[1-4])\.?\s*(?:[Qq]|Quartal|Quarter|trimestre)\.?\s*[-/ ]?\s*(?P<year>\d{4})"),
)
WEEKS = (
    re.compile(r"(?P<year>\d{4})\s*[-/ ]?\s*(?:W|KW|S)\s?(?P<part>\d{1,2})(?:-?(?P<day>[1-7]))?"),
    re.compile(r"(?:W|KW|Week|S)\s?(?P<part>\d{1,2})\s*[-/, ]\s*(?P<year>\d{4})"),
)
SERIAL = np.datetime64("1899-12-30", "s")  # Excel's day 0, for the days from March 1900 on
MADE_UP_YEAR = 2001


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read a column.

    Attributes
    ----------
    form : str
        A format as for ``datetime.strptime``, or a word for what that cannot describe.
    moments : ndarray of datetime64[us], shape (row,)
        NaT where a cell is none.
    note : str or None
        What was assumed.
    """

    form: str
    moments: Moments
    note: str | None = None


def looks_like_date(cell: str) -> bool:
    """Whether a cell alone can be read as a date."""
    return any((~np.isnat(reading.moments)).all() for reading in _readings([cell]))


def looks_like_time(cell: str) -> bool:
    """Whether a cell is a time of day and nothing more."""
    return bool(TIME.fullmatch(cell) or HOUR.fullmatch(cell))


def parse_dates(
    cells: Sequence[str],
    lines: Sequence[int],
    title: str,
    form: str | None,
    zone: str | None,
    notes: list[str],
) -> Moments:
    """Read a column of dates, or name the line where it cannot be read.

    Parameters
    ----------
    cells, lines, title
        The column, the line of each cell, and its name.
    form : str, optional
        As for ``datetime.strptime``, or "unix", "unix-ms" or "excel".
    zone : str, optional
        The zone of a clock that is put forward and back.
    notes : list of str
        Grows by what was assumed.
    """
    readings = _asked_for(cells, form) if form is not None else list(_readings(cells))
    counts = [int((~np.isnat(reading.moments)).sum()) for reading in readings]
    most = max(counts, default=0)
    if most == 0:
        raise CsvError(
            f"{cells[0]!r} in the column {title!r} is not a date that is understood. Write dates as "
            "2024-12-31, or describe them, as in date_format='%d/%m/%Y'.",
            lines[0],
        )
    best = [reading for reading, found in zip(readings, counts, strict=True) if found == most]
    if most < len(cells):
        bad = np.isnat(best[0].moments)
        row, good = int(bad.argmax()), cells[int((~bad).argmax())]
        what = f"{cells[row]!r} is not a date" if cells[row] else "the date is missing"
        raise CsvError(
            f"{what} in the column {title!r}, where others are written like {good!r}. Correct it or remove "
            "the line.",
            lines[row],
        )
    chosen = _choose(best, cells, title)
    if chosen.note:
        notes.append(chosen.note)
    moments = chosen.moments
    if zone is not None:
        moments = _localise(moments, zone, lines, notes)
    return moments


def _choose(readings: list[Reading], cells: Sequence[str], title: str) -> Reading:
    """Of several ways to read a column take the one in which time runs evenly."""
    different: list[Reading] = []
    for reading in readings:
        if not any(np.array_equal(reading.moments, other.moments) for other in different):
            different.append(reading)
    if len(different) == 1:
        return different[0]
    rising = [one for one in different if _is_monotonic(one.moments)]
    regular = rising if len(rising) == 1 else [one for one in rising or different if is_regular(one.moments)]
    if len(regular) > 1:
        # Hours of three days look regular with day and month exchanged too, but for two steps.
        evenness = [_evenness(one.moments) for one in regular]
        regular = [one for one, even in zip(regular, evenness, strict=True) if even == max(evenness)]
    if len(regular) != 1:
        forms = (regular or different)[:2]
        raise CsvError(
            f"The dates in the column {title!r}, such as {cells[0]!r}, can be read in two ways, with the day or with "
            f"the month first. Write them as 2024-12-31, or say which: date_format={forms[0].form!r} or "
            f"{forms[1].form!r}."
        )
    return regular[0]


def _is_monotonic(moments: Moments) -> bool:
    signs = np.unique(np.sign(np.diff(moments).astype(np.int64)))
    return len(signs) == 1


def is_regular(moments: Moments) -> bool:
    """Whether the steps, once in order, are about as long as the median step."""
    return _evenness(moments) > 0.95


def _evenness(moments: Moments) -> float:
    """Return the share of steps that are about as long as the median step."""
    steps = np.diff(np.unique(moments)).astype("timedelta64[s]").astype(float)
    middle = float(np.median(steps)) if len(steps) else 0.0
    return float(np.mean(abs(steps / middle - 1) < 0.15)) if middle else 0.0


def _readings(cells: Sequence[str]) -> Iterable[Reading]:
    """Read a column in all ways that fit one of its first cells."""
    bare, seconds, note = split_times(cells)
    unique, back = np.unique(np.array(bare, dtype=object).astype(str), return_inverse=True)
    days = [_plain(day) for day in unique.tolist()]
    head = {_plain(day) for day in [day for day in bare if day][:20]}

    def reading(form: str, found: Moments, more: str | None = None) -> Reading:
        return Reading(form, found[back] + seconds, more or note)

    for name, parse in PERIODS:
        if any(parse(day) is not None for day in head):
            more = f"The years in the dates were counted from {MADE_UP_YEAR}, which is made up."
            yield reading(name, _each(days, parse), more if parse is _numbered_year else None)
    for form in FORMATS:
        shape = _shape(form)
        if not any(shape.fullmatch(day) for day in head):
            continue
        if "%Y" not in form and "%y" not in form:
            yield from _without_year(form, [_plain(day) for day in bare], seconds)
        else:
            yield reading(form, _parse(days, form, shape))
    if all(re.fullmatch(r"(?:19|20)\d{8}(?:\d{2}){0,2}", day) for day in head if day) and head:
        yield reading("%Y%m%d%H%M%S", _each(days, read_compact))


def _plain(day: str) -> str:
    """Return a date without its weekday, with English months of three letters."""
    day = WEEKDAY.sub("", day.strip())
    day = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", day, flags=re.IGNORECASE)
    day = re.sub(r"[^\W\d_]{3,}\.?(?![^\W\d_])", lambda word: _month(word.group()), day)
    return re.sub(r"\s+", " ", re.sub(r"\s+de\s+", " ", day)).strip(" ,")


def _month(word: str) -> str:
    return ENGLISH.get(word.rstrip(".").lower(), word)


def _shape(form: str) -> re.Pattern[str]:
    pattern = re.escape(form)
    for part, written in PARTS.items():
        pattern = pattern.replace(part, written)
    # Without anything between them, a month has two digits.
    return re.compile(pattern.replace(r"\d{1,2}", r"\d{2}") if form == "%Y%m%d" else pattern)


def _parse(days: Sequence[str], form: str, shape: re.Pattern[str]) -> Moments:
    fits = [bool(shape.fullmatch(day)) for day in days]
    if form == "%Y":
        return np.array(
            [day if fit else "NaT" for day, fit in zip(days, fits, strict=True)], "datetime64[Y]"
        ).astype("datetime64[us]")
    import pandas as pd

    chosen = [day if fit else None for day, fit in zip(days, fits, strict=True)]
    found = pd.to_datetime(pd.Series(chosen, dtype=object), format=form, errors="coerce")
    return np.asarray(found.to_numpy().astype("datetime64[us]"))


def _each(days: Sequence[str], parse: Callable[[str], datetime.datetime | None]) -> Moments:
    return np.array([parse(day) or "NaT" for day in days], dtype="datetime64[us]")


def _quarter(day: str) -> datetime.datetime | None:
    found = next((match for form in QUARTERS if (match := form.fullmatch(day))), None)
    return found and datetime.datetime(int(found["year"]) or 1, 3 * int(found["part"]) - 2, 1)


def _week(day: str) -> datetime.datetime | None:
    found = next((match for form in WEEKS if (match := form.fullmatch(day))), None)
    if found is None:
        return None
    number = int(found.groupdict().get("day") or 1)
    try:
        return datetime.datetime.fromisocalendar(int(found["year"]), int(found["part"]), number)
    except ValueError:
        return None


def _eurostat_month(day: str) -> datetime.datetime | None:
    found = re.fullmatch(r"([12]\d{3})-?M(\d{1,2})", day)
    return datetime.datetime(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


def _numbered_year(day: str) -> datetime.datetime | None:
    """Read "1-01" as the first month of a first year, which is put at 2001."""
    found = re.fullmatch(r"([1-9]\d?)-(\d{2})", day)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    return datetime.datetime(MADE_UP_YEAR - 1 + int(found[1]), int(found[2]), 1)


PERIODS = (
    ("quarter", _quarter),
    ("week", _week),
    ("month", _eurostat_month),
    ("numbered year", _numbered_year),
)


def read_compact(day: str) -> datetime.datetime | None:
    """Read 2024010113, with minutes and seconds or without."""
    for form, size in (("%Y%m%d%H", 10), ("%Y%m%d%H%M", 12), ("%Y%m%d%H%M%S", 14)):
        if len(day) == size:
            try:
                return datetime.datetime.strptime(day, form)
            except ValueError:
                return None
    return None


def _without_year(form: str, days: Sequence[str], seconds: Any) -> Iterable[Reading]:
    """Read days that name no year: one is made up, and one more begins where December turns into January."""
    found = _parse([f"2000 {day}" for day in days], f"%Y {form}", _shape(f"%Y {form}"))
    if np.isnat(found).any():
        return
    steps = np.diff(found).astype("timedelta64[D]").astype(int)
    # Backwards through the year for the most part: the newest row came first.
    turn = -1 if (steps < 0).sum() > (steps > 0).sum() else 1
    years = np.concatenate([[0], np.cumsum(np.where(turn * steps < -180, turn, 0))])
    years -= years.min()
    months = found.astype("datetime64[M]")
    day, month = (found - months).astype("timedelta64[D]"), months.astype(int) % 12
    leap = (month == 1) & (day.astype(int) == 28)
    for first in range(MADE_UP_YEAR, MADE_UP_YEAR + 4):
        if not ((first + years[leap]) % 4).any():
            moved = ((first - 1970 + years) * 12 + month).astype("datetime64[M]").astype(
                "datetime64[D]"
            ) + day
            note = f"The dates name no year; they were counted from {first}, a year that is made up."
            yield Reading(form, moved.astype("datetime64[us]") + seconds, note)
            return


def split_times(cells: Sequence[str]) -> tuple[list[str], npt.NDArray[np.timedelta64], str | None]:
    """Return each cell without its time of day, that time, and a note about zones.

    One zone throughout is the local time, and left out; several, as where the clock is put forward, become UTC.
    """
    days: list[str] = []
    times: list[int] = []
    zones: list[int | None] = []
    for cell in cells:
        day, micro, zone = _cut(cell)
        days.append(day)
        times.append(micro)
        zones.append(zone)
    several = {zone for zone in zones if zone is not None}
    note = None
    if len(several) > 1:
        times = [time - 60_000_000 * (zone or 0) for time, zone in zip(times, zones, strict=True)]
        names = ", ".join(
            f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}" for zone in sorted(several)
        )
        note = f"The times are from several zones ({names}); they were turned into UTC."
    return days, np.array(times, dtype="timedelta64[us]"), note


def _cut(cell: str) -> tuple[str, int, int | None]:
    if ":" not in cell and not cell[-2:].lower().endswith(("m", ".")):
        return cell.rstrip("Z") if cell[-1:] == "Z" and cell[:1].isdigit() else cell, 0, None
    for form in (TIME, HOUR):
        for start in (match.start() for match in re.finditer(r"(?:(?<=[T ,:])|^)\d", cell)):
            found = form.fullmatch(cell, start)
            if found is None:
                continue
            given = found.groupdict()
            hour, minute, second = (
                int(given["hour"]),
                int(given.get("minute") or 0),
                int(given.get("second") or 0),
            )
            if half := given.get("half"):
                hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
            if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
                return cell, 0, None
            micro = int((given.get("part") or "").ljust(6, "0")[:6] or 0)
            day = cell[:start].rstrip("T ,:")
            return day, ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro, _minutes(given.get("zone"))
    return cell, 0, None


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone.upper() in ("Z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (60 * int(digits[:2]) + int(digits[2:]))


def _asked_for(cells: Sequence[str], form: str) -> list[Reading]:
    """Read a column in the one way that was asked for."""
    if form in NUMERIC:
        return [Reading(form, NUMERIC[form](cells))]
    moments: list[datetime.datetime | None] = []
    for cell in cells:
        try:
            moment = datetime.datetime.strptime(cell, form)
            moments.append(moment.replace(tzinfo=None) - (moment.utcoffset() or datetime.timedelta()))
        except ValueError:
            moments.append(None)
    return [Reading(form, np.array(moments, dtype="datetime64[us]"))]


def _floats(cells: Sequence[str]) -> npt.NDArray[np.float64]:
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if re.fullmatch(r"[+-]?\d+([.,]\d*)?", cell):
            values[row] = float(cell.replace(",", "."))
    return values


def _count_from(start: np.datetime64, unit: float) -> Callable[[Sequence[str]], Moments]:
    def read(cells: Sequence[str]) -> Moments:
        values = _floats(cells) * unit
        inside = np.isfinite(values) & (np.abs(values) < 4e11)
        micro = np.round(np.where(inside, values, 0.0) * 1e6).astype("timedelta64[us]")
        moments: Moments = start.astype("datetime64[us]") + micro
        moments[~inside] = np.datetime64("NaT")
        return moments

    return read


def _serial_days(cells: Sequence[str]) -> Moments:
    # To the second: a half of a minute is no exact fraction of a day.
    moments: Moments = (_count_from(SERIAL, 86_400)(cells) + np.timedelta64(500, "ms")).astype(
        "datetime64[s]"
    )
    return moments.astype("datetime64[us]")


EPOCH = np.datetime64("1970-01-01", "s")
#: Dates that are mere numbers, by the word that asks for them.
NUMERIC: dict[str, Callable[[Sequence[str]], Moments]] = {
    "unix": _count_from(EPOCH, 1),
    "unix-ms": _count_from(EPOCH, 1e-3),
    "unix-us": _count_from(EPOCH, 1e-6),
    "unix-ns": _count_from(EPOCH, 1e-9),
    "excel": _serial_days,
}


def _localise(moments: Moments, zone: str, lines: Sequence[int], notes: list[str]) -> Moments:
    """Turn the time of a clock that is put forward and back into UTC."""
    import pandas as pd

    index = pd.DatetimeIndex(moments)
    order = np.arange(len(index))
    if len(index) > 1 and index[0] > index[-1]:
        order = order[::-1]
    try:
        local = index[order].tz_localize(zone, ambiguous="infer")
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CsvError(
            f"the times are not those of a clock in {zone!r} ({reason}). Name a zone such as 'Europe/Berlin', or leave "
            "time_zone out.",
            lines[0],
        ) from None
    notes.append(f"The times of {zone} were turned into UTC.")
    utc = np.empty(len(index), dtype="datetime64[us]")
    utc[order] = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return utc
