"""Data of the course: seeded tasks, series that installed packages ship, and a student's own files."""

from rnnviz.data.csv_file import CsvError, read_csv
from rnnviz.data.digits import Digits, DigitSets, digits, mnist
from rnnviz.data.files import DataFileError, find_file
from rnnviz.data.series import Series, co2, rising_sine, stocks, sunspots, synthetic_series
from rnnviz.data.tasks import AddingProblem, TemporalOrder
from rnnviz.data.windows import Scaler, Split, Windows, split, windows

__all__ = [
    "AddingProblem",
    "CsvError",
    "DataFileError",
    "DigitSets",
    "Digits",
    "Scaler",
    "Series",
    "Split",
    "TemporalOrder",
    "Windows",
    "co2",
    "digits",
    "find_file",
    "mnist",
    "read_csv",
    "rising_sine",
    "split",
    "stocks",
    "sunspots",
    "synthetic_series",
    "windows",
]
