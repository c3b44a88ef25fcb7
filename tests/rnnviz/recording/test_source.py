"""Wherever a layer's record comes from, it gives the same: one protocol, five ways to keep it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import rnnviz as rv
from rnnviz.flow import sample_sequences
from rnnviz.recording.trace import Source

STEPS, BATCH, UNITS = 5, 3, 4


def make_module(kind: type[nn.LSTM]) -> nn.LSTM:
    torch.manual_seed(8)
    return kind(2, UNITS).double()


def make_input() -> Tensor:
    return torch.linspace(-1, 1, STEPS * BATCH * 2, dtype=torch.float64).view(STEPS, BATCH, 2)


def find_cost(hidden: Tensor) -> Tensor:
    """A cost of steps 1 and 4 alone, so that what comes from outside is not the total."""
    return hidden[[1, 4]].square().sum()


def record_whole(kind: type[nn.LSTM]) -> rv.Trace:
    module = make_module(kind)
    with rv.record(module) as trace:
        find_cost(module(make_input())[0]).backward()
    return trace


def record_loop() -> rv.Trace:
    whole, cell = make_module(nn.LSTM), nn.LSTMCell(2, UNITS).double()
    with torch.no_grad():
        for name, value in cell.named_parameters():
            value.copy_(getattr(whole, f"{name}_l0"))
    h, c, hidden = *torch.zeros(2, BATCH, UNITS, dtype=torch.float64), []
    with rv.record(cell) as trace:
        for x in make_input():
            h, c = cell(x, (h, c))
            hidden.append(h)
        find_cost(torch.stack(hidden)).backward()
    return trace


def reload(folder: Path) -> rv.Trace:
    record_whole(nn.LSTM).save(folder / "layer.nc")
    return rv.load(folder / "layer.nc")


#: How a source is made, and how often it has each of the sequences.
WAYS: dict[str, Callable[[Path], Source]] = {
    "torch's fused layer": lambda _: record_whole(nn.LSTM)["l0"].source,
    "our recording layer": lambda _: record_whole(rv.LSTM)["l0"].source,
    "a cell in a loop": lambda _: (trace := record_loop())[trace.layers[0]].source,
    "a file": lambda folder: reload(folder)["l0"].source,
    "a sample of the sequences": lambda _: sample_sequences(record_whole(nn.LSTM)["l0"], 2).source,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_source_gives_what_autograd_gives(way: str, tmp_path: Path) -> None:
    source = WAYS[way](tmp_path)
    sequences = [0, BATCH - 1] if "sample" in way else list(range(BATCH))
    module = make_module(nn.LSTM)
    h, c = torch.zeros(2, BATCH, UNITS, dtype=torch.float64)
    outputs, cells = [], []
    for x in make_input():  # the equations one by one, so that every state is a tensor of the graph
        z = x @ module.weight_ih_l0.T + module.bias_ih_l0 + h @ module.weight_hh_l0.T + module.bias_hh_l0
        i, f, g, o = z.chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        outputs.append(h)
        cells.append(c)
    totals = torch.autograd.grad(find_cost(torch.stack(outputs)), [*outputs, *cells])
    hidden, cell = (torch.stack(part)[:, sequences] for part in (totals[:STEPS], totals[STEPS:]))

    assert (source.kind, source.reverse, source.has_gradients) == ("LSTM", False, True)
    assert source.shape == (STEPS, len(sequences), UNITS)
    close = {"rtol": 1e-10, "atol": 1e-12}
    torch.testing.assert_close(source.states().hidden, torch.stack(outputs)[:, sequences].detach(), **close)
    torch.testing.assert_close(source.states().cell, torch.stack(cells)[:, sequences].detach(), **close)
    gradients = source.gradients()
    torch.testing.assert_close(gradients.hidden, hidden, **close)
    torch.testing.assert_close(gradients.cell, cell, **close)
    outside, outside_cell = source.from_outside()
    wanted = torch.zeros_like(hidden)
    wanted[[1, 4]] = 2 * source.states().hidden[[1, 4]]
    torch.testing.assert_close(outside, wanted, **close)
    assert outside_cell is None or not outside_cell.any()
    layers, mask, _ = source.above()
    assert (layers, mask) == ((), None)
