"""`rv.show` picks widgets; what they draw is tested with them."""

import subprocess
import sys

import pytest
import torch
from torch import nn

import rnnviz as rv


def record(model, calls=1):
    with rv.record(model) as trace:
        for _ in range(calls):
            model(torch.randn(4, 2, 1))
    return trace


def test_show_links_the_widgets_by_one_cursor():
    pytest.importorskip("rnnviz_widgets")
    graph, heatmap = rv.show(record(nn.LSTM(1, 2, num_layers=2)), layer="l1").children
    assert type(graph).__name__ == "UnrolledGraph"
    assert type(heatmap).__name__ == "GateHeatmap"
    assert graph.cursor is heatmap.cursor


def test_show_takes_one_call_of_many():
    pytest.importorskip("rnnviz_widgets")
    trace = record(nn.GRU(1, 2), calls=3)
    assert len(rv.show(trace).children) == 2
    assert len(rv.show(trace, call=0).children) == 2
    assert len(rv.show(trace.calls("l0")[1]).children) == 2
    with pytest.raises(IndexError, match="l0 has 3 calls, so there is no call 3"):
        rv.show(trace, call=3)


def test_an_empty_trace_is_explained():
    pytest.importorskip("rnnviz_widgets")
    with pytest.raises(ValueError, match="nothing to show"):
        rv.show(record(nn.GRU(1, 2), calls=0))


def test_missing_widgets_are_explained():
    """In a process of its own, where the package cannot be imported."""
    code = (
        "import sys; sys.modules['rnnviz_widgets'] = None\n"
        "import rnnviz as rv\n"
        "try: rv.show(rv.Trace())\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'show needs the widgets: pip install "rnnviz[widgets]"'
