"""Interactive course on recurrent neural networks, and the recorder it is taught with."""

from rnnviz import flow
from rnnviz.analysis.diagnose import diagnose
from rnnviz.analysis.intervene import intervene
from rnnviz.cells import Cell, GRUCell, LSTMCell, RNNCell
from rnnviz.recording.layers import GRU, LSTM, RNN
from rnnviz.recording.record import record
from rnnviz.recording.store import TraceFileError, load
from rnnviz.recording.trace import LayerTrace, Trace
from rnnviz.show import show
from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step
from rnnviz.version import __version__ as __version__

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Cell",
    "GRUCell",
    "LSTMCell",
    "LayerTrace",
    "RNNCell",
    "Trace",
    "TraceFileError",
    "Weights",
    "diagnose",
    "flow",
    "gru_step",
    "intervene",
    "load",
    "lstm_step",
    "record",
    "rnn_step",
    "show",
]
