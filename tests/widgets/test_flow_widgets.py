"""The maps of flow and the spectrum: the page gets what `rnnviz.flow` computes, and bad wishes are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz.analysis.flow
import rnnviz_widgets as rw
from rnnviz_widgets import spectrum


def record_layer(kind: type[nn.RNNBase] = nn.GRU, backward: bool = True, batch: int = 2) -> rv.Trace:
    torch.manual_seed(1)
    layer = kind(3, 6)
    with rv.record(layer) as trace:
        y, _ = layer(torch.randn(9, batch, 3))
        if backward:
            y.square().sum().backward()
    return trace


def take(widget: Any, entry: dict[str, Any]) -> np.ndarray:
    data = np.frombuffer(widget.data, dtype=np.float32)
    return data[entry["offset"] :][: int(np.prod(entry["shape"]))].reshape(entry["shape"])


@pytest.mark.parametrize(
    ("of", "compute"), [("gradient", rnnviz.flow.gradient_flow), ("influence", rnnviz.flow.influence)]
)
def test_the_map_is_the_flow(of: str, compute: Any) -> None:
    trace = record_layer()
    widget = rw.GradientFlow(trace, of=of)
    sent = take(widget, widget.map)
    np.testing.assert_allclose(sent, compute(trace["l0"]).permute(2, 0, 1).numpy(), rtol=1e-6)
    # what happens later asks nothing of, and owes nothing to, what came before the other way round
    assert not np.triu(sent, 1).any()
    assert (np.diagonal(sent, axis1=1, axis2=2) > 0).all()


def test_without_a_backward_pass_the_map_is_influence() -> None:
    assert rw.GradientFlow(record_layer()).of == "gradient"
    widget = rw.GradientFlow(record_layer(backward=False))
    assert repr(widget) == "GradientFlow(layer='l0', of='influence', steps=9, sequences=2)"


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_the_spectrum_is_that_of_the_jacobians(kind: type[nn.RNNBase]) -> None:
    trace = record_layer(kind)
    widget = rw.Spectrum(trace)
    jacobians = rnnviz.flow.jacobians(trace["l0"], of="state").double()
    pairs = take(widget, widget.arrays["eigenvalues"])
    assert pairs.shape == (2, 9, 12 if kind is nn.LSTM else 6, 2)
    for step in range(9):
        own = np.sort(np.hypot(*pairs[1, step].T))
        np.testing.assert_allclose(own, np.sort(np.abs(np.linalg.eigvals(jacobians[step, 1]))), atol=1e-5)
        singular = np.linalg.svd(jacobians[step, 1], compute_uv=False)
        np.testing.assert_allclose(take(widget, widget.arrays["singular"])[1, step], singular, atol=1e-5)
    norm, bound = take(widget, widget.arrays["norm"]), take(widget, widget.arrays["bound"])
    assert (norm <= bound * (1 + 1e-4)).all()
    product = np.linalg.multi_dot([jacobians[t, 0].numpy() for t in reversed(range(9))])
    np.testing.assert_allclose(norm[0, -1], np.linalg.norm(product, 2), rtol=1e-3)


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: rw.GradientFlow(record_layer(), of="speed"), ValueError, "shows 'gradient' or 'influence'"),
        (lambda: rw.GradientFlow(record_layer(backward=False), of="gradient"), RuntimeError, "backward"),
        (lambda: rw.GradientFlow(record_layer(), layer="l3"), KeyError, "no layer 'l3'"),
        (lambda: rw.GradientFlow(record_layer(), labels=[["a"]]), ValueError, "one label a step"),
        (lambda: rw.Spectrum(record_layer(), layr="l0"), TypeError, "Did you mean 'layer'"),
    ],
)
def test_refusals_say_what_to_do(build: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build()


def test_too_many_jacobians_are_refused_before_they_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrum, "LARGEST", 10)
    with pytest.raises(ValueError, match=r"18 Jacobians of 6 × 6.*Record fewer sequences"):
        rw.Spectrum(record_layer())


def test_work_of_minutes_and_values_without_a_spectrum_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lstm = torch.nn.LSTM(2, 3)
    with rv.record(lstm) as trace:
        lstm(torch.full((4, 1, 2), torch.nan))
    with pytest.raises(ValueError, match="not finite numbers, so there is no spectrum"):
        rw.Spectrum(trace)
    monkeypatch.setattr(spectrum, "MOST_WORK", 10)
    with pytest.raises(ValueError, match="would take minutes"):
        rw.Spectrum(record_layer())


def test_a_map_larger_than_a_page_is_refused_before_it_is_computed() -> None:
    gru = torch.nn.GRU(1, 2)
    with torch.no_grad(), rv.record(gru) as trace:
        gru(torch.zeros(5000, 1, 1))
    with pytest.raises(ValueError, match="5000 steps make a map of 5,000 × 5,000"):
        rw.GradientFlow(trace)
