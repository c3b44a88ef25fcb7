import contextlib
from pathlib import Path

import numpy as np
import pytest

from rnnviz.data import CsvError, read_csv, sunspots

DAYS = [f"2024-01-{day:02}" for day in range(1, 32)]


def table(rows: list[str], header: str = "date,value") -> bytes:
    return "\n".join([header, *rows]).encode()


def days(values: list[str] | None = None) -> list[str]:
    values = values or [str(i * i) for i in range(31)]
    return [f"{day},{value}" for day, value in zip(DAYS, values, strict=True)]


def replaced(row: int, text: str) -> list[str]:
    rows = days()
    rows[row] = text
    return rows


def test_plain_file_with_header_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "visitors.csv"
    path.write_bytes(table(days()))
    series = read_csv(path)
    assert (series.name, series.features, series.season, series.notes) == ("visitors", ("value",), 7, ())
    assert series.dates is not None
    assert str(series.dates[30]) == "2024-01-31"
    np.testing.assert_array_equal(series.values[:, 0], np.arange(31.0) ** 2)


def test_round_trip_of_a_real_series() -> None:
    original = sunspots()
    rows = [f"{str(d)[:4]},{v:.1f}" for d, v in zip(original.dates, original.values[:, 0], strict=True)]
    series = read_csv(table(rows, "year,spots"))
    np.testing.assert_allclose(series.values, original.values)
    np.testing.assert_array_equal(series.dates, original.dates)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators(delimiter: str) -> None:
    series = read_csv("\n".join(row.replace(",", delimiter) for row in ["date,value", *days()]).encode())
    assert series.values[5, 0] == 25
    assert series.features == ("value",)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\N{NARROW NO-BREAK SPACE}234,5", 1234.5),
        ("1'234.5", 1234.5),
        ("-0,25", -0.25),
        ("−3.5", -3.5),
        ("+2.5e-3", 0.0025),
        ("12", 12.0),
        (".5", 0.5),
    ],
)
def test_ways_to_write_a_number(written: str, value: float) -> None:
    rows = [f"{day};{written}" for day in DAYS]
    series = read_csv("\n".join(["date;value", *rows]).encode())
    assert series.values[0, 0] == pytest.approx(value)


def test_thousands_and_decimal_marks_are_settled_by_the_whole_column() -> None:
    mixed = [f"{day};{'1.234' if i else '1.234,5'}" for i, day in enumerate(DAYS)]
    assert read_csv("\n".join(["d;v", *mixed]).encode()).values[1, 0] == 1234


@pytest.mark.parametrize(
    ("written", "delimiter", "value", "mark", "otherwise"),
    [
        ("1,234", ";", 1.234, ".", 1234),
        ("1,234", "|", 1234, ",", 1.234),
        ("1.234", ";", 1234, ".", 1.234),
        ("1.234", ",", 1.234, ",", 1234),
    ],
)
def test_what_could_be_read_in_two_ways_is_noted(
    written: str, delimiter: str, value: float, mark: str, otherwise: float
) -> None:
    content = "\n".join([f"d{delimiter}v", *(f"{day}{delimiter}{written}" for day in DAYS)]).encode()
    series = read_csv(content)
    assert series.values[0, 0] == pytest.approx(value)
    assert f"decimal='{mark}' reads it otherwise" in series.notes[0]
    assert read_csv(content, decimal=mark).values[0, 0] == pytest.approx(otherwise)


def test_a_leading_zero_is_no_group_of_thousands() -> None:
    series = read_csv("\n".join(["d;v", *(f"{day};0.{125 + i}" for i, day in enumerate(DAYS))]).encode())
    assert (series.values[0, 0], series.notes) == (0.125, ())


@pytest.mark.parametrize(
    "form",
    [
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%Y/%m/%d",
        "%Y%m%d",
        "%d %b %Y",
        "%B %d, %Y",
        "%d.%m.%y",
        "%Y-%m-%d %H:%M",
    ],
)
def test_ways_to_write_a_date(form: str) -> None:
    dates = np.array(DAYS, dtype="datetime64[D]")
    rows = [f'"{day.astype(object).strftime(form)}";{i}' for i, day in enumerate(dates)]
    series = read_csv("\n".join(["when;value", *rows]).encode())
    np.testing.assert_array_equal(series.dates, dates)


def test_day_and_month_are_told_apart_by_regular_steps_or_asked_for() -> None:
    # Twelve days a month: no number is above 12, but only one reading gives daily steps.
    dates = [f"{day:02}/{month:02}/2024" for month in (1, 2, 3) for day in range(1, 13)]
    series = read_csv("\n".join(["d,v", *(f"{date},1" for date in dates)]).encode())
    assert series.dates is not None
    assert str(series.dates[1]) == "2024-01-02"
    odd = ["01/02/2024", "03/04/2024", "05/09/2024", "10/11/2024"]
    with pytest.raises(CsvError, match=r"day or with the month first.*date_format"):
        read_csv(table([f"{date},1" for date in odd]))
    chosen = read_csv(table([f"{date},1" for date in odd]), date_format="%m/%d/%Y", minimum=2)
    assert chosen.dates is not None
    assert str(chosen.dates[0]) == "2024-01-02"


