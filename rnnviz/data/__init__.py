"""Data of the course: seeded tasks, series that installed packages ship, and a student's own files."""

from rnnviz.data.csv_file import CsvError, read_csv
from rnnviz.data.series import Series, co2, rising_sine, stocks, sunspots, synthetic_series
from rnnviz.data.windows import Scaler, Split, Windows, split, windows

__all__ = [
    "CsvError",
    "Scaler",
    "Series",
    "Split",
    "Windows",
    "co2",
    "read_csv",
    "rising_sine",
    "split",
    "stocks",
    "sunspots",
    "synthetic_series",
    "windows",
]
