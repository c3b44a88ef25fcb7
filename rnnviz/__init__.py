"""Interactive course on recurrent neural networks, and the recorder it is taught with."""

from rnnviz import flow
from rnnviz.cells import Cell, GRUCell, LSTMCell, RNNCell
from rnnviz.diagnose import diagnose
from rnnviz.layers import GRU, LSTM, RNN
from rnnviz.record import record
from rnnviz.show import show
from rnnviz.steps import Weights, gru_step, lstm_step, rnn_step
from rnnviz.store import TraceFileError, load
from rnnviz.trace import LayerTrace, Trace

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
    "load",
    "lstm_step",
    "record",
    "rnn_step",
    "show",
]

__version__ = "0.1.0"
