"""Dates that are mere numbers: years, 202301, seconds since 1970, a spreadsheet's serial days, fractions of years.

A number is taken for a date only where its name or its place, its size and its steps all speak for it; counts that
happen to have four digits stay counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rnnviz.data.reading.dates import NUMERIC, Moments, is_regular, read_compact

__all__ = ["read_numeric_dates", "speaks_of_time"]

Values = npt.NDArray[np.float64]
NAMES = re.compile(
    r"(?:^|[\W_])(?:date|dates|time|times|timestamp|timestamps|datetime|ts|epoch|unix|unixtime|period|when|datum|zeit|"
    r"uhrzeit|tag|day|fecha|data|jour|heure|month|monat|mois|mes|year|years|yr|jahr|année|annee|anno|año|ano|quarter|"
    r"week|obs_date|mess_datum|stamp|yyyymm|yyyymmdd)(?:$|[\W_])|date$|time$|datum$|timestamp$|zeit$",
    re.IGNORECASE,
)


def speaks_of_time(title: str) -> bool:
    """Whether the name of a column is one that columns of dates have."""
    return bool(NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)))


def read_numeric_dates(cells: Sequence[str], title: str, first: bool) -> tuple[Moments, str | None] | None:
    """Return a column of numbers as dates and what was assumed, or None if they are hardly dates.

    Parameters
    ----------
    cells : sequence of str
        The whole column.
    title : str
        Its name.
    first : bool
        Whether it stands before all other columns.
    """
    named = speaks_of_time(title)
    if (
        not (named or first)
        or len(cells) < 3
        or not all(re.fullmatch(r"\d+([.,]\d+)?", cell) for cell in cells)
    ):
        return None
    values = np.array([float(cell.replace(",", ".")) for cell in cells])
    whole = bool((values == np.round(values)).all())
    for read in (
        (_years, _months, _hours, _fractions, _since_1970, _serial)
        if whole
        else (_fractions, _since_1970, _serial)
    ):
        if (found := read(values, title, named)) is not None:
            return found
    return None


def _steps(values: Values) -> tuple[Values, float]:
    """Return the steps of the values in order, and the most common of them."""
    steps = np.diff(np.unique(values))
    if not len(steps):
        return steps, 0.0
    different, often = np.unique(steps, return_counts=True)
    return steps, float(different[often.argmax()])


def _years(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    low, high = (1000, 2200) if named else (1700, 2100)
    if values.min() < low or values.max() > high:
        return None
    steps, usual = _steps(values)
    if not len(steps) or (steps == usual).mean() < 0.6 or (steps % usual).any():
        return None
    if usual not in ((1, 2, 3, 4, 5, 10, 20, 25, 50, 100) if named else (1, 5, 10)):
        return None
    years = (values.astype(int) - 1970).astype("datetime64[Y]")
    return years.astype("datetime64[us]"), None


def _months(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    if values.max() > 220_012:
        return None
    years, months = np.divmod(values.astype(int), 100)
    if years.min() < 1700 or years.max() > 2200 or months.min() < 1 or months.max() > 12:
        return None
    ordinals = (years - 1970) * 12 + months - 1
    steps, usual = _steps(ordinals.astype(float))
    if not len(steps) or (steps == usual).mean() < 0.6:
        return None
    return ordinals.astype("datetime64[M]").astype("datetime64[us]"), None


def _hours(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    """Read 2024010113, as weather services write the hour, with minutes or without."""
    if not (
        (values.min() >= 1.7e9 and values.max() < 2.2e9) or (values.min() >= 1.7e11 and values.max() < 2.2e11)
    ):
        return None
    read = [read_compact(f"{value:.0f}") for value in values]
    return None if None in read else (np.array(read, dtype="datetime64[us]"), None)


def _fractions(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    """Read years with a fraction, as statistics programs write the time of a monthly series."""
    if values.min() < 1000 or values.max() > 2200 or (values == np.round(values)).all():
        return None
    steps = np.diff(np.unique(values))
    for parts in (12, 4, 2):
        places = np.round(values * parts)
        if np.abs(values * parts - places).max() < 0.1 and (np.abs(steps * parts - 1) < 0.2).mean() > 0.6:
            ordinals = (places.astype(int) - 1970 * parts) * (12 // parts)
            months = ordinals.astype("datetime64[M]").astype("datetime64[us]")
            return (
                months,
                f"The column {title!r} was read as years with a fraction: a row every 1/{parts} of a year.",
            )
    return None


def _since_1970(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    for form, unit, what in (
        ("unix", 1.0, "seconds"),
        ("unix-ms", 1e3, "milliseconds"),
        ("unix-us", 1e6, "microseconds"),
        ("unix-ns", 1e9, "nanoseconds"),
    ):
        low, high = (1e8 * unit, 4.2e9 * unit) if named else (9e8 * unit, 2.1e9 * unit)
        if low <= values.min() and values.max() < high and (form == "unix" or values.min() > 1e11):
            moments = NUMERIC[form](
                [str(int(value)) if value == int(value) else str(value) for value in values]
            )
            steps, usual = _steps(values / unit)
            # A meter that counts up has nine digits too; its steps are not whole minutes.
            if not named and ((steps == usual).mean() < 0.6 or usual % 60):
                return None
            return moments, f"The column {title!r} was read as {what} since 1970, in UTC."
    return None


def _serial(values: Values, title: str, named: bool) -> tuple[Moments, str | None] | None:
    if values.min() < 10_000 or values.max() > 80_000:
        return None
    moments = NUMERIC["excel"]([repr(float(value)) for value in values])
    steps, usual = _steps(np.round(values * 1440))
    even = len(steps) > 0 and (steps == usual).mean() > 0.6 and usual % 1440 in (0, 720, 60, 30, 15, 10, 5)
    months = len(steps) > 0 and usual >= 28 * 1440 and is_regular(moments)
    if not (even or months) or (not named and usual not in (1440, 7 * 1440) and not months):
        return None
    example = f"{values[0]:.10g} is {str(moments[0])[:10]}"
    return moments, f"The column {title!r} was read as the serial days of a spreadsheet: {example}."
