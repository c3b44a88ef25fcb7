"""The calendar that dates follow, and what is missing from it.

A calendar is a rule of pandas: a fixed step, working days, ends of months, third Fridays. Where the dates keep to one
but for gaps, every date left out is known. Clocks that are a little early or late, and readings taken once a day at
whatever hour, have gaps too; they are found by counting whole steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.data.reading.dates import Moments

__all__ = ["Calendar", "Unevenness", "find_calendar", "measure_unevenness", "say_duration", "to_rule"]

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86_400
# Steps a season, by the days between two steps.
SEASONS = ((1, 7), (7, 52), (14, 26), (30.4, 12), (60.9, 6), (91.3, 4), (182.6, 2))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A step that differs by more than this share of itself is another step, and no early or late clock.
TOLERANCE = 0.1


@dataclass(frozen=True, eq=False)
class Calendar:
    """A rule that dates follow.

    Attributes
    ----------
    words : str
        As in "a row every month, on its last day".
    expected : ndarray of datetime64[us]
        All dates from the first to the last, those given among them.
    season : int or None
        Steps after which the pattern roughly repeats.
    exact : bool
        False where dates are early or late by a little.
    """

    words: str
    expected: Moments
    season: int | None = None
    exact: bool = True


@dataclass(frozen=True)
class Unevenness:
    """How unequal the steps are: how many differ from the usual one, and how much."""

    usual: float
    differing: int
    steps: int
    shortest: float
    longest: float
    first: int
    """The row that the first differing step leads to."""


def find_calendar(moments: Moments) -> Calendar | None:
    """Find the rule that rising dates follow, if they follow one but for gaps.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnviz.data.reading.steps import find_calendar
    >>> ends = np.array(["2024-01-31", "2024-02-29", "2024-04-30", "2024-05-31"], dtype="datetime64[us]")
    >>> found = find_calendar(ends)
    >>> found.words, np.setdiff1d(found.expected, ends)[0].astype("datetime64[D]")
    ('a row every month, on its last day', np.datetime64('2024-03-31'))
    """
    if len(moments) < 3:
        return None
    for find in (_by_months, _by_days, _by_fixed_steps, _by_whole_steps, _once_a_period):
        if (found := find(moments)) is not None:
            return found
    return None


def _pandas() -> Any:
    import pandas as pd

    return pd


def _usual(steps: Any, share: float) -> int:
    """Return the most common step, if the others are multiples of it and rare enough; else 0."""
    different, often = np.unique(steps, return_counts=True)
    base = int(different[often.argmax()])
    if base <= 0 or (steps % base).any() or often.max() < share * len(steps):
        return 0
    return base


def _by_months(moments: Moments) -> Calendar | None:
    months = moments.astype("datetime64[M]").astype(int)
    base = _usual(np.diff(months), 0.5)
    if not base:
        return None
    pd = _pandas()
    index = pd.DatetimeIndex(moments)
    for words, rule in _month_rules(index, base):
        expected = (
            rule if isinstance(rule, pd.DatetimeIndex) else pd.date_range(index[0], index[-1], freq=rule)
        )
        if index.isin(expected).all():
            return Calendar(
                f"a row every {_say_months(base)}{words}",
                expected.to_numpy().astype("datetime64[us]"),
                12 // base if 12 % base == 0 and base < 12 else None,
            )
    return None


def _month_rules(index: Any, base: int) -> Iterator[tuple[str, Any]]:
    """Propose offsets of pandas that all dates lie on, or dates where pandas has no such offset."""
    pd = _pandas()
    offsets = pd.offsets
    if (index.day == index.day[0]).all():
        yield "", pd.DateOffset(months=base)
    if index.is_month_end.all():
        yield ", on its last day", offsets.MonthEnd(base)
    for words, offset in (
        (", on its last working day", offsets.BMonthEnd(base)),
        (", on its first working day", offsets.BMonthBegin(base)),
    ):
        if all(offset.is_on_offset(day) for day in index):
            yield words, offset
    if (index.day_of_week == index.day_of_week[0]).all() and base == 1:
        if (weeks := set(((index.day - 1) // 7).tolist())) and len(weeks) == 1:
            week = weeks.pop()
            nth = ("first", "second", "third", "fourth", "fifth")[week]
            yield (
                f", on the {nth} {WEEKDAYS[index.day_of_week[0]]}",
                offsets.WeekOfMonth(week=week, weekday=index.day_of_week[0]),
            )
        if all((day + pd.Timedelta(days=7)).month != day.month for day in index):
            yield (
                f", on the last {WEEKDAYS[index.day_of_week[0]]}",
                offsets.LastWeekOfMonth(weekday=index.day_of_week[0]),
            )
    # The 30th of each month, and the 28th of February.
    if base < 12 and index.day.max() > 28:
        day = int(index.day.max())
        first = index[0].to_period("M")
        wanted = [
            index[0].normalize().replace(day=1) + pd.DateOffset(months=base * k)
            for k in range((index[-1].to_period("M") - first).n // base + 1)
        ]
        clamped = pd.DatetimeIndex(
            [
                one.replace(day=min(day, one.days_in_month)) + (index[0] - index[0].normalize())
                for one in wanted
            ]
        )
        if index.isin(clamped).all():
            yield f", on the {day}th", clamped


def _say_months(months: int) -> str:
    if months % 12 == 0:
        return "year" if months == 12 else f"{months // 12} years"
    return {1: "month", 3: "quarter", 6: "half-year"}.get(months, f"{months} months")


def _by_days(moments: Moments) -> Calendar | None:
    """Find days of the week that are left out always, such as weekends, and halves of months."""
    days = moments.astype("datetime64[D]")
    if (moments != days).any():
        rest = moments - days
        if (rest != rest[0]).any():
            return None
    pd = _pandas()
    index = pd.DatetimeIndex(moments)
    steps = np.diff(days).astype(int)
    if (steps == 1).mean() > 0.4:
        seen = sorted(set(index.day_of_week))
        if len(seen) < 7 and len(index) >= 2 * len(seen) and len(seen) > 1:
            mask = "".join("1" if day in seen else "0" for day in range(7))
            expected = pd.date_range(index[0], index[-1], freq=pd.offsets.CustomBusinessDay(weekmask=mask))
            if seen == [0, 1, 2, 3, 4]:
                words = "a row every working day"
            else:
                words = "a row every day but " + " and ".join(
                    WEEKDAYS[day] for day in range(7) if day not in seen
                )
            return Calendar(words, expected.to_numpy().astype("datetime64[us]"), len(seen))
    if (steps >= 13).all() and steps.min() < 17 and np.median(steps) > 13:
        for words, rule in (
            ("a row on the first and the fifteenth of each month", pd.offsets.SemiMonthBegin()),
            ("a row on the fifteenth and the last day of each month", pd.offsets.SemiMonthEnd()),
        ):
            if all(rule.is_on_offset(day) for day in index):
                expected = pd.date_range(index[0], index[-1], freq=rule)
                return Calendar(words, expected.to_numpy().astype("datetime64[us]"), 24)
    return None


def _by_fixed_steps(moments: Moments) -> Calendar | None:
    steps = np.diff(moments).astype(np.int64)
    base = _usual(steps, 0.5)
    if not base:
        return None
    seconds = base / 1e6
    expected: Moments = np.arange(
        moments[0], moments[-1] + np.timedelta64(base, "us"), np.timedelta64(base, "us")
    )
    words = f"a row every {say_duration(seconds)}"
    season = _season(seconds, len(moments))
    if seconds < DAY and len(expected) > 1.2 * len(moments):
        # Where nights or weekends are left out always, their hours are no gap.
        clock = moments - moments.astype("datetime64[D]")
        weekday = (moments.astype("datetime64[D]").astype(int) + 3) % 7
        of_all = expected - expected.astype("datetime64[D]")
        of_week = (expected.astype("datetime64[D]").astype(int) + 3) % 7
        open_ = np.isin(of_all, clock) & np.isin(of_week, weekday)
        days = len(np.unique(moments.astype("datetime64[D]")))
        if days > 4 and open_.sum() < 0.9 * len(expected):
            expected = expected[open_]
            season = len(np.unique(clock)) if len(moments) >= 2 * len(np.unique(clock)) else None
            words += ", in the hours and on the days that have rows"
    return Calendar(words, expected, season)


def _by_whole_steps(moments: Moments) -> Calendar | None:
    """Count whole steps of a clock that is early or late, or was set anew."""
    steps = np.diff(moments).astype(np.int64) / 1e6
    usual = float(np.median(steps))
    if usual <= 0:
        return None
    whole = np.maximum(1, np.round(steps / usual)).astype(int)
    off = np.abs(steps - whole * usual)
    fits = off <= TOLERANCE * usual
    if fits.mean() < 0.95 or (whole == 1).mean() < 0.5:
        return None
    late = float(off[fits].max())
    words = f"a row about every {say_duration(_rounded(usual))}"
    if late >= 1:
        words += f", up to {say_duration(round(late))} early or late"
    return Calendar(words, _insert(moments, whole), _season(_rounded(usual), len(moments)), exact=False)


def _once_a_period(moments: Moments) -> Calendar | None:
    """Count days, weeks, months, quarters or years, each with one row on whatever day or hour."""
    for unit, size, name, season in (
        ("D", 1, "day", 7),
        ("W", 1, "week", 52),
        ("M", 1, "month", 12),
        ("M", 3, "quarter", 4),
        ("Y", 1, "year", None),
    ):
        if unit == "W":
            # NumPy's weeks begin on Thursdays, the day of the epoch.
            numbers = (moments.astype("datetime64[D]").astype(int) + 3) // 7
        else:
            numbers = moments.astype(f"datetime64[{unit}]").astype(int) // size
        whole = np.diff(numbers)
        if (whole >= 1).all() and (whole == 1).mean() > 0.8:
            seen = set(((moments.astype("datetime64[D]").astype(int) + 3) % 7).tolist())
            if unit == "D" and seen == {0, 1, 2, 3, 4}:
                whole = np.busday_count(
                    moments[:-1].astype("datetime64[D]"), moments[1:].astype("datetime64[D]")
                )
                return Calendar(
                    "a row every working day, at differing hours", _insert(moments, whole), 5, exact=False
                )
            words = f"a row every {name}, at differing {'hours' if unit == 'D' else 'days'}"
            return Calendar(words, _insert(moments, whole), season, exact=False)
    return None


def _insert(moments: Moments, whole: Any) -> Moments:
    """Put dates evenly between two that are several steps apart."""
    pieces = [moments[:1]]
    for row in range(len(whole)):
        if whole[row] > 1:
            ahead = (
                (moments[row + 1] - moments[row]).astype(np.int64) * np.arange(1, whole[row]) // whole[row]
            )
            between = moments[row] + ahead.astype("timedelta64[us]")
            # Between days there are days.
            if (
                moments[row].astype("datetime64[D]") == moments[row]
                and whole[row] * DAY * 1e6 <= ahead[-1] * 1.5
            ):
                between = between.astype("datetime64[D]").astype("datetime64[us]")
            pieces.append(between)
        pieces.append(moments[row + 1 : row + 2])
    return np.concatenate(pieces)


def _season(seconds: float, rows: int) -> int | None:
    if seconds < DAY:
        steps = DAY / seconds
        # Of a season that was seen less than twice nothing can be learned.
        whole = abs(steps - round(steps)) < 1e-6 * steps and steps >= 2
        return round(steps) if whole and rows >= 2 * round(steps) else None
    return next((season for step, season in SEASONS if abs(seconds / DAY / step - 1) < 0.05), None)


def _rounded(seconds: float) -> float:
    """Return the round duration that a clock seems to mean."""
    for unit in (DAY, HOUR, MINUTE, SECOND):
        near = round(seconds / unit) * unit
        if near and abs(seconds / near - 1) < 0.02:
            return float(near)
    return seconds


def measure_unevenness(moments: Moments) -> Unevenness | None:
    """Return how uneven the steps of rising dates are, or None if all are about the usual one."""
    steps = np.diff(moments).astype(np.int64) / 1e6
    if not len(steps):
        return None
    rounded, often = np.unique(np.round(steps, 3), return_counts=True)
    usual = float(rounded[often.argmax()]) if often.max() > 0.1 * len(steps) else float(np.median(steps))
    differs = np.abs(steps - usual) > TOLERANCE * usual
    if not differs.any():
        return None
    return Unevenness(
        usual,
        int(differs.sum()),
        len(steps),
        float(steps.min()),
        float(steps.max()),
        int(differs.argmax()) + 1,
    )


def say_duration(seconds: float) -> str:
    """Return a duration in words: "hour", "15 minutes", "2.5 days"."""
    for unit, name in (
        (7 * DAY, "week"),
        (DAY, "day"),
        (HOUR, "hour"),
        (MINUTE, "minute"),
        (SECOND, "second"),
    ):
        if seconds >= unit and (seconds % unit == 0 or (seconds >= 1.5 * unit and name != "week")):
            number = seconds / unit
            return name if number == 1 else f"{number:.3g} {name}s"
    return f"{seconds:.3g} seconds"


def to_rule(seconds: float) -> str:
    """Return the rule of pandas for steps of about this many seconds, to offer for resampling."""
    for size, rule in ((365 * DAY, "YS"), (90 * DAY, "QS"), (28 * DAY, "MS"), (7 * DAY, "W"), (DAY, "D")):
        if seconds >= 0.98 * size:
            number = round(seconds / size)
            return rule if number <= 1 else f"{number}{rule}"
    for size, rule in ((HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        if seconds >= 0.98 * size:
            number = max(1, round(seconds / size))
            return rule if number == 1 else f"{number}{rule}"
    return "s"
