"""Comparing traces: which are taken, which are refused, and what the repr promises."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw


def record(model: nn.Module, steps: int = 6) -> rv.Trace:
    torch.manual_seed(0)
    with rv.record(model) as trace:
        model(torch.randn(steps, 2, 3))
    return trace


def test_three_models_of_different_kinds_and_lengths_stand_side_by_side() -> None:
    traces = {
        "tanh": record(nn.RNN(3, 4)),
        "GRU": record(nn.GRU(3, 5, num_layers=2), steps=4),
        "LSTM": record(nn.LSTM(3, 6)),
    }
    widget = rw.Compare(traces, array="cell", layers={"GRU": "l0"})
    assert repr(widget) == (
        "Compare(traces=['tanh', 'GRU', 'LSTM'], layers=['l0', 'l0', 'l0'], array='cell', "
        "steps=[6, 4, 6], units=[4, 5, 6])"
    )
    # The numbers go over once, also for other widgets of the same trace.
    assert widget.third is rw.GateHeatmap(traces["LSTM"]).trace


@pytest.mark.parametrize("count", [1, 4])
def test_two_or_three_traces_are_taken_and_no_other_number(count: int) -> None:
    trace = record(nn.RNN(3, 4))
    with pytest.raises(ValueError, match=f"given {count} traces; it shows two or three"):
        rw.Compare({str(number): trace for number in range(count)})
    with pytest.raises(ValueError, match="given list; it shows two or three"):
        rw.Compare([trace, trace])  # type: ignore[arg-type]


def test_what_is_not_there_is_named() -> None:
    traces = {"a": record(nn.RNN(3, 4)), "b": record(nn.GRU(3, 4))}
    with pytest.raises(ValueError, match=r"array 'cell'; between them they have hidden, reset, update"):
        rw.Compare(traces, array="cell")
    with pytest.raises(ValueError, match="Gradients come with a backward pass"):
        rw.Compare(traces, array="grad_hidden")
    with pytest.raises(KeyError, match="no layer 'l7'"):
        rw.Compare(traces, layers={"a": "l7"})
    with pytest.raises(KeyError, match="named for 'c'"):
        rw.Compare(traces, layers={"c": "l0"})
    with pytest.raises(TypeError, match="Did you mean 'array'"):
        rw.Compare(traces, aray="hidden")
