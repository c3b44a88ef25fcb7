"""Series to forecast: made by a formula, or shipped by a package that is installed anyway."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Series", "co2", "rising_sine", "stocks", "sunspots", "synthetic_series"]

Dates = npt.NDArray[np.datetime64]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers in the order of time, one row a step, and what must be known to speak about them.

    Attributes
    ----------
    name : str
        What a plot calls it.
    values : ndarray of float32, shape (time, feature)
        The numbers, without gaps. A list, or an array of shape (time,), is taken for one feature.
    features : tuple of str
        A name for each column.
    dates : ndarray of datetime64[D] (or [s], where the hour matters), shape (time,), or None
        The day of each step, rising; None where steps are merely counted.
    unit : str
        Unit of the values, empty for a bare number.
    season : int or None
        Steps after which the pattern roughly repeats, if it does: what a seasonal baseline looks back by.
    source, licence : str
        Where it comes from, and on what terms.
    notes : tuple of str
        What was done to it on the way, such as gaps that were filled.

    Raises
    ------
    ValueError
        If there is a gap, a value that is not finite, or a number of names or dates that does not fit.

    Examples
    --------
    >>> from rnnviz.data import Series
    >>> Series("tides", [1.0, 3.0, 2.0], unit="m")
    Series('tides', 3 steps, 1 feature)
    """

    name: str
    values: Values
    features: tuple[str, ...] = ()
    dates: Dates | None = None
    unit: str = ""
    season: int | None = None
    source: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2:
            raise ValueError(
                f"The values of {self.name!r} have shape {values.shape}; "
                "a series has (time,) or (time, feature)."
            )
        if not np.isfinite(values).all():
            step, column = np.argwhere(~np.isfinite(values))[0]
            raise ValueError(
                f"{self.name!r} has no finite value at step {step}, column {column}. Fill the gaps or leave "
                "those steps out first; rnnviz.data.read_csv(…, fill='linear') does it for a file."
            )
        features = self.features or _count_names(self.name, values.shape[1])
        if len(features) != values.shape[1]:
            raise ValueError(
                f"{self.name!r} has {values.shape[1]} columns and {len(features)} names; give one each."
            )
        if self.dates is not None:
            dates = np.asarray(self.dates)
            if dates.dtype not in (np.dtype("datetime64[D]"), np.dtype("datetime64[s]")):
                dates = dates.astype("datetime64[D]")
            if dates.shape != values.shape[:1] or (np.diff(dates).astype(int) <= 0).any():
                raise ValueError(f"{self.name!r} needs one date a step, each later than the one before.")
            object.__setattr__(self, "dates", dates)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "features", tuple(features))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        count = len(self.features)
        return f"Series({self.name!r}, {len(self)} steps, {count} feature{'s' * (count != 1)})"

    def select(self, *features: str) -> Series:
        """Return the same series with only the features named, in that order."""
        for feature in features:
            if feature not in self.features:
                raise ValueError(
                    f"{self.name!r} has no feature {feature!r}; it has {', '.join(self.features)}."
                )
        columns = [self.features.index(feature) for feature in features]
        return Series(**{**vars(self), "values": self.values[:, columns], "features": features})


def rising_sine(steps: int = 300, start: float = 0.0, resolution: float = 0.1) -> Series:
    """Make t·sin(t)/3 + 2·sin(5t): a slow wave that grows, and a fast one on top of it.

    Parameters
    ----------
    steps : int, default 300
        Number of values.
    start : float, default 0
        The first t.
    resolution : float, default 0.1
        Difference of t from one step to the next.

    Returns
    -------
    Series
        One feature, a bare number.

    References
    ----------
    A. Géron, "Hands-On Machine Learning with Scikit-Learn and TensorFlow", O'Reilly 2017, chapter 14.

    Examples
    --------
    >>> from rnnviz.data import rising_sine
    >>> rising_sine().values.shape
    (300, 1)
    """
    t = start + resolution * np.arange(steps)
    return Series(
        name="t·sin(t)/3 + 2·sin(5t)",
        values=(t * np.sin(t) / 3 + 2 * np.sin(5 * t)).astype(np.float32),
        features=("value",),
        source="formula; A. Géron, Hands-On Machine Learning, 2017, chapter 14",
    )


