"""How a gate heatmap is asked to sort and to colour."""

from __future__ import annotations

import pytest
import torch

import rnnviz as rv
import rnnviz_widgets as rw


@pytest.fixture
def trace() -> rv.Trace:
    gru = torch.nn.GRU(3, 4)
    with rv.record(gru) as trace:
        gru(torch.zeros(5, 1, 3))
    return trace


def test_order_and_colours_are_the_pages_to_start_with(trace: rv.Trace) -> None:
    widget = rw.GateHeatmap(trace, sort="timescale", colours="all")
    assert (widget.sort, widget.colours) == ("timescale", "all")


@pytest.mark.parametrize(
    ("option", "choices"),
    [
        ("sort", "'index', 'similarity', 'range', 'timescale'"),
        ("colours", "'kind', 'map', 'layer', 'all'"),
    ],
)
def test_another_word_is_refused_with_those_it_takes(trace: rv.Trace, option: str, choices: str) -> None:
    with pytest.raises(ValueError, match=f"given {option}='best'; it takes {choices}"):
        rw.GateHeatmap(trace, **{option: "best"})