def test_hours_are_kept() -> None:
    rows = [f"2024-01-{1 + hour // 24:02} {hour % 24:02}:00,{hour}" for hour in range(48)]
    series = read_csv(table(rows))
    assert series.dates is not None
    assert str(series.dates[1]) == "2024-01-01T01:00:00"
    assert series.season == 24


def test_no_header_no_dates_comments_blank_lines_and_trailing_separators() -> None:
    series = read_csv(
        ("# made by hand\n\n" + "\n".join(f"{i},{i + 1}," for i in range(40)) + "\n\n").encode()
    )
    assert series.features == ("column 1", "column 2")
    assert series.dates is None
    assert any("no header" in note for note in series.notes)


def test_several_columns_and_text_beside_them() -> None:
    rows = [f"{day},{i},here,{-i}" for i, day in enumerate(DAYS)]
    content = table(rows, "date,up,place,down")
    both = read_csv(content)
    assert both.features == ("up", "down")
    assert both.notes == ("The column 'place' holds text and was left out.",)
    assert read_csv(content, columns="down").values[3, 0] == -3


def test_quarters_and_months_and_years_have_their_season() -> None:
    months = [f"{2000 + i // 12}-{1 + i % 12:02}-01,{i}" for i in range(48)]
    assert read_csv(table(months)).season == 12
    quarters = [f"{2000 + i // 4}-{1 + 3 * (i % 4):02}-01,{i}" for i in range(48)]
    assert read_csv(table(quarters)).season == 4
    assert read_csv(table([f"{1900 + i},{i}" for i in range(48)])).season is None
    assert read_csv(table([f"{1900 + i},{i}" for i in range(48)]), season=11).season == 11


def test_newest_first_is_turned_round_and_noted() -> None:
    series = read_csv(table(days()[::-1]))
    assert series.values[0, 0] == 0
    assert series.notes == ("The newest row came first; the order was turned round.",)


def test_rows_out_of_order_are_sorted_and_noted() -> None:
    series = read_csv(table([*days()[20:], *days()[:20]]))
    np.testing.assert_array_equal(series.values[:, 0], np.arange(31.0) ** 2)
    assert series.notes == (
        "The rows were not in the order of time (line 13: 2024-01-01 after 2024-01-31); they were sorted by date.",
    )


def test_windows_1252_is_read_and_noted() -> None:
    series = read_csv(
        "\n".join(["date;Température", *(row.replace(",", ";") for row in days())]).encode("cp1252")
    )
    assert series.features == ("Température",)
    assert "Windows-1252" in series.notes[0]
    with_mark = "\n".join(["date,Température", *days()])
    assert read_csv(with_mark.encode("utf-16")).features == ("Température",)
    assert read_csv(with_mark.encode("utf-8-sig")).features == ("Température",)


GAPS = {3: "2024-01-04,", 4: "2024-01-05,NA", 10: "2024-01-11,n/a"}


def with_gaps() -> bytes:
    return table([GAPS.get(i, row) for i, row in enumerate(days([str(2 * i) for i in range(31)]))])


def test_gaps_are_filled_only_when_asked_for_and_reported() -> None:
    with pytest.raises(CsvError, match=r"Line 5: .*empty. So are 2 more cells.*fill='linear'") as caught:
        read_csv(with_gaps())
    assert caught.value.line == 5
    linear = read_csv(with_gaps(), fill="linear")
    np.testing.assert_allclose(linear.values[:, 0], 2.0 * np.arange(31))
    assert linear.notes == ("3 gaps were filled on a straight line (lines 5, 6, 12).",)
    previous = read_csv(with_gaps(), fill="previous")
    np.testing.assert_allclose(previous.values[[3, 4, 10], 0], [4, 4, 18])
    dropped = read_csv(with_gaps(), fill="drop", minimum=20)
    assert len(dropped) == 28
    assert dropped.notes[-1] == "3 rows with gaps left out (lines 5, 6, 12)."


def test_values_missing_at_the_ends_are_left_out_not_invented() -> None:
    rows = days()
    rows[0], rows[-1] = "2024-01-01,", "2024-01-31,"
    series = read_csv(table(rows), fill="linear", minimum=20)
    assert (len(series), series.values[0, 0]) == (29, 1)
    assert series.notes == ("2 rows at the ends left out, where a value is missing.",)


def test_left_out_dates_are_noted_and_filled_when_asked_for() -> None:
    rows = [row for i, row in enumerate(days([str(2 * i) for i in range(31)])) if i not in (7, 8)]
    plain = read_csv(table(rows), minimum=20)
    assert len(plain) == 29
    assert "2 dates are left out, the first 2024-01-08" in plain.notes[0]
    filled = read_csv(table(rows), fill="linear")
    np.testing.assert_allclose(filled.values[:, 0], 2.0 * np.arange(31))
    months = [f"{2000 + i // 12}-{1 + i % 12:02}-15,{i}" for i in range(48) if i != 20]
    np.testing.assert_allclose(read_csv(table(months), fill="linear").values[:, 0], np.arange(48))


