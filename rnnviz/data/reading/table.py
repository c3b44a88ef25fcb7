"""Numbers with their dates, put in order: sorted, repeated rows dropped, gaps found and closed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rnnviz.data.reading.dates import Moments
from rnnviz.data.reading.messages import CsvError, count, number_lines
from rnnviz.data.reading.numerals import Floats
from rnnviz.data.reading.steps import Calendar, find_calendar, measure_unevenness, say_duration, to_rule

__all__ = ["Table", "shorten"]


def shorten(moments: Moments) -> Moments:
    """Return dates as days where the hour is midnight throughout, else to the second."""
    days = moments.astype("datetime64[D]")
    return days if (days == moments).all() else moments.astype("datetime64[s]")


@dataclass
class Table:
    """What was read, while it is put in order.

    Attributes
    ----------
    values : ndarray of float64, shape (row, column)
        NaN where a cell is empty.
    lines : list of int
        The line of each row, 0 for a row that is in no line.
    titles : list of str
    moments : ndarray of datetime64[us], shape (row,), or None
    notes : list of str
    """

    values: Floats
    lines: list[int]
    titles: list[str]
    moments: Moments | None
    notes: list[str] = field(default_factory=list)
    calendar: Calendar | None = None

    def put_in_order(self, repeated: str | None) -> None:
        """Sort by date, and ask about dates that have several rows."""
        assert self.moments is not None
        steps = np.diff(self.moments).astype(np.int64)
        if len(steps) and (steps <= 0).all() and (steps < 0).any():
            self._take(np.arange(len(self.values))[::-1])
            self.notes.append("The newest row came first; the order was turned round.")
        elif (steps < 0).any():
            row = int((steps < 0).argmax()) + 1
            here, before = shorten(self.moments)[[row, row - 1]]
            line = f" (line {self.lines[row]}: {here} after {before})" if self.lines[row] else ""
            self.notes.append(f"The rows were not in the order of time{line}; they were sorted by date.")
            self._take(np.argsort(self.moments, kind="stable"))
        self._settle_repeats(repeated)

    def _settle_repeats(self, repeated: str | None) -> None:
        assert self.moments is not None
        again = np.flatnonzero(np.diff(self.moments).astype(np.int64) == 0) + 1
        if not len(again):
            return
        if repeated is None:
            row = int(again[0])
            first, second = sorted((row - 1, row), key=lambda one: self.lines[one])
            column = int((self.values[first] != self.values[second]).argmax())
            others = len(again) - 1
            more = (
                f" So {'is' if others == 1 else 'are'} {count(others, 'more date', 'more dates')}."
                if others
                else ""
            )
            here = shorten(self.moments)[row]
            # In the hour before a clock is put back, everything is there twice.
            hour = self.moments[row].astype("datetime64[h]").astype(int) % 24
            autumn = str(here)[5:7] in ("10", "11", "04") and 1 <= hour <= 3 and "T" in str(here)
            clock = (
                " If a clock was put back here, name its zone: time_zone='Europe/Berlin'." if autumn else ""
            )
            raise CsvError(
                f"the date {here} was already there in line {self.lines[first]}. The two rows differ: "
                f"{self.titles[column]!r} is {self.values[first, column]:.7g} there and "
                f"{self.values[second, column]:.7g} here.{more} Keep one row a date: remove one of them, or keep the "
                f"first or the last of each with repeated='first' or repeated='last'.{clock}",
                self.lines[second],
            )
        kept = np.ones(len(self.values), dtype=bool)
        kept[again - 1 if repeated == "last" else again] = False
        self.notes.append(
            f"{count(len(again), 'row', 'rows')} of a date that is there already left out; the {repeated} was kept."
        )
        self._take(np.flatnonzero(kept))

    def look_for_missing_dates(self, fill: str | None) -> None:
        """Note dates that are left out, and give them rows if gaps are to be filled."""
        assert self.moments is not None
        self.calendar = calendar = find_calendar(self.moments)
        if calendar is None:
            self._note_unevenness()
            return
        if not calendar.exact:
            self.notes.append(f"The dates were taken for {calendar.words}.")
            self._note_breaks()
        absent = np.setdiff1d(calendar.expected, self.moments)
        if not len(absent):
            return
        where = "" if calendar.words == "a row every day" or not calendar.exact else f" ({calendar.words})"
        first = shorten(np.concatenate([absent[:1], self.moments]))[0]
        what = count(len(absent), "date is", "dates are") + f" left out, the first {first}{where}"
        if fill in (None, "drop"):
            self.notes.append(
                f"{what}; the steps are taken as equally long. fill='linear' would fill them in."
            )
            return
        values = np.full((len(calendar.expected), len(self.titles)), np.nan)
        rows = np.searchsorted(calendar.expected, self.moments)
        values[rows] = self.values
        lines = [0] * len(values)
        for row, line in zip(rows, self.lines, strict=True):
            lines[row] = line
        self.values, self.moments, self.lines = values, calendar.expected, lines
        self.notes.append(f"{what}.")

    def _note_unevenness(self) -> None:
        assert self.moments is not None
        found = measure_unevenness(self.moments)
        if found is None:
            return
        line = f", the first in line {self.lines[found.first]}" if self.lines[found.first] else ""
        self.notes.append(
            f"The steps are uneven: {found.differing:,} of {found.steps:,} differ from the usual "
            f"{_one(say_duration(found.usual))} (from {_one(say_duration(found.shortest))} to "
            f"{_one(say_duration(found.longest))}){line}. They are taken as equally long, and missing dates cannot be "
            f"told; resample={to_rule(found.usual)!r} puts the values on even steps."
        )

    def _note_breaks(self) -> None:
        """Note steps that are no whole number of the usual ones, as where a clock was set anew."""
        assert self.moments is not None
        steps = np.diff(self.moments).astype(np.int64) / 1e6
        usual = float(np.median(steps))
        off = np.abs(steps - np.maximum(1, np.round(steps / usual)) * usual) > 0.1 * usual
        if off.any() and off.mean() < 0.05:
            row = int(off.argmax()) + 1
            line = f" (line {self.lines[row]})" if self.lines[row] else ""
            self.notes.append(
                f"{count(int(off.sum()), 'step is', 'steps are')} no whole number of the usual ones, the first before "
                f"{shorten(self.moments)[row]}{line}; taken as equally long."
            )

    def resample(self, rule: str) -> None:
        """Take means over even steps; a step without a row is a gap."""
        import pandas as pd

        assert self.moments is not None
        frame = pd.DataFrame(self.values, index=pd.DatetimeIndex(self.moments))
        try:
            means = frame.resample(rule).mean()
        except ValueError as error:
            raise CsvError(
                f"resample is {rule!r}, which is no step ({str(error).splitlines()[0]}). It is a number and a unit, "
                "such as '15min', 'h', 'D', 'W' or 'MS'."
            ) from None
        if len(means) > 50 * len(frame) or len(means) > 2_000_000:
            raise CsvError(
                f"resample={rule!r} would make {len(means):,} steps of {count(len(frame), 'row', 'rows')}; choose a "
                "longer step."
            )
        starts = means.index.to_numpy().astype("datetime64[us]")
        slots = np.searchsorted(starts, self.moments, side="right") - 1
        lines = [0] * len(means)
        for slot, line in zip(slots.tolist(), self.lines, strict=True):
            lines[max(0, slot)] = lines[max(0, slot)] or line
        empty = int(means.isna().all(axis=1).sum())
        self.notes.append(
            f"{count(len(frame), 'row', 'rows')} became {count(len(means), 'step', 'steps')} of {rule!r}, each the "
            f"mean of its rows{f'; {empty:,} have none' if empty else ''}."
        )
        self.values, self.moments, self.lines = means.to_numpy(), starts, lines
        self.calendar = find_calendar(starts)

    def close_gaps(self, fill: str | None, spoken: dict[tuple[int, str], str]) -> None:
        """Fill gaps, or refuse them.

        Parameters
        ----------
        fill : {"linear", "previous", "drop"} or None
        spoken : dict of (int, str) to str
            Numbers that were taken for missing values, by line and column.
        """
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
            title = self.titles[columns[0]]
            date = "" if self.moments is None or where[0] else f" of {shorten(self.moments)[rows[0]]}"
            number = spoken.get((where[0], title))
            what = (
                "is empty"
                if number is None
                else f"holds {number}, which was taken for a missing value (missing=() keeps it as a number)"
            )
            raise CsvError(
                f"the cell{date} in the column {title!r} {what}.{more} Fill in the value, or "
                "ask for gaps to be filled: fill='linear' (straight line), 'previous' (value before) or "
                "'drop' (leave out).",
                where[0] or None,
            )
        spots = number_lines(where)
        spots = f" ({spots})" if spots else ""
        if fill == "drop":
            self._keep(np.asarray(~empty.any(axis=1)))
            self.notes.append(f"{count(int(empty.any(1).sum()), 'row', 'rows')} with gaps left out{spots}.")
            return
        if not (~empty.any(1)).any():
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
            self.notes.append(f"{count(inside, 'gap was', 'gaps were')} filled {how}{spots}.")
        if outside:
            self.notes.append(
                f"{count(outside, 'row', 'rows')} at the ends left out, where a value is missing."
            )

    def _keep(self, chosen: npt.NDArray[np.bool_]) -> None:
        self._take(np.flatnonzero(chosen))

    def _take(self, rows: npt.NDArray[np.intp]) -> None:
        self.values = self.values[rows].copy()
        self.lines = [self.lines[row] for row in rows.tolist()]
        self.moments = None if self.moments is None else self.moments[rows]


def _fill(column: Floats, how: str) -> None:
    empty = np.isnan(column)
    known, gaps = np.flatnonzero(~empty), np.flatnonzero(empty)
    if how == "linear":
        column[gaps] = np.interp(gaps, known, column[known])
    else:
        column[gaps] = column[known[np.searchsorted(known, gaps) - 1]]


def _one(duration: str) -> str:
    """Return "1 hour" for "hour"."""
    return duration if duration[0].isdigit() else f"1 {duration}"
