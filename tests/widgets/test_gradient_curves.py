"""Gradient curves: the numbers against the recorder's and autograd's, what is sent, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.analysis.flow import spectral_radius
from rnnviz_widgets.fresh_cells import (
    CELLS,
    INITIALISATIONS,
    Settings,
    draw_task,
    draw_weights,
    measure_gradients,
)


def values(widget: rw.GradientCurves, name: str, quantity: str = "hidden") -> np.ndarray[Any, Any]:
    curve = next(curve for curve in widget.curves if curve["name"] == name)
    size = curve["steps"] * curve["sequences"]
    numbers = np.frombuffer(widget.data)[curve[quantity] :][:size]
    return numbers.reshape(curve["steps"], curve["sequences"])


def ask(widget: rw.GradientCurves, number: int, **settings: object) -> None:
    widget._handle_custom_msg({"kind": "compute", "number": number, "settings": settings}, [])


def as_module(cell: str, settings: Settings) -> nn.RNNBase:
    """Make torch's own module with the weights of a fresh cell."""
    choice = {"RNN": {"nonlinearity": settings.activation}, "IRNN": {"nonlinearity": "relu"}}.get(cell, {})
    kind = getattr(nn, "RNN" if cell == "IRNN" else cell)
    layer: nn.RNNBase = kind(1, settings.units, dtype=torch.float64, **choice)
    weights = vars(draw_weights(cell, settings))
    layer.load_state_dict({f"{name}_l0": value for name, value in weights.items() if value is not None})
    return layer


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("cell", CELLS)
def test_fresh_cells_agree_with_the_recorder_and_with_autograd(cell: str, activation: str) -> None:
    settings = Settings(steps=12, units=5, activation=activation, spectral_radius=1.1, seed=3)
    norms = measure_gradients(cell, settings)

    layer = as_module(cell, settings)
    x, direction = draw_task(12, 5, 3)
    with rv.record(layer) as trace:
        output, _ = layer(x)
        (output[-1] * direction).sum().backward()
    torch.testing.assert_close(norms.hidden, trace["l0"].grad_norm, rtol=1e-12, atol=0)
    assert float(norms.hidden[-1, 0]) == pytest.approx(1.0, rel=1e-12)
    if cell == "LSTM":
        assert norms.cell is not None
        torch.testing.assert_close(norms.cell, trace["l0"].grad_cell.norm(dim=-1), rtol=1e-12, atol=0)
    # And without any code of ours: the gradient of the loss when h_t is cut off and set free.
    with torch.no_grad():
        _, state = layer(x[:6])
    free = tuple(part.clone() for part in state) if cell == "LSTM" else state.clone()
    first = (free[0] if cell == "LSTM" else free).requires_grad_(True)
    rest, _ = layer(x[6:], (first, free[1]) if cell == "LSTM" else first)
    (gradient,) = torch.autograd.grad((rest[-1] * direction).sum(), first)
    assert float(gradient.norm()) == pytest.approx(float(norms.hidden[5, 0]), rel=1e-10)


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_gates_matrix_has_the_spectral_radius_asked_for(cell: str, initialisation: str) -> None:
    weights = draw_weights(cell, Settings(units=16, spectral_radius=0.7, initialisation=initialisation))
    for block in weights.weight_hh.split(16):
        assert float(spectral_radius(block)) == pytest.approx(0.7, rel=1e-9)
        if initialisation == "orthogonal" and cell != "IRNN":
            torch.testing.assert_close(block @ block.T, 0.49 * torch.eye(16, dtype=torch.float64))


def test_fresh_cells_leave_torchs_random_numbers_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    rw.GradientCurves(steps=20, units=8)
    assert torch.equal(torch.rand(3), expected)


def test_a_gradient_stays_below_its_bound() -> None:
    norms = measure_gradients("RNN", Settings(steps=40, spectral_radius=0.9, initialisation="orthogonal"))
    assert norms.growth == pytest.approx(0.9)
    bound = 0.9 ** torch.arange(39, -1, -1.0, dtype=torch.float64)
    assert bool((norms.hidden[:, 0] <= bound * (1 + 1e-9)).all())


def test_setting_an_option_recomputes() -> None:
    widget = rw.GradientCurves(cells=("RNN", "LSTM"), steps=30, units=8)
    before = values(widget, "RNN").copy()
    widget.spectral_radius = 0.2
    assert values(widget, "RNN")[0, 0] < 1e-6 * before[0, 0]
    widget.steps = 11
    assert values(widget, "LSTM", "cell").shape == (11, 1)
    assert [curve["cell"] is None for curve in widget.curves] == [True, False]


def test_the_page_gets_one_message_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = rw.GradientCurves(steps=20, units=8)
    states: list[set[str]] = []
    monkeypatch.setattr(widget, "send_state", lambda key=None: states.append(set(key or ())))
    ask(widget, 7, spectral_radius=1.5, steps=25, activation="relu")
    assert widget.answered == 7
    assert (widget.spectral_radius, widget.steps, widget.activation) == (1.5, 25, "relu")
    assert len(states) == 1
    assert {"data", "curves", "answered", "steps"} <= states[0]
    assert values(widget, "RNN").shape == (25, 1)


