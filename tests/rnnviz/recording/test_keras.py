"""Agreement with another implementation: Keras, whose masks and order of gates are not torch's.

In float32 alone: over torch, Keras multiplies matrices of float64 in float32, too.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow

STEPS, FEATURES, UNITS = 6, 3, 4
LENGTHS = torch.tensor([6, 2, 5, 1])
LAYERS = {
    "LSTM": ("LSTM", {}),
    "GRU": ("GRU", {"reset_after": True}),
    "GRU, reset before": ("GRU", {"reset_after": False}),
    "RNN tanh": ("SimpleRNN", {"activation": "tanh"}),
    "RNN relu": ("SimpleRNN", {"activation": "relu"}),
}
CLOSE = {"rtol": 0, "atol": 1e-6}


class ResetBefore(rv.Cell):
    """The GRU as Cho et al. (2014) wrote it: the reset gate multiplies h_{t-1} before the matrix product."""

    def __init__(self, weights: rv.Weights) -> None:
        super().__init__(FEATURES, UNITS)
        self.weights = weights

    def step(self, x, hidden):
        w = self.weights
        bias = w.bias_ih + w.bias_hh
        at_input = x @ w.weight_ih.T + bias
        r, z = (at_input + hidden @ w.weight_hh.T)[:, : 2 * UNITS].sigmoid().chunk(2, 1)
        n = (at_input[:, 2 * UNITS :] + (r * hidden) @ w.weight_hh[2 * UNITS :].T).tanh()
        return (1 - z) * n + z * hidden, {"reset": r, "update": z, "candidate": n}


def make(name):
    torch.manual_seed(0)
    if name == "LSTM":
        return nn.LSTM(FEATURES, UNITS)
    if name.startswith("GRU"):
        return nn.GRU(FEATURES, UNITS)
    return nn.RNN(FEATURES, UNITS, nonlinearity=name.split()[1])


def data():
    torch.manual_seed(1)
    shape = STEPS, len(LENGTHS)
    x = torch.randn(*shape, FEATURES)
    probe = torch.randn(*shape, UNITS)
    mask = torch.arange(STEPS)[:, None] < LENGTHS
    return x, mask, probe * mask[..., None]


def swap(rows, name):
    """Between torch's reset, update, candidate and Keras's update, reset, candidate; LSTMs agree."""
    if not name.startswith("GRU"):
        return rows
    reset, update, candidate = rows.chunk(3, 0)
    return torch.cat([update, reset, candidate])


def weights_of(layer):
    return rv.Weights(
        *(getattr(layer, f"{part}_l0") for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    )


def to_keras(weights, name):
    """The correspondence that `rnnviz.steps.Weights` documents."""
    ih, hh, bias_ih, bias_hh = (swap(rows.detach(), name) for rows in list(vars(weights).values())[:4])
    bias = torch.stack([bias_ih, bias_hh]) if name == "GRU" else bias_ih + bias_hh
    return [ih.T, hh.T, bias]


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    """What Keras gives for every layer and precision, by (layer, precision)."""
    folder = tmp_path_factory.mktemp("keras")
    cases = {}
    x, mask, probe = data()
    for name, (layer, options) in LAYERS.items():
        weights = to_keras(weights_of(make(name)), name)
        cases[f"{name}/about"] = json.dumps({"layer": layer, "options": options, "weights": len(weights)})
        cases |= {f"{name}/weight_{index}": weight.numpy() for index, weight in enumerate(weights)}
        for array, values in (("x", x), ("mask", mask), ("probe", probe)):
            cases[f"{name}/{array}"] = values.transpose(0, 1).contiguous().numpy()
    np.savez(folder / "cases.npz", **cases)
    environment = {**os.environ, "KERAS_BACKEND": "torch", "KERAS_HOME": str(folder), "OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("keras_layers.py")
    done = subprocess.run(
        [sys.executable, script, folder / "cases.npz", folder / "results.npz"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = {}
    for key, array in np.load(folder / "results.npz").items():
        case, what = key.split("/")
        results.setdefault(case, {})[what] = torch.from_numpy(array)
    return results


def record(name):
    """Our recording of the same step, padded sequences packed."""
    layer = make(name)
    x, _, probe = data()
    packed = pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    with rv.record(layer) as trace:
        output, _ = layer(packed)
        (nn.utils.rnn.pad_packed_sequence(output)[0] * probe).sum().backward()
    return trace["l0"]


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "GRU, reset before"])
def test_states_and_gradients_agree_where_the_definitions_do(keras, name):
    theirs, layer, mask = keras[name], record(name), data()[1]
    inside = mask.T[..., None]
    hidden = layer.hidden.transpose(0, 1)
    torch.testing.assert_close(theirs["hidden"] * inside, hidden, **CLOSE)
    last = (LENGTHS - 1, torch.arange(len(LENGTHS)))
    torch.testing.assert_close(theirs["final_0"], layer.hidden[last], **CLOSE)
    if name == "LSTM":
        torch.testing.assert_close(theirs["cell"] * inside, layer.cell.transpose(0, 1), **CLOSE)
        torch.testing.assert_close(theirs["final_1"], layer.cell[last], **CLOSE)
    # Per step on our side, in one sum on theirs.
    parts = vars(flow.weight_contributions(layer))
    ours = to_keras(rv.Weights(**{part: None if v is None else v.sum(0) for part, v in parts.items()}), name)
    if name != "GRU":  # one bias there, and the same gradient for both of ours
        ours[2] = ours[2] / 2
    for index, gradient in enumerate(ours):
        # A sum over all steps and sequences.
        torch.testing.assert_close(theirs[f"gradient_{index}"], gradient, rtol=0, atol=1e-5)


def test_reset_before_the_product_is_another_function(keras):
    """No choice of weights makes torch's GRU out of it; as a cell of your own it is recorded exactly."""
    theirs, (x, mask, _) = keras["GRU, reset before"], data()
    torchs = record("GRU")
    inside = mask.T[..., None]
    assert (theirs["hidden"] * inside - torchs.hidden.transpose(0, 1)).abs().max() > 1e-3
    with rv.record(cell := ResetBefore(torchs.weights)) as trace:
        cell(x)
    ours = trace["cell"].hidden.transpose(0, 1)
    torch.testing.assert_close(theirs["hidden"] * inside, ours * inside, **CLOSE)


def test_keras_repeats_the_last_state_in_the_padding_where_we_have_zero(keras):
    theirs, layer = keras["LSTM"]["hidden"], record("LSTM")
    for sequence, length in enumerate(LENGTHS.tolist()):
        repeated = theirs[sequence, length - 1].expand(STEPS - length, UNITS)
        assert torch.equal(theirs[sequence, length:], repeated)
        assert not layer.hidden[length:, sequence].any()
