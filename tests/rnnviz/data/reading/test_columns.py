"""What each column is for: dates, counters, groups, and the numbers to forecast; and the order of the rows."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from rnnviz.data import CsvError, list_columns, read_csv

DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=60)]
HOURS = pd.date_range("2024-01-01", periods=60, freq="h")
WAVE = [round(20 + 5 * math.sin(k / 3) + k / 10, 1) for k in range(60)]


def table(header: str, rows: Iterable[str]) -> bytes:
    return "\n".join([header, *rows]).encode()


COUNTERS = {
    "what pandas writes": (",day,visitors", [f"{k},{DAYS[k]},{WAVE[k]}" for k in range(60)], "column 1"),
    "t": ("t,visitors", [f"{k},{WAVE[k]}" for k in range(60)], "t"),
    "t in tenths": ("t,visitors", [f"{k / 10:.1f},{WAVE[k]}" for k in range(60)], "t"),
    "No": ("No,visitors", [f"{k + 1},{WAVE[k]}" for k in range(60)], "No"),
    "No, quoted, last": ("visitors,No", [f'{WAVE[k]},"{k + 1}"' for k in range(60)], "No"),
    "any name, from 1": ("probe,visitors", [f"{k + 1},{WAVE[k]}" for k in range(60)], "probe"),
    "any name, from 1001, first": ("probe,visitors", [f"{k + 1001},{WAVE[k]}" for k in range(60)], "probe"),
    "id in tens": ("id,visitors", [f"{10 * k + 500},{WAVE[k]}" for k in range(60)], "id"),
    "rows left out": (",visitors", [f"{k + k // 7},{WAVE[k]}" for k in range(60)], "column 1"),
}


@pytest.mark.parametrize("case", COUNTERS)
def test_what_counts_the_rows_is_not_forecast(case: str) -> None:
    header, rows, counter = COUNTERS[case]
    series = read_csv(table(header, rows))
    assert series.features == ("visitors",)
    np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
    assert f"The column {counter!r} counts the rows and was left out." in series.notes
    # Whoever wants it all the same can ask for it.
    assert read_csv(table(header, rows), columns=counter).features == (counter,)


def test_rows_are_put_in_the_order_of_their_counter() -> None:
    order = np.random.default_rng(0).permutation(60)
    for given in (order, np.arange(60)[::-1]):
        series = read_csv(table(",visitors", [f"{k},{WAVE[k]}" for k in given]))
        np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
        assert "The rows were put in the order of 'column 1', which counts them." in series.notes


@pytest.mark.parametrize(
    ("header", "rows", "features"),
    [
        ("visitors", [str(1500 + 3 * k) for k in range(60)], ("visitors",)),
        ("date,visitors", [f"{DAYS[k]},{1500 + 3 * k}" for k in range(60)], ("visitors",)),
        ("visitors,rain", [f"{1500 + 3 * k},{WAVE[k]}" for k in range(60)], ("visitors", "rain")),
        ("visitors,rain", [f"{1500 + 7 * k % 400},{WAVE[k]}" for k in range(60)], ("visitors", "rain")),
        ("meter,rain", [f"{1_331_002_651 + 7 * k},{WAVE[k]}" for k in range(60)], ("meter", "rain")),
        ("count", [str(k) for k in range(60)], ("count",)),
    ],
)
def test_counts_are_not_taken_for_dates(header: str, rows: list[str], features: tuple[str, ...]) -> None:
    series = read_csv(table(header, rows))
    assert series.features == features
    assert (series.dates is None) == ("date" not in header)


SPREAD = {
    "year;month;day": [f"{d[:4]};{int(d[5:7])};{int(d[8:])}" for d in DAYS],
    "Year;Month;Day of month": [f"{d[:4]};{d[5:7]};{d[8:]}" for d in DAYS],
    "Jahr;Monat;Tag": [f"{d[:4]};{d[5:7]};{d[8:]}" for d in DAYS],
    "day;month;year": [f"{d[8:]};{('Jan', 'Feb')[int(d[5:7]) - 1]};{d[:4]}" for d in DAYS],
}


@pytest.mark.parametrize("header", SPREAD)
def test_a_date_in_several_columns(header: str) -> None:
    series = read_csv(table(header + ";v", [f"{row};{WAVE[k]}" for k, row in enumerate(SPREAD[header])]))
    assert (series.features, series.season) == (("v",), 7)
    np.testing.assert_array_equal(series.dates, np.array(DAYS, "datetime64[D]"))


@pytest.mark.parametrize(
    ("header", "write"),
    [
        ("date,time", lambda d: f"{d.date()},{d:%H:%M:%S}"),
        ("date,time", lambda d: f"{d:%d/%m/%Y},{d:%I:%M %p}"),
        ("time,date", lambda d: f"{d:%H:%M},{d:%d.%m.%Y}"),
        ("date,hour", lambda d: f"{d.date()},{d.hour}"),
        ("date,hour", lambda d: f"{d:%Y%m%d},{d.hour}"),
        ("date,HHMM", lambda d: f"{d.date()},{d:%H%M}"),
        ("year,month,day,hour", lambda d: f"{d.year},{d.month},{d.day},{d.hour}"),
    ],
)
def test_date_and_time_in_several_columns(header: str, write) -> None:
    content = table(header + ",v", [f"{write(d)},{WAVE[k]}" for k, d in enumerate(HOURS)])
    series = read_csv(content)
    assert (series.features, series.season) == (("v",), 24)
    np.testing.assert_array_equal(series.dates, HOURS.to_numpy().astype("datetime64[s]"))
    if header == "date,time":
        np.testing.assert_array_equal(read_csv(content, dates=["date", "time"]).dates, series.dates)


def test_hours_from_1_to_24_end_the_day() -> None:
    rows = [f"2024-01-0{1 + k // 24},{k % 24 + 1},{WAVE[k]}" for k in range(60)]
    series = read_csv(table("date,hour,v", rows))
    assert series.dates is not None
    assert (str(series.dates[0]), str(series.dates[23])) == ("2024-01-01T01:00:00", "2024-01-02T00:00:00")


def test_quarters_and_weeks_beside_the_year() -> None:
    quarters = read_csv(
        table("year,quarter,v", [f"{2000 + k // 4},{k % 4 + 1},{WAVE[k]}" for k in range(60)])
    )
    assert quarters.season == 4
    mondays = pd.date_range("2023-01-02", periods=60, freq="7D")
    weeks = read_csv(table("year,week,v", [f"{d:%G},{d:%V},{WAVE[k]}" for k, d in enumerate(mondays)]))
    np.testing.assert_array_equal(weeks.dates, mondays.to_numpy().astype("datetime64[D]"))


# Rows out of order, repeated, or of several series.


def test_blocks_that_were_appended_twice_are_dropped_and_noted() -> None:
    rows = [f"{DAYS[k]},{WAVE[k]}" for k in [*range(40), *range(30, 60)]]
    series = read_csv(table("date,v", rows))
    np.testing.assert_array_equal(series.dates, np.array(DAYS, "datetime64[D]"))
    assert (
        "10 rows left out, the same in every cell as an earlier one (lines 42, 43, 44, 45, 46, …"
        in series.notes[0]
    )


def test_months_in_any_order_are_sorted_and_noted() -> None:
    rows = [f"{DAYS[k]},{WAVE[k]}" for k in [*range(31, 60), *range(31)]]
    series = read_csv(table("date,v", rows))
    np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
    assert series.notes == (
        "The rows were not in the order of time (line 31: 2024-01-01 after 2024-02-29); they were sorted by date.",
    )


def test_two_different_rows_of_one_date_are_a_question_with_both_lines() -> None:
    content = table("date,v", [*(f"{DAYS[k]},{WAVE[k]}" for k in range(60)), "2024-01-05,99"])
    with pytest.raises(CsvError) as caught:
        read_csv(content)
    assert caught.value.line == 62
    assert (
        "2024-01-05 was already there in line 6. The two rows differ: 'v' is 25.3 there and 99 here"
        in str(caught.value)
    )
    assert "mean" not in str(caught.value)
    assert read_csv(content, repeated="last").values[4, 0] == 99
    assert read_csv(content, repeated="first").values[4, 0] == pytest.approx(25.3)
    with pytest.raises(CsvError, match="repeated is 'both'"):
        read_csv(content, repeated="both")


def test_the_same_value_again_is_no_repeated_row() -> None:
    assert len(read_csv(table("a,b", [f"{k % 3},{k % 2}" for k in range(60)]))) == 60


LONG = {
    "one below the other": [
        f"{c},{DAYS[k]},{WAVE[k] + n}" for n, c in enumerate(("France", "Spain")) for k in range(60)
    ],
    "in turn": [f"{c},{DAYS[k]},{WAVE[k] + n}" for k in range(60) for n, c in enumerate(("France", "Spain"))],
    "newest first": [
        f"{c},{DAYS[k]},{WAVE[k] + n}" for n, c in enumerate(("France", "Spain")) for k in range(60)[::-1]
    ],
    "by number": [f"{c},{DAYS[k]},{WAVE[k] + n}" for n, c in enumerate((17, 4)) for k in range(60)],
}


@pytest.mark.parametrize("case", LONG)
def test_several_series_in_one_column_are_put_side_by_side(case: str) -> None:
    series = read_csv(table("place,date,v", LONG[case]))
    assert series.features == (("17", "4") if case == "by number" else ("France", "Spain"))
    np.testing.assert_allclose(series.values[:, 1] - series.values[:, 0], 1, atol=1e-5)
    np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
    assert any("2 series stood below one another, told apart by 'place'" in note for note in series.notes)


def test_several_series_of_several_columns() -> None:
    rows = [f"{c},{DAYS[k]},{WAVE[k] + n},{n}{k}" for n, c in enumerate(("a", "b")) for k in range(60)]
    series = read_csv(table("place,date,v,w", rows))
    assert series.features == ("v (a)", "w (a)", "v (b)", "w (b)")
    assert read_csv(table("place,date,v,w", rows), columns="v").features == ("a", "b")
    assert read_csv(table("place,date,v,w", rows), columns="w (b)").features == ("w (b)",)
    assert [column.title for column in list_columns(table("place,date,v,w", rows))] == list(series.features)


def test_series_of_different_times_are_asked_for_by_name() -> None:
    spans = (("France", 1950, 2000), ("Spain", 1960, 2010))
    rows = [f"{c},{y},{y % 7 + n}" for n, (c, a, b) in enumerate(spans) for y in range(a, b)]
    with pytest.raises(
        CsvError, match=r"Line 52: the file holds 2 series .*'France', 'Spain'.*where={'country': 'France'}"
    ):
        read_csv(table("country,year,v", rows))
    spain = read_csv(table("country,year,v", rows), where={"country": "Spain"})
    assert spain.dates is not None
    assert (len(spain), str(spain.dates[0])) == (50, "1960-01-01")
    with pytest.raises(
        CsvError, match=r"No row has 'Peru' in the column 'country'; it holds 'France', 'Spain'"
    ):
        read_csv(table("country,year,v", rows), where={"country": "Peru"})
    with pytest.raises(CsvError, match="no column 'land'"):
        read_csv(table("country,year,v", rows), where={"land": "Peru"})


def test_the_end_of_each_step_is_no_series() -> None:
    weeks = pd.date_range("2023-01-02", periods=60, freq="7D")
    rows = [f"{d.date()},{(d + pd.Timedelta(days=6)).date()},{WAVE[k]}" for k, d in enumerate(weeks)]
    series = read_csv(table("from,to,cases", rows))
    assert (series.features, series.season) == (("cases",), 52)
    assert series.notes == ("The column 'to' holds other dates or times and was left out.",)
    opened = [1000 * int(d.timestamp()) for d in HOURS]
    candles = read_csv(
        table("open_time,price,close_time", [f"{t},{WAVE[k]},{t + 3_599_999}" for k, t in enumerate(opened)])
    )
    assert candles.features == ("price",)
    np.testing.assert_array_equal(candles.dates, HOURS.to_numpy().astype("datetime64[s]"))


def test_columns_are_listed_with_what_they_are_for() -> None:
    rows = [f"{k},{DAYS[k]},{WAVE[k]},Rome,7," for k in range(60)]
    found = list_columns(table(",day,v,place,version,remark", rows))
    assert [(column.title, column.role, column.example) for column in found] == [
        ("column 1", "counter", "0"),
        ("day", "dates", "2024-01-01"),
        ("v", "number", "20.0"),
        ("place", "text", "Rome"),
        ("version", "constant", "7"),
        ("remark", "empty", ""),
    ]


def test_what_never_changes_is_left_out_or_said_to_be_constant() -> None:
    beside = read_csv(table("date,v,version", [f"{DAYS[k]},{WAVE[k]},7" for k in range(60)]))
    assert beside.features == ("v",)
    assert beside.notes == ("The column 'version' holds 7 in every row and was left out.",)
    alone = read_csv(table("date,v", [f"{day},5" for day in DAYS]))
    assert alone.notes == ("The column 'v' is 5 at every step: there is nothing to forecast.",)
