"""Widgets that show what a recurrent network remembers, step by step."""

from typing import TYPE_CHECKING

from rnnviz_widgets.bearing_race import BearingRace
from rnnviz_widgets.bearing_watch import BearingWatch
from rnnviz_widgets.bet import Bet
from rnnviz_widgets.car_drive import CarDrive
from rnnviz_widgets.cell_anatomy import CellAnatomy
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.cliff import Cliff
from rnnviz_widgets.compare import Compare
from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.digit_reader import DigitReader
from rnnviz_widgets.dropout_map import DropoutMap
from rnnviz_widgets.embedding_map import EmbeddingMap
from rnnviz_widgets.environment import Environment
from rnnviz_widgets.exercises import exercise
from rnnviz_widgets.experiment import Experiment
from rnnviz_widgets.folded import Folded
from rnnviz_widgets.gate_heatmap import GateHeatmap
from rnnviz_widgets.gradient_curves import GradientCurves
from rnnviz_widgets.gradient_flow import GradientFlow
from rnnviz_widgets.learning_race import LearningRace
from rnnviz_widgets.lengths_explorer import LengthsExplorer
from rnnviz_widgets.lesson_map import LessonMap
from rnnviz_widgets.lesson_questions import ask
from rnnviz_widgets.live_forecast import LiveForecast
from rnnviz_widgets.padding_explorer import PaddingExplorer
from rnnviz_widgets.picture import Picture
from rnnviz_widgets.predict import Option, Predict
from rnnviz_widgets.properties import Property
from rnnviz_widgets.quiz import Quiz, Right, Wrong
from rnnviz_widgets.recall_race import RecallRace
from rnnviz_widgets.remedies import Remedies
from rnnviz_widgets.reservoir_playground import ReservoirPlayground
from rnnviz_widgets.response_explorer import ResponseExplorer
from rnnviz_widgets.shape_graph import draw_shape
from rnnviz_widgets.spectrum import Spectrum
from rnnviz_widgets.surgery import Surgery
from rnnviz_widgets.text_states import TextStates
from rnnviz_widgets.trace_model import TraceModel
from rnnviz_widgets.translator import Translator
from rnnviz_widgets.translator_race import TranslatorRace
from rnnviz_widgets.unrolled_graph import UnrolledGraph
from rnnviz_widgets.weight_gradient import WeightGradient
from rnnviz_widgets.word_lookup import WordLookup
from rnnviz_widgets.writer import Writer

if TYPE_CHECKING:
    from rnnviz_widgets.plotly_figure import PlotlyFigure

__all__ = [
    "BearingRace",
    "BearingWatch",
    "Bet",
    "CarDrive",
    "CellAnatomy",
    "Challenge",
    "Check",
    "Cliff",
    "Compare",
    "Cursor",
    "DigitReader",
    "DropoutMap",
    "EmbeddingMap",
    "Environment",
    "Experiment",
    "Folded",
    "GateHeatmap",
    "GradientCurves",
    "GradientFlow",
    "LearningRace",
    "LengthsExplorer",
    "LessonMap",
    "LiveForecast",
    "Option",
    "PaddingExplorer",
    "Picture",
    "PlotlyFigure",
    "Predict",
    "Property",
    "Quiz",
    "RecallRace",
    "Remedies",
    "ReservoirPlayground",
    "ResponseExplorer",
    "Right",
    "Score",
    "Spectrum",
    "Surgery",
    "TextStates",
    "TraceModel",
    "Translator",
    "TranslatorRace",
    "UnrolledGraph",
    "WeightGradient",
    "WordLookup",
    "Writer",
    "Wrong",
    "ask",
    "draw_shape",
    "exercise",
]


def __getattr__(name: str) -> object:
    """Import plotly, which takes a second, only for those who use it."""
    if name == "PlotlyFigure":
        from rnnviz_widgets.plotly_figure import PlotlyFigure

        return PlotlyFigure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
