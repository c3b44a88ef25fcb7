"""The dropout map from Python's side."""

from __future__ import annotations

import pytest
import torch
import traitlets

import rnnviz as rv
import rnnviz_widgets as rw


def record() -> rv.Trace:
    lstm = torch.nn.LSTM(3, 8, num_layers=2)
    with rv.record(lstm) as trace:
        lstm(torch.randn(6, 2, 3))
    return trace


def test_it_shows_the_first_layer_unless_another_is_named() -> None:
    trace = record()
    assert repr(rw.DropoutMap(trace)) == "DropoutMap(layer='l0', keep=0.5, steps=6, units=8)"
    assert rw.DropoutMap(trace, layer="l1", keep=0.8).layer == "l1"


def test_what_does_not_fit_is_refused() -> None:
    trace = record()
    with pytest.raises(KeyError, match="no layer 'l2'"):
        rw.DropoutMap(trace, layer="l2")
    with pytest.raises(traitlets.TraitError):
        rw.DropoutMap(trace, keep=0)
    with pytest.raises(TypeError, match="Did you mean 'keep'"):
        rw.DropoutMap(trace, kep=0.5)
