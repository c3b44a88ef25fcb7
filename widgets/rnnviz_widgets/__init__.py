"""Widgets that show what a recurrent network remembers, step by step."""

from rnnviz_widgets.check import Check
from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.gate_heatmap import GateHeatmap
from rnnviz_widgets.lesson_questions import ask
from rnnviz_widgets.picture import Picture
from rnnviz_widgets.predict import Predict
from rnnviz_widgets.properties import Property
from rnnviz_widgets.quiz import Quiz, Right, Wrong
from rnnviz_widgets.trace_model import TraceModel
from rnnviz_widgets.unrolled_graph import UnrolledGraph

__all__ = [
    "Check",
    "Cursor",
    "GateHeatmap",
    "Picture",
    "Predict",
    "Property",
    "Quiz",
    "Right",
    "TraceModel",
    "UnrolledGraph",
    "Wrong",
    "ask",
]
