"""Data of the course: seeded tasks, series that installed packages ship, and a student's own files."""

from rnnviz.data.analogies import ANALOGIES, ask_analogies
from rnnviz.data.bearing import Bearing, BearingRun, BearingWindows, cut_pieces
from rnnviz.data.car import draw_drives, drive_car
from rnnviz.data.dice import roll_dice
from rnnviz.data.digits import Digits, DigitSets, digits, mnist
from rnnviz.data.echo import DelayedEcho
from rnnviz.data.files import DataFileError, find_file
from rnnviz.data.heartbeat import Heartbeat, make_heartbeat
from rnnviz.data.mackey_glass import mackey_glass, read_mackey_glass
from rnnviz.data.padding import Padding, make_batches, measure_padding
from rnnviz.data.pairs import (
    END,
    GO,
    Pairs,
    english_french,
    made_up_pairs,
    read_pairs,
    stack_pairs,
    telephone_pairs,
)
from rnnviz.data.reading import Column, CsvError, list_columns, read_csv
from rnnviz.data.recall import LANGUAGES, RECALL_WORDS, STORIES, Recall
from rnnviz.data.reviews import WORD_KINDS, Reviews, everyday_sentences, made_up_reviews, rt_polarity
from rnnviz.data.series import Series, co2, rising_sine, stocks, sunspots, synthetic_series
from rnnviz.data.shapes import (
    SHAPES,
    ShapeTask,
    caption_picture,
    forecast_stock,
    judge_sentence,
    label_picture,
    repeat_later,
    translate_sentence,
    watch_frames,
)
from rnnviz.data.tank import Tank, TankRun, make_storms
from rnnviz.data.tasks import (
    AddingProblem,
    CopyMemory,
    DyckBrackets,
    EmbeddedReber,
    FirstNumber,
    Parity,
    TemporalOrder,
)
from rnnviz.data.text import Characters, Text, alice, manual, read_text
from rnnviz.data.vectors import VectorFileError, WordVectors, read_vectors, write_vectors
from rnnviz.data.windows import Scaler, Split, Windows, split, windows
from rnnviz.data.words import NUMBER, PADDING, UNKNOWN, URL, Words, pad_sentences, split_words

__all__ = [
    "ANALOGIES",
    "END",
    "GO",
    "LANGUAGES",
    "NUMBER",
    "PADDING",
    "RECALL_WORDS",
    "SHAPES",
    "STORIES",
    "UNKNOWN",
    "URL",
    "WORD_KINDS",
    "AddingProblem",
    "Bearing",
    "BearingRun",
    "BearingWindows",
    "Characters",
    "Column",
    "CopyMemory",
    "CsvError",
    "DataFileError",
    "DelayedEcho",
    "DigitSets",
    "Digits",
    "DyckBrackets",
    "EmbeddedReber",
    "FirstNumber",
    "Heartbeat",
    "Padding",
    "Pairs",
    "Parity",
    "Recall",
    "Reviews",
    "Scaler",
    "Series",
    "ShapeTask",
    "Split",
    "Tank",
    "TankRun",
    "TemporalOrder",
    "Text",
    "VectorFileError",
    "Windows",
    "WordVectors",
    "Words",
    "alice",
    "ask_analogies",
    "caption_picture",
    "co2",
    "cut_pieces",
    "digits",
    "draw_drives",
    "drive_car",
    "english_french",
    "everyday_sentences",
    "find_file",
    "forecast_stock",
    "judge_sentence",
    "label_picture",
    "list_columns",
    "mackey_glass",
    "made_up_pairs",
    "made_up_reviews",
    "make_batches",
    "make_heartbeat",
    "make_storms",
    "manual",
    "measure_padding",
    "mnist",
    "pad_sentences",
    "read_csv",
    "read_mackey_glass",
    "read_pairs",
    "read_text",
    "read_vectors",
    "repeat_later",
    "rising_sine",
    "roll_dice",
    "rt_polarity",
    "split",
    "split_words",
    "stack_pairs",
    "stocks",
    "sunspots",
    "synthetic_series",
    "telephone_pairs",
    "translate_sentence",
    "watch_frames",
    "windows",
    "write_vectors",
]
