"""Dates as offices, programs and people write them; time never runs backward unseen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from rnnviz.data import CsvError, read_csv

HOURS = pd.date_range("2024-01-01", periods=60, freq="h")
DAYS = pd.date_range("2024-01-01", periods=60)
WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D")
MONTHS = pd.date_range("1988-01-01", periods=48, freq="MS")
QUARTERS = pd.date_range("2010-01-01", periods=40, freq="QS")
GERMAN = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September"]
GERMAN += ["Oktober", "November", "Dezember"]
FRENCH = ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]

WAYS: dict[str, tuple[pd.DatetimeIndex, Callable[[pd.Timestamp], object], int]] = {
    "Z": (HOURS, lambda d: d.strftime("%Y-%m-%dT%H:%M:%SZ"), 24),
    "+01:00": (HOURS, lambda d: d.strftime("%Y-%m-%dT%H:%M:%S+01:00"), 24),
    "UTC": (HOURS, lambda d: d.strftime("%Y-%m-%d %H:%M:%S UTC"), 24),
    ".000": (HOURS, lambda d: d.strftime("%Y-%m-%d %H:%M:%S.000"), 24),
    "AM/PM": (HOURS, lambda d: d.strftime("%m/%d/%Y %I:%M %p"), 24),
    "AM/PM with seconds": (HOURS, lambda d: d.strftime("%d/%m/%Y %I:%M:%S %p"), 24),
    "no time at midnight": (
        HOURS,
        lambda d: d.strftime("%d.%m.%Y %H:%M") if d.hour else d.strftime("%d.%m.%Y"),
        24,
    ),
    "RFC 2822": (HOURS, lambda d: d.strftime("%a, %d %b %Y %H:%M:%S GMT"), 24),
    "2020Q4": (QUARTERS, lambda d: f"{d.year}Q{d.quarter}", 4),
    "2020-Q4": (QUARTERS, lambda d: f"{d.year}-Q{d.quarter}", 4),
    "Q4 2020": (QUARTERS, lambda d: f"Q{d.quarter} {d.year}", 4),
    "4. Quartal 2020": (QUARTERS, lambda d: f"{d.quarter}. Quartal {d.year}", 4),
    "2024-W52": (WEEKS, lambda d: d.strftime("%G-W%V"), 52),
    "2024-W52-1": (WEEKS, lambda d: d.strftime("%G-W%V-%u"), 52),
    "KW 52/2024": (WEEKS, lambda d: d.strftime("KW %V/%G"), 52),
    "2020M12": (MONTHS, lambda d: f"{d.year}M{d.month:02}", 12),
    "Jan-90": (MONTHS, lambda d: d.strftime("%b-%y"), 12),
    "90-Jan": (MONTHS, lambda d: d.strftime("%y-%b"), 12),
    "Jan 1990": (MONTHS, lambda d: d.strftime("%b %Y"), 12),
    "202301": (MONTHS, lambda d: d.strftime("%Y%m"), 12),
    "Mon, 01 Jan 2024": (DAYS, lambda d: d.strftime("%a, %d %b %Y"), 7),
    "Monday, January 1, 2024": (DAYS, lambda d: d.strftime("%A, %B ") + f"{d.day}, {d.year}", 7),
    "1st January 2024": (
        DAYS,
        lambda d: (
            f"{d.day}{('th', 'st', 'nd', 'rd')[d.day if d.day < 4 else 0]} January {d.year}"
            if d.month == 1
            else d.strftime("%dth %B %Y")
        ),
        7,
    ),
    "01-Jan-24": (DAYS, lambda d: d.strftime("%d-%b-%y"), 7),
    "01JAN2024": (DAYS, lambda d: d.strftime("%d%b%Y").upper(), 7),
    "1. Januar 2024": (DAYS, lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}", 7),
    "1 janv. 2024": (DAYS, lambda d: f"{d.day} {FRENCH[d.month - 1]} {d.year}", 7),
    "20240101": (DAYS, lambda d: d.strftime("%Y%m%d"), 7),
    "2024010113": (HOURS, lambda d: d.strftime("%Y%m%d%H"), 24),
    "202401011330": (HOURS, lambda d: d.strftime("%Y%m%d%H%M"), 24),
    "unix": (HOURS, lambda d: int(d.timestamp()), 24),
    "unix-ms": (HOURS, lambda d: int(d.timestamp() * 1000), 24),
    "excel": (DAYS, lambda d: (d - pd.Timestamp("1899-12-30")).days, 7),
    "excel with hours": (
        HOURS,
        lambda d: f"{(d - pd.Timestamp('1899-12-30')) / pd.Timedelta(days=1):.6f}",
        24,
    ),
    "fraction of a year": (MONTHS, lambda d: f"{d.year + (d.month - 1) / 12:.3f}", 12),
}


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("way", WAYS)
def test_ways_to_write_a_date_keep_time_running_forward(way: str, newest_first: bool) -> None:
    dates, write, season = WAYS[way]
    rows = [f'"{write(date)}",{number * number % 97}' for number, date in enumerate(dates)]
    series = read_csv("\n".join(["date,value", *(rows[::-1] if newest_first else rows)]).encode())
    assert series.features == ("value",)
    assert series.dates is not None
    np.testing.assert_array_equal(
        series.dates.astype("datetime64[s]"), dates.to_numpy().astype("datetime64[s]")
    )
    np.testing.assert_array_equal(series.values[:, 0], np.arange(len(dates)) ** 2 % 97)
    assert series.season == season
    assert ("The newest row came first; the order was turned round." in series.notes) == newest_first
    assert not any("holds text" in note for note in series.notes)


@pytest.mark.parametrize(
    ("dates", "form", "first", "last"),
    [
        (DAYS, "%d-%b", "2004-01-01", "2004-02-29"),
        (pd.date_range("2023-11-01", periods=100), "%d-%b", "2001-11-01", "2002-02-08"),
        (pd.date_range("2023-11-01", periods=130), "%b %d", "2003-11-01", "2004-03-09"),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_year_that_is_not_named_is_made_up_and_noted(
    dates: pd.DatetimeIndex, form: str, first: str, last: str, newest_first: bool
) -> None:
    rows = [f"{date.strftime(form)},{number}" for number, date in enumerate(dates)]
    series = read_csv("\n".join(["date,value", *(rows[::-1] if newest_first else rows)]).encode())
    assert series.dates is not None
    assert (str(series.dates[0]), str(series.dates[-1])) == (first, last)
    assert series.values[0, 0] == 0
    assert any("name no year" in note and first[:4] in note for note in series.notes)


def test_months_of_numbered_years_as_in_01_01() -> None:
    rows = [f"{1 + number // 12}-{1 + number % 12:02},{number % 7}" for number in range(36)]
    series = read_csv("\n".join(["Month,Sales", *rows]).encode())
    assert series.dates is not None
    assert (series.season, str(series.dates[-1])) == (12, "2003-12-01")
    assert "made up" in series.notes[0]


def test_numbers_named_so_are_read_as_asked_for() -> None:
    rows = [f"{1704067200 + 3600 * hour},{hour % 5}" for hour in range(48)]
    content = "\n".join(["a,b", *rows]).encode()
    series = read_csv(content, dates="a", date_format="unix")
    assert series.dates is not None
    assert str(series.dates[1]) == "2024-01-01T01:00:00"
    np.testing.assert_array_equal(read_csv(content, date_format="unix").dates, series.dates)


def test_a_format_without_a_column_is_looked_for_in_all_columns() -> None:
    rows = [f"{number % 5},{date.strftime('%d|%m|%Y')}" for number, date in enumerate(DAYS)]
    content = "\n".join(["v;d", *rows]).replace(",", ";").encode()
    series = read_csv(content, date_format="%d|%m|%Y")
    assert series.dates is not None
    assert str(series.dates[-1]) == "2024-02-29"
    with pytest.raises(
        CsvError, match=r"No column holds dates written as date_format='%Y/%m'.*'01\|01\|2024'"
    ):
        read_csv(content, date_format="%Y/%m")
    with pytest.raises(CsvError, match="is one of 'unix', 'unix-ms'"):
        read_csv(content, date_format="epoch")


BERLIN = pd.date_range("2024-10-25", periods=100, freq="h", tz="UTC").tz_convert("Europe/Berlin")


def test_a_clock_that_is_put_back() -> None:
    rows = [f"{date.strftime('%Y-%m-%d %H:%M')},{number}" for number, date in enumerate(BERLIN)]
    content = "\n".join(["date,value", *rows]).encode()
    with pytest.raises(
        CsvError, match=r"Line 51: .*02:00:00 was already there in line 50.*time_zone='Europe/Berlin'"
    ):
        read_csv(content)
    series = read_csv(content, time_zone="Europe/Berlin")
    assert series.dates is not None
    np.testing.assert_array_equal(series.values[:, 0], np.arange(100))
    assert str(series.dates[0]) == "2024-10-25T00:00:00"
    assert (np.diff(series.dates).astype(int) == 3600).all()
    with pytest.raises(CsvError, match="Name a zone such as"):
        read_csv(content, time_zone="Europe/Nowhere")


def test_several_zones_become_utc_and_are_noted() -> None:
    rows = [f"{date.isoformat()},{number}" for number, date in enumerate(BERLIN)]
    series = read_csv("\n".join(["date,value", *rows]).encode())
    assert series.dates is not None
    assert (np.diff(series.dates).astype(int) == 3600).all()
    assert series.notes == ("The times are from several zones (+01:00, +02:00); they were turned into UTC.",)


def test_steps_below_a_second_are_counted_in_their_order() -> None:
    rows = [f"2024-01-01 00:00:0{k // 10}.{k % 10}00,{k}" for k in range(60)][::-1]
    series = read_csv("\n".join(["t,v", *rows]).encode())
    np.testing.assert_array_equal(series.values[:, 0], np.arange(60))
    assert series.dates is None
    assert any("fall into one second" in note for note in series.notes)