def test_a_refused_request_is_answered_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = rw.GradientCurves(steps=20, units=8)
    sent: list[Any] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    ask(widget, 3, steps=100_000)
    assert sent[0]["kind"] == "error"
    assert sent[0]["number"] == 3
    assert "steps" in sent[0]["message"]
    assert widget.answered == 0
    ask(widget, 4, steps=30)
    assert widget.answered == 4


def test_recorded_models_are_shown_as_they_ran() -> None:
    torch.manual_seed(0)
    lstm, rnn = nn.LSTM(3, 8, num_layers=2), nn.RNN(3, 4)
    x = torch.randn(9, 2, 3)
    with rv.record(lstm) as deep:
        lstm(x)[0][-1].sum().backward()
    with rv.record(rnn) as plain:
        rnn(x)[0].sum().backward()
    widget = rw.GradientCurves({"LSTM": deep, "RNN": plain["l0"]})
    assert [curve["name"] for curve in widget.curves] == ["LSTM l0", "LSTM l1", "RNN"]
    np.testing.assert_array_equal(values(widget, "LSTM l1"), deep["l1"].grad_norm.double().numpy())
    np.testing.assert_array_equal(
        values(widget, "LSTM l0", "cell"), deep["l0"].grad_cell.norm(dim=-1).double().numpy()
    )
    assert widget.cells == []
    assert [curve["growth"] for curve in widget.curves] == [None] * 3
    assert [curve["name"] for curve in rw.GradientCurves(plain).curves] == ["l0"]


def test_padding_is_told_from_a_gradient_of_zero() -> None:
    torch.manual_seed(0)
    gru = nn.GRU(2, 3)
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(5, 2, 2), torch.tensor([5, 3]))
    with rv.record(gru) as trace:
        gru(packed)[1].sum().backward()
    (curve,) = rw.GradientCurves({"GRU": trace}).curves
    assert curve["lengths"] == [5, 3]


def test_the_figure_for_plotly_holds_the_same_numbers() -> None:
    widget = rw.GradientCurves(cells=("RNN", "LSTM"), steps=15, units=4)
    figure = widget.figure()
    assert [trace.name for trace in figure.data] == ["RNN", "LSTM"]
    np.testing.assert_array_equal(figure.data[0].y, values(widget, "RNN")[:, 0])
    assert figure.layout.yaxis.type == "log"
    widget.quantity = "cell"
    assert [trace.name for trace in widget.figure().data] == ["LSTM"]


def test_reprs_are_the_same_on_every_run() -> None:
    assert repr(rw.GradientCurves(steps=20)) == (
        "GradientCurves(curves=['RNN', 'IRNN', 'GRU', 'LSTM'], steps=20, units=32)"
    )


def test_plotlys_script_does_not_travel_with_the_widget() -> None:
    state = rw.GradientCurves(steps=20).get_state()
    assert len(state["_esm"]) < 80_000
    assert sum(len(str(value)) for value in state.values()) < 300_000


def recorded(backward: bool = True) -> rv.Trace:
    rnn = nn.RNN(1, 2)
    with rv.record(rnn) as trace:
        output, _ = rnn(torch.zeros(3, 1, 1))
        if backward:
            output.sum().backward()
    return trace


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: rw.GradientCurves(cells=("RNN", "GPU")), ValueError, "choose one or more of 'RNN', 'IRNN'"),
        (lambda: rw.GradientCurves(cells=()), ValueError, "choose one or more"),
        (lambda: rw.GradientCurves(cells=("RNN", "RNN")), ValueError, "each once"),
        (lambda: rw.GradientCurves(recorded(backward=False)), ValueError, r"Call loss.backward\(\) after"),
        (
            lambda: rw.GradientCurves({"mine": nn.RNN(1, 2)}),
            TypeError,
            "'mine' is a RNN; .* what was recorded",
        ),
        (lambda: rw.GradientCurves(recorded(), steps=5), TypeError, "a setting of fresh cells"),
        (lambda: rw.GradientCurves({str(k): recorded() for k in range(13)}), ValueError, "at most 12"),
        (lambda: rw.GradientCurves(recorded(), labels=[["a"]]), ValueError, "Labels were given for 1 seq"),
        (lambda: rw.GradientCurves(labels=[["a"]]), TypeError, "fresh cells read random numbers"),
        (lambda: rw.GradientCurves(step=5), TypeError, "no option 'step'. Did you mean 'steps'"),
        (lambda: rw.GradientCurves(steps=1), traitlets.TraitError, "steps"),
        (lambda: rw.GradientCurves(initialisation="He"), traitlets.TraitError, "initialisation"),
        (lambda: rw.GradientCurves(cursor=1), traitlets.TraitError, "takes an rnnviz_widgets.Cursor"),
        (lambda: rw.GradientCurves(spectral_radius=math.nan), traitlets.TraitError, "spectral_radius is nan"),
        (lambda: rw.GradientCurves(forget_bias=math.nan), traitlets.TraitError, "forget_bias is nan"),
    ],
)
def test_refusals_say_what_to_do(build: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build()


def test_labels_go_to_the_page() -> None:
    curves = rw.GradientCurves(recorded(), labels=[["x", "y", "z"]])
    assert curves.labels == [["x", "y", "z"]]
