"""What a copied piece of code is told of a recording: enough to make modules of the same kind and size."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz_widgets.recipe import describe_module, describe_modules

MODULES = {
    "LSTM": lambda: nn.LSTM(3, 8),
    "deep, both ways": lambda: nn.GRU(3, 5, num_layers=2, bidirectional=True),
    "projected": lambda: nn.LSTM(4, 6, proj_size=2),
    "both ways, projected": lambda: nn.LSTM(4, 6, num_layers=2, bidirectional=True, proj_size=2),
    "relu, no bias": lambda: nn.RNN(2, 3, nonlinearity="relu", bias=False),
    "course's own cell": lambda: rv.GRUCell(2, 3),
}


def make(described: dict) -> nn.Module:
    call = f"{described['kind']}({', '.join([str(described['inputs']), *described['options']])})"
    return eval(call, {"torch": torch})


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("name", MODULES)
def test_a_module_made_from_its_description_is_of_the_same_kind_and_size(name: str) -> None:
    module = MODULES[name]()
    size = module.input_size
    model = nn.ModuleDict({"part": nn.ModuleDict({"net": module})})
    with rv.record(model) as trace:
        module(torch.randn(5, 2, size))[0].sum().backward()
    (described,) = describe_modules([trace[layer] for layer in trace.layers])
    assert described["path"] == "part.net"
    assert described["backward"]
    again = make(described)
    with rv.record(again) as second:
        again(torch.randn(described["shape"]))
    assert list(second.layers) == described["alone"]
    for layer, alone in zip(described["layers"], described["alone"], strict=True):
        first, other = trace[layer], second[alone]
        assert (first.kind, first.reverse) == (other.kind, other.reverse)
        assert first.hidden.shape == other.hidden.shape
        assert repr(first.weights) == repr(other.weights)
        if first.kind == "RNN":
            assert first.nonlinearity == other.nonlinearity


def test_modules_are_told_apart_and_a_layer_finds_its_own() -> None:
    model = nn.ModuleDict({"encoder": nn.LSTM(3, 4, num_layers=2), "decoder": nn.GRU(2, 4)})
    with rv.record(model) as trace:
        model["encoder"](torch.randn(7, 2, 3))
        model["decoder"](torch.randn(3, 2, 2))
    modules = describe_modules([trace[layer] for layer in trace.layers])
    assert [module["path"] for module in modules] == ["encoder", "decoder"]
    assert [module["shape"] for module in modules] == [[7, 2, 3], [3, 2, 2]]
    assert describe_module(trace, "encoder.l1") == modules[0]
    assert not modules[0]["backward"]


def test_a_cell_of_ones_own_keeps_its_name_whatever_it_is_called() -> None:
    class LSTM(rv.Cell):
        def step(self, x, hidden):  # type: ignore[no-untyped-def]
            return torch.tanh(hidden + x.sum(-1, keepdim=True)), {}

    cell = LSTM(3, 2)
    with rv.record(nn.ModuleDict({"mine": cell})) as trace:
        cell(torch.zeros(4, 1, 3))
    (described,) = describe_modules([trace["mine"]])
    assert (described["kind"], described["inputs"], described["options"]) == ("LSTM", 3, ["2"])
    assert described["alone"] == ["cell"]


def test_cells_are_modules_of_their_own_also_where_they_are_called_like_layers(tmp_path: Path) -> None:
    cells = nn.ModuleDict({"l0": nn.LSTMCell(3, 4), "l1": nn.GRUCell(4, 5)})
    with rv.record(cells) as trace:
        states, top = (torch.zeros(2, 4), torch.zeros(2, 4)), torch.zeros(2, 5)
        for x in torch.randn(6, 2, 3):
            states = cells["l0"](x, states)
            top = cells["l1"](states[0], top)
    trace.save(tmp_path / "cells.nc")
    for one in (trace, rv.load(tmp_path / "cells.nc")):
        modules = describe_modules([one[layer] for layer in one.layers])
        assert [module["path"] for module in modules] == ["l0", "l1"]
        assert [module["kind"] for module in modules] == ["torch.nn.LSTM", "torch.nn.GRU"]
        assert [module["alone"] for module in modules] == [["l0"], ["l0"]]
        assert describe_module(one, "l1") == modules[1]


def test_a_saved_module_stays_one(tmp_path: Path) -> None:
    module = nn.GRU(3, 6, num_layers=2, bidirectional=True)
    with rv.record(module) as trace:
        module(torch.randn(5, 2, 3))
    trace.save(tmp_path / "gru.nc")
    one = rv.load(tmp_path / "gru.nc")
    (described,) = describe_modules([one[layer] for layer in one.layers])
    assert described["alone"] == ["l0", "l0_reverse", "l1", "l1_reverse"]


def test_one_layer_of_several_is_made_as_a_module_that_has_it() -> None:
    module = nn.GRU(3, 6, num_layers=2, bidirectional=True)
    with rv.record(module) as trace:
        module(torch.randn(5, 2, 3))
    (described,) = describe_modules([trace["l1_reverse"]])
    assert described["inputs"] == 3
    again = make(described)
    with rv.record(again) as second:
        again(torch.randn(described["shape"]))
    (alone,) = described["alone"]
    assert second[alone].reverse
    assert second[alone].hidden.shape == trace["l1_reverse"].hidden.shape
