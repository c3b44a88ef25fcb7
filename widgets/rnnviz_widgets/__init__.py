"""Widgets that show what a recurrent network remembers, step by step."""

from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.gate_heatmap import GateHeatmap
from rnnviz_widgets.trace_model import TraceModel
from rnnviz_widgets.unrolled_graph import UnrolledGraph

__all__ = ["Cursor", "GateHeatmap", "TraceModel", "UnrolledGraph"]
