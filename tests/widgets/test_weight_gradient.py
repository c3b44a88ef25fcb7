"""The sum over time steps: the page gets parts that add up to ``.grad``, and bad wishes are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw

STEPS = 7


def record_layer(module: nn.RNNBase) -> rv.Trace:
    torch.manual_seed(1)
    with rv.record(module) as trace:
        output, _ = module(torch.randn(STEPS, 2, 3))
        output[3:].square().sum().backward()
    return trace


def take(widget: Any, name: str) -> np.ndarray:
    entry = widget.parts[name]
    data = np.frombuffer(widget.data, dtype=np.float32)
    return data[entry["offset"] :][: int(np.prod(entry["shape"]))].reshape(entry["shape"])


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_parts_add_up_to_the_gradient(kind: type[nn.RNNBase], bidirectional: bool) -> None:
    module = kind(3, 4, num_layers=2, bidirectional=bidirectional)
    trace = record_layer(module)
    for layer in trace.layers:
        widget = rw.WeightGradient(trace, layer=layer)
        assert widget.reverse == layer.endswith("_reverse")
        for name in ("weight_hh", "weight_ih", "bias_hh"):
            grad = getattr(module, f"{name}_{layer}").grad.numpy()
            sent = take(widget, name)
            assert sent.shape[:3] == (STEPS, STEPS, len(grad))
            np.testing.assert_allclose(sent.sum((0, 1)).reshape(grad.shape), grad, rtol=2e-4, atol=2e-5)


def test_the_parts_within_a_piece_are_the_gradient_with_the_state_detached() -> None:
    """What the page adds up for "cut every 3 steps" is what training in pieces of 3 steps computes."""
    module = nn.GRU(3, 4)
    sent = take(rw.WeightGradient(record_layer(module)), "weight_hh")
    torch.manual_seed(1)
    x = torch.randn(STEPS, 2, 3)
    module.zero_grad()
    outputs, state = [], None
    for start in range(0, STEPS, 3):
        output, last = module(x[start : start + 3], state)
        outputs.append(output)
        state = last.detach()
    torch.cat(outputs)[3:].square().sum().backward()
    piece = np.arange(STEPS) // 3
    kept = sent * (piece[:, None] == piece)[:, :, None, None]
    np.testing.assert_allclose(kept.sum((0, 1)), module.weight_hh_l0.grad.numpy(), rtol=2e-4, atol=2e-5)


def test_what_it_says_of_itself() -> None:
    trace = record_layer(nn.LSTM(3, 4))
    widget = rw.WeightGradient(trace, weight="weight_ih", truncate=99, cut="back")
    assert repr(widget) == (
        "WeightGradient(layer='l0', weight='weight_ih', steps=7, rows=16, columns=3, truncate=7)"
    )
    assert widget.gates == ["input", "forget", "candidate", "output"]
    labelled = record_layer(nn.RNN(3, 4))
    assert rw.WeightGradient(labelled, labels=[list("abcdefg")] * 2).labels == []


def test_bad_wishes_are_refused() -> None:
    trace = record_layer(nn.RNN(3, 4, bias=False))
    for options, error, reason in (
        ({"weight": "weight"}, ValueError, "weight is 'weight'; it must be one of 'weight_hh'"),
        ({"cut": "often"}, ValueError, "cut is 'often'"),
        ({"truncate": 0}, ValueError, "truncate is 0"),
        ({"weight": "bias_hh"}, ValueError, "made without biases"),
        ({"layer": "l7"}, KeyError, "no layer 'l7'"),
        ({"labels": [["a"]]}, ValueError, "Labels were given"),
        ({"wieght": "weight_ih"}, TypeError, "Did you mean 'weight'"),
    ):
        with pytest.raises(error, match=reason):
            rw.WeightGradient(trace, **options)
    silent = nn.RNN(3, 4)
    with rv.record(silent) as unread:
        silent(torch.zeros(2, 1, 3))
    with pytest.raises(RuntimeError, match="no backward pass"):
        rw.WeightGradient(unread)


def test_a_recording_too_large_for_a_page_is_refused_before_anything_is_computed() -> None:
    large = nn.RNN(28, 150)
    with rv.record(large) as trace:
        large(torch.zeros(28, 1, 28))[0].sum().backward()
    with pytest.raises(ValueError, match=r"28 steps and has 26,850 weights.* 84 MB"):
        rw.WeightGradient(trace)
