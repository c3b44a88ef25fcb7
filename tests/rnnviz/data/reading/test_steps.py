"""Calendars that dates follow: what is missing is noted, and filled when asked for; what is uneven is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rnnviz.data import CsvError, read_csv

HALF_DAYS = pd.offsets.CustomBusinessDay(weekmask="1111110")
SUNDAY_TO_THURSDAY = pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu")


def table(dates: pd.DatetimeIndex, without: set[int] = frozenset(), form: str = "%Y-%m-%d") -> bytes:  # type: ignore[assignment]
    rows = [f"{date.strftime(form)},{2 * k}" for k, date in enumerate(dates) if k not in without]
    return "\n".join(["date,value", *rows]).encode()


CALENDARS = {
    "month ends": (pd.date_range("2015-01-31", periods=60, freq="ME"), "every month, on its last day", 12),
    "month starts": (pd.date_range("2015-01-01", periods=60, freq="MS"), "every month", 12),
    "the 30th": (
        pd.DatetimeIndex(
            [
                d.replace(day=min(30, d.days_in_month))
                for d in pd.date_range("2015-01-01", periods=60, freq="MS")
            ]
        ),
        "every month, on the 30th",
        12,
    ),
    "last working days": (pd.date_range("2015-01-01", periods=60, freq="BME"), "on its last working day", 12),
    "first working days": (
        pd.date_range("2015-01-01", periods=60, freq="BMS"),
        "on its first working day",
        12,
    ),
    "third Fridays": (pd.date_range("2015-01-01", periods=60, freq="WOM-3FRI"), "on the third Friday", 12),
    "last Fridays": (pd.date_range("2015-01-01", periods=60, freq="LWOM-FRI"), "on the last Friday", 12),
    "every second month": (pd.date_range("2015-01-31", periods=60, freq="2ME"), "every 2 months", 6),
    "quarter ends": (pd.date_range("2005-03-31", periods=60, freq="QE"), "every quarter, on its last day", 4),
    "31 December": (pd.date_range("1960-12-31", periods=60, freq="YE"), "every year", None),
    "29 February": (
        pd.DatetimeIndex([f"{y}-02-{29 if y % 4 == 0 else 28}" for y in range(1960, 2020)]),
        "every year",
        None,
    ),
    "working days": (pd.bdate_range("2024-01-01", periods=60), "every working day", 5),
    "all but Sundays": (pd.date_range("2024-01-01", periods=60, freq=HALF_DAYS), "every day but Sunday", 6),
    "Sunday to Thursday": (
        pd.date_range("2024-01-07", periods=60, freq=SUNDAY_TO_THURSDAY),
        "but Friday and Saturday",
        5,
    ),
    "Mondays": (pd.date_range("2024-01-01", periods=60, freq="W-MON"), "every week", 52),
    "the 1st and 15th": (
        pd.date_range("2020-01-01", periods=60, freq="SMS"),
        "the first and the fifteenth",
        24,
    ),
    "days": (pd.date_range("2024-01-01", periods=60), "", 7),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_missing_dates_of_any_calendar_are_noted_and_filled(name: str) -> None:
    dates, words, season = CALENDARS[name]
    whole = read_csv(table(dates))
    assert (len(whole), whole.season, whole.notes) == (60, season, ())
    noted = read_csv(table(dates, {10, 20, 21}))
    assert (len(noted), noted.season) == (57, season)
    assert f"3 dates are left out, the first {dates[10].date()}" in noted.notes[0]
    assert words in noted.notes[0]
    assert "fill='linear'" in noted.notes[0]
    filled = read_csv(table(dates, {10, 20, 21}), fill="linear")
    np.testing.assert_array_equal(filled.dates, dates.to_numpy().astype("datetime64[D]"))
    np.testing.assert_allclose(filled.values[:, 0], 2.0 * np.arange(60))
    assert filled.notes[-1] == "3 gaps were filled on a straight line."


TENS = pd.date_range("2024-01-01", periods=300, freq="10min")
LATE = pd.to_timedelta(np.random.default_rng(0).integers(0, 8, 300), unit="s")


def test_a_clock_that_is_early_or_late_has_gaps_too() -> None:
    series = read_csv(table(TENS + LATE, {50, 51}, "%Y-%m-%d %H:%M:%S"), fill="linear")
    assert (len(series), series.season) == (300, 144)
    np.testing.assert_allclose(series.values[:, 0], 2.0 * np.arange(300))
    assert "about every 10 minutes, up to 7 seconds early or late" in series.notes[0]
    assert "2 dates are left out, the first 2024-01-01T08:20" in series.notes[1]


def test_a_clock_that_was_set_anew_has_gaps_too_and_is_noted() -> None:
    shifted = pd.DatetimeIndex([*TENS[:100], *(TENS[100:] + pd.Timedelta(minutes=3))])
    series = read_csv(table(shifted, {50, 51}, "%Y-%m-%d %H:%M"), fill="linear")
    assert len(series) == 300
    assert (
        "1 step is no whole number of the usual ones, the first before 2024-01-01T16:43:00 (line 100)"
        in series.notes[1]
    )
    assert "2 dates are left out" in series.notes[2]


def test_a_row_a_day_at_any_hour_has_gaps_too() -> None:
    random = np.random.default_rng(1)
    dates = pd.date_range("2024-01-01", periods=60) + pd.to_timedelta(
        random.integers(360, 600, 60), unit="min"
    )
    series = read_csv(table(dates, {4}, "%Y-%m-%d %H:%M"), fill="linear")
    assert (len(series), series.season) == (60, 7)
    assert "a row every day, at differing hours" in series.notes[0]
    assert "1 date is left out, the first 2024-01-05" in series.notes[1]


def test_nights_and_weekends_that_are_always_left_out_are_no_gap() -> None:
    bars = [
        day + pd.Timedelta(minutes=570 + 5 * k)
        for day in pd.bdate_range("2024-01-01", periods=12)
        for k in range(78)
    ]
    series = read_csv(table(pd.DatetimeIndex(bars), {100}, "%Y-%m-%d %H:%M"))
    assert series.season == 78
    assert "1 date is left out, the first 2024-01-02T11:20:00" in series.notes[0]


def uneven() -> pd.DatetimeIndex:
    steps = np.random.default_rng(0).choice([60, 60, 60, 97, 31, 180], 2499)
    return pd.DatetimeIndex(np.cumsum(steps).astype("timedelta64[m]") + np.datetime64("2024-01-01"))


def test_uneven_steps_are_noted_with_numbers_and_an_offer() -> None:
    dates = uneven()
    others = np.diff(dates).astype("timedelta64[m]").astype(int) != 60
    differing, line = int(others.sum()), int(others.argmax()) + 3
    series = read_csv(table(dates, form="%Y-%m-%d %H:%M"))
    assert series.season is None
    (note,) = series.notes
    assert (
        f"The steps are uneven: {differing:,} of 2,498 differ from the usual 1 hour (from 31 minutes to 3 hours)"
        in note
    )
    assert f"the first in line {line}." in note
    assert "resample='h'" in note


def test_resampling_takes_means_over_even_steps() -> None:
    dates = uneven()
    content = table(dates, form="%Y-%m-%d %H:%M")
    series = read_csv(content, resample="3h")
    expected = pd.Series(2.0 * np.arange(2499), index=dates).resample("3h").mean()
    np.testing.assert_allclose(series.values[:, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(series.dates, expected.index.to_numpy().astype("datetime64[s]"))
    assert (series.season, series.notes) == (
        8,
        (f"2,499 rows became {len(expected):,} steps of '3h', each the mean of its rows.",),
    )
    with pytest.raises(CsvError, match=r"the cell of .* in the column 'value' is empty.*fill='linear'"):
        read_csv(content, resample="10min")
    assert len(read_csv(content, resample="10min", fill="linear")) > 5 * len(series)
    with pytest.raises(CsvError, match="resample is 'often', which is no step"):
        read_csv(content, resample="often")
    with pytest.raises(CsvError, match="choose a longer step"):
        read_csv(content, resample="s")
    with pytest.raises(CsvError, match="needs dates"):
        read_csv(("value\n" + "\n".join(str(k % 7) for k in range(40))).encode(), resample="h")


@pytest.mark.parametrize(
    ("step", "season"), [("15min", 96), ("30min", 48), ("h", 24), ("3h", 8), ("10min", 144)]
)
def test_steps_within_a_day_have_its_season(step: str, season: int) -> None:
    assert (
        read_csv(table(pd.date_range("2024-01-01", periods=300, freq=step), form="%Y-%m-%d %H:%M")).season
        == season
    )
