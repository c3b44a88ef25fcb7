"""The explorer of lengths: what it refuses, and that the page cuts a batch as torch's packing does.

``widgets/tests/lengths_explorer/lengths.json`` holds ragged batches with torch's packed results, and the browser-side
tests compute them anew from the whole sequences. To write it again: ``python
tests/widgets/test_lengths_explorer.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz_widgets as rw

FILE = Path(__file__).parents[2] / "widgets/tests/lengths_explorer/lengths.json"
LENGTHS = [2, 5, 1, 5, 3]
NETWORKS: dict[str, Any] = {
    "RNN": lambda: nn.RNN(2, 3),
    "GRU, two layers": lambda: nn.GRU(2, 3, num_layers=2),
    "LSTM, both directions": lambda: nn.LSTM(2, 3, num_layers=2, bidirectional=True),
}


def make_batch(name: str) -> tuple[Any, Tensor]:
    torch.manual_seed(list(NETWORKS).index(name))
    return NETWORKS[name](), torch.randn(5, len(LENGTHS), 2)


def describe_batch(name: str) -> dict[str, Any]:
    """The explorer's own data for whole sequences, and beside it what torch makes of the ragged batch."""
    module, inputs = make_batch(name)
    model = rw.LengthsExplorer(module, inputs, LENGTHS).trace
    packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), enforce_sorted=False)
    with torch.no_grad():
        packed_output, final = module(packed)
        output, _ = pad_packed_sequence(packed_output)
        padded = inputs * (torch.arange(5)[:, None] < torch.tensor(LENGTHS))[..., None]
        unmasked, _ = module(padded)
    if isinstance(final, tuple):
        final = final[0]

    def rounded(tensor: Tensor) -> list[float]:
        return [round(float(value), 6) for value in tensor.flatten()]

    return {
        "layers": model.layers,
        "data": [round(float(value), 6) for value in np.frombuffer(model.data, dtype=np.float32)],
        "lengths": LENGTHS,
        "output": rounded(output),
        "final": rounded(final[-2 if module.bidirectional else -1 :]),
        "unmasked": rounded(unmasked),
        "batch_sizes": packed.batch_sizes.tolist(),
        "sorted": packed.sorted_indices.tolist(),
        "unsorted": packed.unsorted_indices.tolist(),
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_says_what_torch_says(name: str) -> None:
    stored, fresh = json.loads(FILE.read_text())[name], describe_batch(name)
    assert stored.keys() == fresh.keys()
    for key, value in fresh.items():
        if key in {"data", "output", "final", "unmasked"}:
            np.testing.assert_allclose(stored[key], value, atol=2e-6)
        else:
            assert stored[key] == value


def test_the_repr_says_the_lengths() -> None:
    explorer = rw.LengthsExplorer(*make_batch("RNN"), LENGTHS)
    assert repr(explorer) == "LengthsExplorer(kind='RNN', steps=5, lengths=[2, 5, 1, 5, 3], units=3)"


def test_batch_first_and_training_mode_are_respected() -> None:
    torch.manual_seed(0)
    module = nn.LSTM(2, 3, num_layers=2, batch_first=True, dropout=0.5).train()
    inputs = torch.randn(4, 2, 2)
    explorer = rw.LengthsExplorer(module, inputs, [4, 2])
    assert module.training
    module.eval()
    with torch.no_grad():
        expected, _ = module(inputs.transpose(0, 1))
    entry = explorer.trace.layers[1]["arrays"]["hidden"]
    data = np.frombuffer(explorer.trace.data, dtype=np.float32)[entry["offset"] :][: 4 * 2 * 3]
    np.testing.assert_allclose(data.reshape(4, 2, 3), expected.transpose(0, 1), atol=1e-6)


def spoil(module: nn.RNN) -> None:
    module.weight_ih_l0.fill_(torch.inf)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"module": nn.Linear(2, 3)}, TypeError, "was given a Linear"),
        ({"module": nn.LSTM(2, 3, proj_size=1)}, ValueError, "without a projection"),
        ({"inputs": torch.zeros(5, 2)}, ValueError, r"should be \(time, batch, 2\)"),
        ({"inputs": torch.zeros(5, 4, 3)}, ValueError, r"should be \(time, batch, 2\)"),
        ({"inputs": torch.zeros(5, 0, 2), "lengths": []}, ValueError, "at least one step"),
        ({"inputs": torch.zeros(49, 2, 2), "lengths": [1, 2]}, ValueError, "holds 49 steps; .* shows 48"),
        ({"inputs": torch.zeros(4, 25, 2)}, ValueError, "holds 25 sequences"),
        ({"inputs": torch.full((5, 5, 2), torch.nan)}, ValueError, "inputs holds values that are not finite"),
        ({"module": nn.RNN(2, 3).requires_grad_(False).apply(spoil)}, ValueError, "weight_ih_l0 holds"),
        ({"lengths": [1, 2]}, ValueError, "should hold 5 numbers from 1 to 5"),
        ({"lengths": [0, 1, 2, 3, 4]}, ValueError, "from 1 to 5"),
        ({"lengths": [6, 1, 2, 3, 4]}, ValueError, "from 1 to 5"),
        ({"labels": [["a"]]}, ValueError, "one label a step"),
        ({"size": 3}, TypeError, "no option 'size'"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], error: type[Exception], words: str) -> None:
    module, inputs = make_batch("RNN")
    given: dict[str, Any] = {"module": module, "inputs": inputs, "lengths": LENGTHS} | change
    with pytest.raises(error, match=words):
        rw.LengthsExplorer(**given)


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({name: describe_batch(name) for name in NETWORKS}, separators=(",", ":")) + "\n"
    )
