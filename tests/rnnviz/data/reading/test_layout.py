"""Tables as people and programs lay them out: headings, separators, units, and time from left to right."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from rnnviz.data import CsvError, Series, read_csv

DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=60)]
WAVE = [round(20 + 5 * math.sin(k / 3) + k / 10, 1) for k in range(60)]
ROWS = [f"{day},{value}" for day, value in zip(DAYS, WAVE, strict=True)]


def read(*lines: str, **options: object) -> Series:
    return read_csv("\n".join(lines).encode(), **options)  # type: ignore[arg-type]


def comma(value: float) -> str:
    return str(value).replace(".", ",")


LAYOUTS: dict[str, tuple[list[str], str]] = {
    "sep=": (
        ["sep=;", "date;value", *(f"{d};{comma(v)}" for d, v in zip(DAYS, WAVE, strict=True))],
        "decimal mark",
    ),
    "sep= in quotes": (['"sep=,"', "date,value", *ROWS], ""),
    "a heading": (
        ["Visitors of the museum", "", "date,value", *ROWS],
        "Line 1 ('Visitors of the museum') was taken",
    ),
    "a heading with cells": (
        ["Visitors of the museum,,", "date,value,", *(row + "," for row in ROWS)],
        "heading",
    ),
    "headings": (
        [
            "Visitors",
            "Source: the city",
            "date,value,b",
            *(row + f",{k * k % 7}" for k, row in enumerate(ROWS)),
        ],
        "1 more line were taken for a heading",
    ),
    "a source below": (["date,value", *ROWS, "", "Source: the city"], "a remark below the table"),
    "units below the names": (["date,value", ",°C", *ROWS], "Line 2, below the names, was taken for units"),
    "three headers": (
        [
            "Price,Close,High",
            "Ticker,AAPL,AAPL",
            "Date,,",
            *(row + f",{k * k % 7}" for k, row in enumerate(ROWS)),
        ],
        "Lines 2, 3, below the names, were taken for units or remarks.",
    ),
    "row names": (["date,value", *(f"{k + 1},{row}" for k, row in enumerate(ROWS))], "one name fewer"),
    "blanks": (["date  value", *(f"  {d}    {v:>6}" for d, v in zip(DAYS, WAVE, strict=True))], ""),
    "quotes around all": (['"date","value"', *(f'"{d}","{v}"' for d, v in zip(DAYS, WAVE, strict=True))], ""),
    "apostrophes around all": (
        ["'date','value'", *(f"'{d}','{v}'" for d, v in zip(DAYS, WAVE, strict=True))],
        "",
    ),
    "old line ends": (["\r".join(["date,value", *ROWS])], ""),
    "decimal commas everywhere": (
        ["date,value", *(f"{d},{comma(v)}" for d, v in zip(DAYS, WAVE, strict=True))],
        "as the header demands",
    ),
    "percent": (
        ["date,value", *(f"{d},{v}%" for d, v in zip(DAYS, WAVE, strict=True))],
        "carry the unit '%'",
    ),
    "euros": (
        ["date;value", *(f"{d};{comma(v)} €" for d, v in zip(DAYS, WAVE, strict=True))],
        "carry the unit '€'",
    ),
    "dollars": (
        ["date;value", *(f"{d};${v}" for d, v in zip(DAYS, WAVE, strict=True))],
        "carry the unit '$'",
    ),
    "degrees": (
        ["date;value", *(f"{d};{v} °C" for d, v in zip(DAYS, WAVE, strict=True))],
        "carry the unit '°C'",
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_layouts_are_understood_and_noted(case: str) -> None:
    lines, note = LAYOUTS[case]
    series = read(*lines)
    np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
    np.testing.assert_array_equal(series.dates, np.array(DAYS, "datetime64[D]"))
    assert any(note in one for one in series.notes) or (not note and not series.notes)
    assert series.unit == {
        "percent": "%",
        "euros": "€",
        "dollars": "$",
        "degrees": "°C",
        "units below the names": "°C",
    }.get(case, "")


def test_a_time_between_blanks() -> None:
    hours = pd.date_range("2024-01-01", periods=60, freq="h")
    series = read(*(f"{hour}   {value}" for hour, value in zip(hours, WAVE, strict=True)))
    np.testing.assert_array_equal(series.dates, hours.to_numpy().astype("datetime64[s]"))


def test_brackets_are_losses() -> None:
    series = read("date;value", *(f"{d};{'(1.5)' if k % 2 else '2.5'}" for k, d in enumerate(DAYS)))
    assert series.values[:2, 0].tolist() == [2.5, -1.5]


@pytest.mark.parametrize("header", [[], ["value"]])
def test_one_column_with_decimal_commas(header: list[str]) -> None:
    lines = [*header, *(f"{k // 10},{k % 10}" for k in range(40))]
    series = read(*lines)
    np.testing.assert_allclose(series.values[:, 0], np.arange(40) / 10, rtol=1e-6)
    assert "decimal='.' reads two columns" in series.notes[0]
    if not header:
        assert read(*lines, decimal=".").values.shape == (40, 2)


@pytest.mark.parametrize(
    ("lines", "shape"),
    [
        # Two digits, some of them beginning with 0; lines with a whole number; and what was asked for.
        ([f"{k // 100},{k % 100:02}" for k in range(0, 4000, 37)], (109, 1)),
        ([f"{k},{k + 1}" if k % 5 else str(k) for k in range(40)], (40, 1)),
        # A number of the row and a digit are two columns, and so are whole numbers of any length.
        ([f"{k},{k * k % 10}" for k in range(40)], (40, 1)),
        ([f"{k * 7 % 50},{k * k % 300}" for k in range(40)], (40, 2)),
    ],
)
def test_decimal_commas_and_two_columns_are_told_apart(lines: list[str], shape: tuple[int, int]) -> None:
    assert read(*lines).values.shape == shape


def test_years_from_left_to_right() -> None:
    years = ",".join(map(str, range(1950, 2010)))
    lines = [f"country,code,{years}"]
    lines += [
        f"{name},{name[0]}," + ",".join(str(value + k) for value in WAVE)
        for k, name in enumerate(("France", "Spain"))
    ]
    series = read(*lines)
    assert series.features == ("France F", "Spain S")
    np.testing.assert_allclose(series.values[:, 0], WAVE, rtol=1e-6)
    np.testing.assert_array_equal(
        series.dates, np.array([f"{year}-01-01" for year in range(1950, 2010)], "datetime64[D]")
    )
    assert "The dates run from left to right (line 1)" in series.notes[0]
    spain = read(*lines, where={"country": "Spain"})
    assert spain.features == ("Spain",)
    many = [lines[0], *(f"Land {k},x," + ",".join(map(str, WAVE)) for k in range(30))]
    with pytest.raises(
        CsvError, match=r"Line 1: the dates run from left to right.*30 series.*where={'country': 'Land 0'}"
    ):
        read(*many)


def test_months_from_left_to_right() -> None:
    months = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"
    rows = [
        f"{2000 + k},"
        + ",".join("***" if k == 4 and m > 9 else str(WAVE[12 * k + m]) for m in range(12))
        + ",7"
        for k in range(5)
    ]
    series = read("Land and sea", f"Year,{months},Mean", *rows)
    np.testing.assert_allclose(series.values[:, 0], WAVE[:58], rtol=1e-6)
    assert series.dates is not None
    assert (series.season, str(series.dates[-1])) == (12, "2004-10-01")
    assert "twelve months of a year (line 2)" in series.notes[1]
    assert "Left out: 'Mean'" in series.notes[1]


@pytest.mark.parametrize("stand_in", ["-9999", "-9999.0", "-999", "1e20", "-99.9", "9999", "99999", "-1e30"])
def test_numbers_that_stand_for_a_missing_value_are_noted(stand_in: str) -> None:
    rows = [f"{DAYS[k]},{stand_in if k in (5, 6) else WAVE[k]}" for k in range(60)]
    with pytest.raises(
        CsvError, match=rf"Line 7: the cell in the column 'value' holds {stand_in}, which was taken for"
    ):
        read("date,value", *rows)
    series = read("date,value", *rows, fill="linear")
    assert (
        f"{float(stand_in):g} was taken for a missing value (2 cells, lines 7, 8). missing=() keeps it"
        in series.notes[0]
    )
    np.testing.assert_allclose(
        series.values[5:7, 0], np.interp([5, 6], [4, 7], [WAVE[4], WAVE[7]]), rtol=1e-6
    )
    kept = read("date,value", *rows, missing=())
    assert kept.values[5, 0] == np.float32(stand_in)


def test_numbers_among_their_like_are_no_missing_values() -> None:
    series = read("date,value", *(f"{day},{-1020 + k}" for k, day in enumerate(DAYS)))
    assert (series.values[21, 0], series.notes) == (-999, ())
    chosen = read(
        "date,value",
        *(f"{DAYS[k]},{0 if k == 9 else WAVE[k]}" for k in range(60)),
        missing=[0],
        fill="linear",
    )
    assert chosen.values[9, 0] == pytest.approx((WAVE[8] + WAVE[10]) / 2, rel=1e-6)


def test_digits_that_are_lost_are_noted() -> None:
    series = read("date,meter", *(f"{day},{331_002_651 + 7 * k}" for k, day in enumerate(DAYS)))
    (note,) = series.notes
    assert "has more digits than the network's numbers hold" in note
    assert "difference from row to row" in note
    assert (
        read("date,meter", *(f"{day},{331_002_651 + 70_000 * k}" for k, day in enumerate(DAYS))).notes == ()
    )


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (
            "date,value\n2024-01-01,5\n2024-01-02,6 kg\n2024-01-03,7\n2024-01-04,8",
            3,
            "'6 kg' in the column 'value' is not a number",
        ),
        ("date,value\n2024-01-01,5\n2024-01-02,#REF!\n2024-01-03,7", 3, "empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(content: str, line: int, words: str) -> None:
    with pytest.raises(CsvError, match=words) as caught:
        read_csv(content.encode(), minimum=2)
    assert caught.value.line == line
