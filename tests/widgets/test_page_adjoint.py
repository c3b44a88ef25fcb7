"""The gradient's way back stands a second time in the page, where a reader edits weights; torch says what is right.

``widgets/tests/unrolled_graph/adjoint.json`` holds recorded networks, a change of each, and what torch says of the
gradients before and after it; the browser-side tests compute them anew. To write it again: ``python
tests/widgets/test_page_adjoint.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.trace_model import TraceModel
from rnnviz_widgets.unrolled_graph import _pack_flow

FILE = Path(__file__).parents[2] / "widgets/tests/unrolled_graph/adjoint.json"
STEPS, BATCH, FEATURES = 5, 2, 2
#: The first layer's recurrent weight from unit 1 to unit 0, and input 0 of this step.
EDIT: dict[str, Any] = {"layer": 0, "weight": "weight_hh", "index": 1, "value": 1.25, "step": 1, "by": 0.75}

Run = Callable[[nn.Module, Tensor], list[Tensor]]


def run_all(module: nn.Module, x: Tensor) -> list[Tensor]:
    output, final = module(x)
    return [output, *(final if isinstance(final, tuple) else [final])]


def run_ragged(module: nn.Module, x: Tensor) -> list[Tensor]:
    output, final = module(pack_padded_sequence(x, torch.tensor([5, 3])))
    return [pad_packed_sequence(output)[0], final]


def run_seeded(module: nn.Module, x: Tensor) -> list[Tensor]:
    """Draw the same masks of dropout each time."""
    torch.manual_seed(5)
    return run_all(module, x)


def run_with_dropout(module: nn.Module, x: Tensor) -> list[Tensor]:
    """Read another module's states through a dropout of one's own."""
    torch.manual_seed(6)
    first, second = module
    return [second(torch.nn.functional.dropout(first(x)[0], 0.4))[0]]


def run_pair(module: nn.Module, x: Tensor) -> list[Tensor]:
    """Read, and go on from the final state: the encoder's own outputs are not in the cost."""
    encoder, decoder = module
    _, state = encoder(x)
    return [decoder(torch.ones(3, BATCH, 1), state)[0]]


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Run]] = {
    "tanh": (lambda: nn.RNN(FEATURES, 4, num_layers=2), run_all),
    "relu without bias": (lambda: nn.RNN(FEATURES, 4, nonlinearity="relu", bias=False), run_all),
    "LSTM": (lambda: nn.LSTM(FEATURES, 3, num_layers=2), run_all),
    "GRU": (lambda: nn.GRU(FEATURES, 4), run_all),
    "two directions": (lambda: nn.GRU(FEATURES, 3, num_layers=2, bidirectional=True), run_all),
    "ragged": (lambda: nn.GRU(FEATURES, 3, num_layers=2), run_ragged),
    "a pair": (lambda: nn.ModuleList([nn.LSTM(FEATURES, 3), nn.LSTM(1, 3)]), run_pair),
    "dropout": (lambda: nn.LSTM(FEATURES, 3, num_layers=2, dropout=0.5), run_seeded),
    "dropout between": (
        lambda: nn.ModuleList([nn.GRU(FEATURES, 3, bidirectional=True), nn.RNN(6, 3)]),
        run_with_dropout,
    ),
}


def change_network(name: str) -> dict[str, Any]:
    """Record, change, and record again, with a cost that asks the same of the outputs whatever they are."""
    torch.manual_seed(list(NETWORKS).index(name))
    build, run = NETWORKS[name]
    network, x = build(), torch.randn(STEPS, BATCH, FEATURES)
    with torch.no_grad():
        for weight in network.parameters():
            weight.uniform_(-0.9, 0.9)

    asked: list[Tensor] = []

    def record(x: Tensor) -> rv.Trace:
        with rv.record(network) as trace:
            outputs = run(network, x)
            if not asked:
                asked.extend(torch.randn_like(output) for output in outputs)
            sum((output * wanted).sum() for output, wanted in zip(outputs, asked, strict=True)).backward()
        return trace

    recorded = record(x)
    model, before = TraceModel(recorded), measure_flow(recorded)
    changed = x.clone()
    changed[EDIT["step"], :, 0] += EDIT["by"]
    with torch.no_grad():
        next(weight for key, weight in network.named_parameters() if "weight_hh" in key)[0, 1] = EDIT["value"]
    return {
        "layers": model.layers,
        "data": shorten(np.frombuffer(model.data, dtype=np.float32)),
        "edit": EDIT,
        "before": before,
        "after": measure_flow(record(changed)),
    }


def measure_flow(trace: rv.Trace) -> list[dict[str, Any]]:
    """Return what a fresh recording would send to the page: one list a step for each layer and way."""
    found = []
    for name in trace.layers:
        packer = Packer()
        _pack_flow(trace[name], packer)
        ways = ("above", "hidden", "cell")
        found.append(
            {way: [shorten(row) for row in part] for way, part in zip(ways, packer.parts, strict=False)}
        )
    return found


def shorten(values: Any) -> list[float]:
    return [float(f"{value:.7g}") for value in values]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_says_what_torch_says(name: str) -> None:
    stored = json.loads(FILE.read_text())[name]
    fresh = change_network(name)
    for key in ("layers", "edit"):
        assert stored[key] == fresh[key]
    np.testing.assert_allclose(stored["data"], fresh["data"], atol=2e-6)
    for key in ("before", "after"):
        for old, new in zip(stored[key], fresh[key], strict=True):
            assert old.keys() == new.keys()
            for way in new:
                np.testing.assert_allclose(old[way], new[way], rtol=1e-4, atol=2e-6)


if __name__ == "__main__":
    text = json.dumps({name: change_network(name) for name in NETWORKS}, separators=(",", ":"))
    FILE.write_text(text + "\n")
