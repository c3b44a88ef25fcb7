"""What a copied piece of code is told of a recording: enough to make modules of the same kind and size."""

from __future__ import annotations

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
