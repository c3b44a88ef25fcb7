"""Real series, written out in the odd ways of programs and offices, and read again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.data
import pytest
import statsmodels.api as sm

from rnnviz.data import CsvError, read_csv


def nile() -> pd.Series:
    frame = sm.datasets.nile.load_pandas().data
    years = pd.to_datetime(frame["year"].astype(int).astype(str))
    return pd.Series(frame["volume"].to_numpy(), index=years, name="volume")


def el_nino() -> pd.DataFrame:
    return sm.datasets.elnino.load_pandas().data


def carbon() -> pd.Series:
    return sm.datasets.co2.load_pandas().data["co2"]


def stocks() -> pd.DataFrame:
    frame = plotly.data.stocks()
    return frame.set_index(pd.to_datetime(frame.pop("date")))


def macro() -> pd.DataFrame:
    return sm.datasets.macrodata.load_pandas().data


WAYS: dict[str, Callable[[pd.Series], str]] = {
    "what pandas writes": lambda s: s.rename_axis("when").reset_index().to_csv(),
    "newest first": lambda s: s[::-1].to_csv(date_format="%d.%m.%Y", sep=";", decimal=","),
    "shuffled": lambda s: s.sample(frac=1, random_state=0).to_csv(),
    "with a heading": lambda s: "Exported by hand\n\n" + s.to_csv(),
    "Excel": lambda s: "sep=;\n" + s.to_csv(sep=";", decimal=",", date_format="%d/%m/%Y"),
    "appended twice": lambda s: pd.concat([s, s.iloc[-20:]]).to_csv(),
    "time zone": lambda s: s.tz_localize("UTC").to_csv(date_format="%Y-%m-%dT%H:%M:%SZ"),
    "long": lambda s: pd.concat([s.to_frame("v").assign(place=p) for p in ("here", "there")]).to_csv(),
    "blanks": lambda s: s.to_csv(sep="\t").replace("\t", "   "),
    "tabs": lambda s: s.to_csv(sep="\t"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("load", [nile, lambda: stocks()["GOOG"]], ids=["Nile", "stocks"])
def test_real_series_come_back_whole(load: Callable[[], pd.Series], way: str) -> None:
    series = load().rename_axis("when")
    read = read_csv(WAYS[way](series).encode())
    np.testing.assert_allclose(read.values[:, 0], series.to_numpy(), rtol=1e-6)
    np.testing.assert_array_equal(read.dates, series.index.to_numpy().astype("datetime64[D]"))
    assert read.season == (52 if way and series.name == "GOOG" else None)


def test_stocks_by_the_serial_days_of_a_spreadsheet() -> None:
    goog = stocks()["GOOG"]
    days = (goog.index - pd.Timestamp("1899-12-30")).days
    series = read_csv(pd.Series(goog.to_numpy(), days, name="v").to_csv(index_label="date").encode())
    np.testing.assert_allclose(series.values[:, 0], goog, rtol=1e-6)
    np.testing.assert_array_equal(series.dates, goog.index.to_numpy().astype("datetime64[D]"))
    assert "43101 is 2018-01-01" in series.notes[0]


def test_el_nino_has_its_months_from_left_to_right() -> None:
    frame = el_nino()
    series = read_csv(frame.to_csv(index=False).encode())
    np.testing.assert_allclose(series.values[:, 0], frame.iloc[:, 1:].to_numpy().ravel(), rtol=1e-6)
    assert series.dates is not None
    assert (len(series), series.season, str(series.dates[0])) == (732, 12, "1950-01-01")


def test_macroeconomic_data_have_year_and_quarter_in_two_columns() -> None:
    frame = macro()
    series = read_csv(frame.to_csv(index=False).encode())
    assert series.features == tuple(frame.columns[2:])
    assert series.dates is not None
    assert (series.season, str(series.dates[0]), str(series.dates[-1])) == (4, "1959-01-01", "2009-07-01")
    assert series.notes == ()


def test_carbon_dioxide_has_gaps_and_weeks() -> None:
    weekly = carbon()
    with pytest.raises(
        CsvError, match=r"Line 8: the cell in the column 'co2' is empty. So are 58 more cells"
    ):
        read_csv(weekly.to_csv().encode())
    filled = read_csv(weekly.to_csv().encode(), fill="linear")
    np.testing.assert_allclose(filled.values[:, 0], weekly.interpolate(), rtol=1e-6)
    assert filled.season == 52
    # Without the empty weeks, the dates tell what is missing.
    dropped = read_csv(weekly.dropna().to_csv().encode(), fill="linear")
    np.testing.assert_allclose(dropped.values, filled.values, rtol=1e-6)
    assert "59 dates are left out" in dropped.notes[0]
    marked = read_csv(weekly.fillna(-99.99).to_csv().encode(), fill="linear")
    np.testing.assert_allclose(marked.values, filled.values, rtol=1e-6)
    assert "-99.99 was taken for a missing value (59 cells" in marked.notes[0]


def test_gapminder_is_asked_for_by_name() -> None:
    content = plotly.data.gapminder()[["country", "year", "pop"]].to_csv(index=False).encode()
    with pytest.raises(
        CsvError,
        match=r"142 series .* told apart by 'country'.*where={'country': 'Afghanistan'}",
    ):
        read_csv(content)
    peru = read_csv(content, where={"country": "Peru"}, minimum=10)
    assert peru.dates is not None
    assert (len(peru), str(peru.dates[-1]), peru.features) == (12, "2007-01-01", ("pop",))


def test_air_passengers() -> None:
    folder = os.environ.get("RNNVIZ_DATA")
    path = Path(folder or ".") / "timeseries/AirPassengers.csv"
    if folder is None or not path.is_file():
        pytest.skip("set RNNVIZ_DATA to a folder with timeseries/AirPassengers.csv to read it")
    series = read_csv(path)
    assert series.dates is not None
    assert (len(series), series.season, series.notes) == (144, 12, ())
    assert (str(series.dates[0]), series.values[[0, -1], 0].tolist()) == ("1949-01-01", [112, 432])