def test_weekends_are_no_gap() -> None:
    working = [
        day for day in np.arange("2024-01-01", "2024-03-15", dtype="datetime64[D]") if np.is_busday(day)
    ]
    series = read_csv(table([f"{day},{i}" for i, day in enumerate(working)]), fill="linear")
    assert len(series) == len(working)
    assert (series.notes, series.season) == ((), 5)


WRONG = {
    "empty": (b"", None, r"empty. Export it again"),
    "blank": (b" \n\n ", None, "empty"),
    "only comments": (b"# a\n# b", None, "only blank lines and comments"),
    "header only": (b"date,value\n", None, "header but no rows"),
    "excel": (b"PK\x03\x04\x14\0", None, "Excel workbook.*save or export"),
    "picture": (b"\x89PNG\r\n", None, "picture"),
    "web page": (b"<!DOCTYPE html>", None, "web page"),
    "binary": (b"date,value\n1,\0\0\0", None, "binary"),
    "utf-16 without mark": ("date,value\n1,2".encode("utf-16-le"), None, "binary"),
    "other encoding": (
        "日付,値\n2024-01-01,1".encode("shift_jis"),
        1,
        "Line 1: .*encoding other than UTF-8.*encoding=",
    ),
    "too short": (table(days()[:12]), None, "has 12 rows.*at least 30"),
    "no numbers": (b"name,place\nAnna,Rome\nBen,Oslo", None, "no column of numbers.*'name', 'place'.*'Anna'"),
    "a word": (
        table(replaced(4, "2024-01-05,abc")),
        6,
        "Line 6: 'abc' in the column 'value' is not a number",
    ),
    "infinite": (table(replaced(4, "2024-01-05,1e99")), 6, "'1e99'"),
    "mixed marks": (
        "\n".join(["d;v", *(f"{day};{'1.5' if i == 3 else '2,5'}" for i, day in enumerate(DAYS))]).encode(),
        5,
        "Line 5: '1.5'.*decimal mark",
    ),
    "repeated date": (
        table(replaced(4, "2024-01-04,1")),
        6,
        "Line 6: the date 2024-01-04 .* in line 5.*remove",
    ),
    "repeated later": (
        table(replaced(9, "2024-01-03,1")),
        11,
        r"in line 4\. The two rows differ.*remove one",
    ),
    "impossible date": (
        table(replaced(9, "2024-02-31,1")),
        11,
        "Line 11: '2024-02-31' is not a date.*'2024-01-01'",
    ),
    "missing date": (table(replaced(9, ",1")), 11, "Line 11: the date is missing"),
    "too many cells": (table(replaced(9, "2024-01-10,1,2")), 11, "Line 11: 3 cells, where line 1 has 2"),
    "too few cells": (table(replaced(9, "2024-01-10")), 11, "Line 11: 1 cell,"),
    "open quote": (table(replaced(9, '2024-01-10,"1')), 11, "Line 11: the quotation marks"),
    "huge": (b"1,2\n" * 6_000_000, None, "24 MB"),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_wrong_file_gets_its_sentence(case: str) -> None:
    content, line, message = WRONG[case]
    with pytest.raises(CsvError, match=message) as caught:
        read_csv(content)
    assert caught.value.line == line
    assert str(caught.value).rstrip().endswith((".", "?"))


def test_wrong_requests_get_their_sentence(tmp_path: Path) -> None:
    content = table(days())
    for settings, message in (
        ({"columns": "valeu"}, "no column 'valeu'; the file has 'date', 'value'. Did you mean 'value'?"),
        ({"columns": "date"}, "holds the dates"),
        ({"columns": []}, "No column was chosen"),
        ({"dates": "day"}, "no column 'day'"),
        ({"dates": "value"}, "'0' in the column 'value' is not a date"),
        ({"fill": "magic"}, "'linear', 'previous', 'drop'"),
        ({"decimal": ";"}, "decimal"),
        ({"encoding": "klingon"}, "no encoding 'klingon'"),
    ):
        with pytest.raises(CsvError, match=message.replace("?", r"\?")):
            read_csv(content, **settings)
    (tmp_path / "data.csv").write_bytes(content)
    with pytest.raises(CsvError, match=r"no file .*dta.csv. In that folder there are data.csv"):
        read_csv(tmp_path / "dta.csv")
    with pytest.raises(CsvError, match="is a folder"):
        read_csv(tmp_path)


def test_every_row_with_a_gap_somewhere_cannot_be_filled() -> None:
    rows = [f"{day},{i}," for i, day in enumerate(DAYS)]
    assert read_csv(table(rows, "date,a,b")).notes == ("The column 'b' is empty and was left out.",)


def test_random_bytes_and_truncations_never_escape_as_another_error() -> None:
    random = np.random.default_rng(0)
    good = table(days())
    for _ in range(150):
        spoilt = bytearray(good)
        for _ in range(random.integers(1, 4)):
            spoilt[random.integers(len(spoilt))] = random.integers(256)
        for content in (bytes(spoilt[: random.integers(1, len(spoilt))]), bytes(spoilt)):
            with contextlib.suppress(CsvError):
                read_csv(content, fill="linear")
