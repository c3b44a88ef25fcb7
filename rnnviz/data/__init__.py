"""Data of the course: seeded tasks, series that installed packages ship, and a student's own files."""

from rnnviz.data.csv_file import CsvError, read_csv
from rnnviz.data.digits import Digits, DigitSets, digits, mnist
from rnnviz.data.files import DataFileError, find_file
from rnnviz.data.padding import Padding, make_batches, measure_padding
from rnnviz.data.reviews import Reviews, everyday_sentences, made_up_reviews, rt_polarity
from rnnviz.data.series import Series, co2, rising_sine, stocks, sunspots, synthetic_series
from rnnviz.data.tasks import AddingProblem, TemporalOrder
from rnnviz.data.text import Characters, Text, alice, manual
from rnnviz.data.vectors import VectorFileError, WordVectors, read_vectors
from rnnviz.data.windows import Scaler, Split, Windows, split, windows
from rnnviz.data.words import NUMBER, PADDING, UNKNOWN, URL, Words, pad_sentences, split_words

__all__ = [
    "NUMBER",
    "PADDING",
    "UNKNOWN",
    "URL",
    "AddingProblem",
    "Characters",
    "CsvError",
    "DataFileError",
    "DigitSets",
    "Digits",
    "Padding",
    "Reviews",
    "Scaler",
    "Series",
    "Split",
    "TemporalOrder",
    "Text",
    "VectorFileError",
    "Windows",
    "WordVectors",
    "Words",
    "alice",
    "co2",
    "digits",
    "everyday_sentences",
    "find_file",
    "made_up_reviews",
    "make_batches",
    "manual",
    "measure_padding",
    "mnist",
    "pad_sentences",
    "read_csv",
    "read_vectors",
    "rising_sine",
    "rt_polarity",
    "split",
    "split_words",
    "stocks",
    "sunspots",
    "synthetic_series",
    "windows",
]