def synthetic_series(count: int = 10_000, steps: int = 51, seed: int = 42) -> Values:
    """Draw many short series, each the sum of two waves of random frequency and phase, and a little noise.

    The draws are in the order of the published recipe, so that the default gives the published numbers.

    Parameters
    ----------
    count : int, default 10,000
        How many series.
    steps : int, default 51
        Length of each: 50 to look at, and one to forecast.
    seed : int, default 42
        Of NumPy's legacy generator, here one of its own.

    Returns
    -------
    ndarray of float32, shape (time, batch, feature)
        That is (steps, count, 1).

    References
    ----------
    A. Géron, "Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow", 2nd ed., O'Reilly 2019,
    chapter 15.

    Examples
    --------
    >>> from rnnviz.data import synthetic_series
    >>> synthetic_series(count=3).shape
    (51, 3, 1)
    """
    random = np.random.RandomState(seed)
    frequency1, frequency2, offset1, offset2 = random.rand(4, count, 1)
    time = np.linspace(0, 1, steps)
    series = 0.5 * np.sin((time - offset1) * (frequency1 * 10 + 10))
    series += 0.2 * np.sin((time - offset2) * (frequency2 * 20 + 20))
    series += 0.1 * (random.rand(count, steps) - 0.5)
    return np.ascontiguousarray(series.T[..., None].astype(np.float32))


def sunspots() -> Series:
    """Load the yearly number of sunspots, 1700 to 2008, which statsmodels ships.

    Returns
    -------
    Series
        309 steps of one feature. Spots come and go in about 11 years, so ``season`` is 11.

    Raises
    ------
    ImportError
        Without statsmodels, saying what to install.

    Examples
    --------
    >>> from rnnviz.data import sunspots
    >>> sunspots()
    Series('sunspots', 309 steps, 1 feature)
    """
    frame = _statsmodels("sunspots").load_pandas().data
    return Series(
        name="sunspots",
        values=frame["SUNACTIVITY"].to_numpy(),
        features=("sunspots",),
        dates=np.array([f"{int(year)}-01-01" for year in frame["YEAR"]], dtype="datetime64[D]"),
        unit="spots",
        season=11,
        source="National Geophysical Data Center, through statsmodels",
        licence="public domain",
    )


def co2() -> Series:
    """Load the carbon dioxide in the air of Mauna Loa, by month 1958 to 2001, which statsmodels ships.

    The weekly measurements have gaps; a month's mean is over the weeks that were measured, and the five
    months without any are filled on a straight line between their neighbours, as ``notes`` say.

    Returns
    -------
    Series
        526 steps of one feature, in parts per million; ``season`` is 12.

    Raises
    ------
    ImportError
        Without statsmodels, saying what to install.

    Examples
    --------
    >>> from rnnviz.data import co2
    >>> co2().notes
    ('5 months without a measurement were filled on a straight line.',)
    """
    weekly = _statsmodels("co2").load_pandas().data["co2"]
    monthly = weekly.resample("MS").mean()
    empty = int(monthly.isna().sum())
    return Series(
        name="CO₂",
        values=monthly.interpolate("linear").to_numpy(),
        features=("CO₂",),
        dates=monthly.index.to_numpy().astype("datetime64[D]"),
        unit="ppm",
        season=12,
        source="C. D. Keeling and T. P. Whorf, Scripps Institution of Oceanography, through statsmodels",
        licence="public domain",
        notes=(f"{empty} months without a measurement were filled on a straight line.",) if empty else (),
    )


def stocks(companies: Sequence[str] = ()) -> Series:
    """Load the weekly closing prices of six companies, 2018 and 2019, which plotly ships.

    Parameters
    ----------
    companies : sequence of str, optional
        Which of GOOG, AAPL, AMZN, FB, NFLX and MSFT, in which order; by default all six.

    Returns
    -------
    Series
        105 steps, one feature a company, as a multiple of the first price.

    Raises
    ------
    ImportError
        Without plotly or pandas, saying what to install.
    ValueError
        For a company that is not among the six.

    Examples
    --------
    >>> from rnnviz.data import stocks
    >>> stocks(["AAPL", "MSFT"])
    Series('stocks', 105 steps, 2 features)
    """
    _needed("pandas", "the stock prices")
    frame = _needed("plotly.data", "the stock prices").stocks()
    names = tuple(str(name) for name in frame.columns if name != "date")
    whole = Series(
        name="stocks",
        values=frame[list(names)].to_numpy(),
        features=names,
        dates=np.array(
            [datetime.date.fromisoformat(str(date)) for date in frame["date"]], dtype="datetime64[D]"
        ),
        unit="× first price",
        source="plotly.data.stocks",
        licence="MIT (plotly)",
    )
    return whole.select(*companies) if companies else whole


def _statsmodels(name: str) -> Any:
    return _needed(f"statsmodels.datasets.{name}", f"the {name} series")


def _needed(module: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise ImportError(
            f'To load {what}, {package} is needed, which is not installed. Run: pip install "rnnviz[course]"'
        ) from error


def _count_names(name: str, columns: int) -> tuple[str, ...]:
    return (name,) if columns == 1 else tuple(f"{name} {column + 1}" for column in range(columns))
