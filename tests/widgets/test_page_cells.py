"""The equations stand a second time in the page, where a reader edits weights; torch decides whether they are right.

``widgets/tests/lib/trace/cells.json`` holds recorded networks, and the browser-side tests compute them anew. This
test keeps that file true: what it says is what torch says today. To write it again: ``python
tests/widgets/test_page_cells.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz_widgets.trace_model import TraceModel

FILE = Path(__file__).parents[2] / "widgets/tests/lib/trace/cells.json"

NETWORKS: dict[str, Any] = {
    "tanh": lambda: nn.RNN(3, 4, num_layers=2),
    "relu without bias": lambda: nn.RNN(2, 3, nonlinearity="relu", bias=False),
    "LSTM": lambda: nn.LSTM(3, 4, num_layers=2),
    "GRU": lambda: nn.GRU(2, 5),
    "two directions": lambda: nn.GRU(2, 3, num_layers=2, bidirectional=True),
}


def record_network(name: str) -> TraceModel:
    torch.manual_seed(list(NETWORKS).index(name))
    network = NETWORKS[name]()
    with torch.no_grad():
        for weight in network.parameters():
            weight.uniform_(-0.9, 0.9)
    x = torch.randn(4, 2, network.input_size)
    directions = 2 if network.bidirectional else 1
    initial = torch.randn(network.num_layers * directions, 2, network.hidden_size)
    with rv.record(network) as trace:
        network(x, (initial, initial.flip(0)) if isinstance(network, nn.LSTM) else initial)
    return TraceModel(trace)


def describe_network(name: str) -> dict[str, Any]:
    model = record_network(name)
    data = np.frombuffer(model.data, dtype=np.float32)
    return {"layers": model.layers, "data": [round(float(value), 6) for value in data]}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_says_what_torch_says(name: str) -> None:
    stored = json.loads(FILE.read_text())[name]
    fresh = describe_network(name)
    assert stored["layers"] == fresh["layers"]
    np.testing.assert_allclose(stored["data"], fresh["data"], atol=2e-6)


if __name__ == "__main__":
    text = json.dumps({name: describe_network(name) for name in NETWORKS}, separators=(",", ":"))
    FILE.write_text(text + "\n")
