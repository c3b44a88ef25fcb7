"""The stages of the LSTM: each its equation, trainable, recorded; the last one equal to torch's."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

import rnnviz as rv
from rnnviz.models import STAGES, AddingCell, ForgetGateCell, OutputGateCell, SquashedCell, Stage
from rnnviz.training import train

X = torch.randn(9, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.double)


def make(stage: type[Stage], **options: float) -> Stage:
    torch.manual_seed(1)
    return stage(4, 5, **options).double()  # type: ignore[arg-type]


def write_out(cell: Stage, squash: bool = False) -> Tensor:
    """The stages once more, by what they have."""
    rows = {name: slice(5 * k, 5 * k + 5) for k, name in enumerate(cell.gates)}
    h = c = X.new_zeros(3, 5)
    states = []
    for x in X:
        z = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
        gate = {name: z[:, place].sigmoid() for name, place in rows.items()}
        c = gate.get("forget", 1.0) * c + gate.get("input", 1.0) * z[:, rows["candidate"]].tanh()
        c = c.tanh() if squash else c
        h = gate.get("output", 1.0) * (c if squash else c.tanh())
        states.append(h)
    return torch.stack(states)


@pytest.mark.parametrize("stage", [*STAGES.values(), SquashedCell])
def test_each_stage_is_its_equation(stage: type[Stage]) -> None:
    cell = make(stage)
    torch.testing.assert_close(cell(X)[0], write_out(cell, stage is SquashedCell), rtol=0, atol=1e-14)


def test_the_last_stage_is_the_lstm() -> None:
    """With the same weights: outputs, states, and the gradients of weights and inputs."""
    cell = make(OutputGateCell)
    lstm = nn.LSTM(4, 5).double()
    lstm.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    results = []
    for model in (cell, lstm):
        x = X.clone().requires_grad_()
        output, (h, c) = model(x)
        (output.square().sum() + c.sum()).backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        results.append([output, h.reshape(3, 5), c.reshape(3, 5), x.grad, *gradients])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("stage", STAGES.values())
def test_a_gate_that_is_absent_stands_open(stage: type[Stage]) -> None:
    cell = make(stage)
    torch.testing.assert_close(cell.to_lstm()(X)[0], cell(X)[0], rtol=0, atol=1e-14)
    single = cell.float()
    torch.testing.assert_close(single.to_lstm()(X.float())[0], single(X.float())[0], rtol=0, atol=1e-6)


def test_held_at_one_the_lstm_is_the_first_stage() -> None:
    cell = make(AddingCell)
    torch.manual_seed(4)
    lstm = nn.LSTM(4, 5).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(lstm, f"{name}_l0")[10:15] = getattr(cell, name)
    with (
        rv.intervene(lstm, gate="input", value=1.0),
        rv.intervene(lstm, gate="forget", value=1.0),
        rv.intervene(lstm, gate="output", value=1.0),
    ):
        output, _ = lstm(X)
    torch.testing.assert_close(output, cell(X)[0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("stage", [*STAGES.values(), SquashedCell])
def test_each_stage_is_recorded_with_its_gates_and_gradients(stage: type[Stage]) -> None:
    cell = make(stage)
    with rv.record(cell) as trace:
        output, _ = cell(X)
        output[-1].sum().backward()
    layer = trace["cell"]
    assert set(layer.gates) == set(cell.gates)
    assert layer.kind == ("LSTM" if stage is OutputGateCell else stage.__name__)
    assert layer.grad_cell.shape == layer.cell.shape == (9, 3, 5)
    assert layer.grad_norm.gt(0).all()


@pytest.mark.parametrize("stage", [*STAGES.values(), SquashedCell])
def test_each_stage_learns(stage: type[Stage]) -> None:
    torch.manual_seed(0)
    cell = stage(1, 6)
    model = nn.Sequential(cell, Last(), nn.Linear(6, 1))
    x = torch.randn(5, 40, 1)
    losses = [
        step.loss for step in train(model, lambda generator: (x, x.sum(0)), learning_rate=0.02, steps=150)
    ]
    assert losses[-1] < 0.2 * losses[0]


class Last(nn.Module):
    def forward(self, result: tuple[Tensor, object]) -> Tensor:
        return result[0][-1]


def test_forget_biases() -> None:
    low, high = make(ForgetGateCell), make(ForgetGateCell, forget_bias=2.0)
    change = high.bias_ih - low.bias_ih
    assert change.tolist() == pytest.approx([2.0] * 5 + [0.0] * 5)
    with pytest.raises(ValueError, match="no forget gate"):
        AddingCell(2, 3, forget_bias=1.0)
    with pytest.raises(TypeError, match="squashes"):
        SquashedCell(2, 3).to_lstm()


def test_a_squashed_sum_loses_the_gradient_that_an_lstm_keeps() -> None:
    """With open forget gates the LSTM's ∂L/∂c stays as it is; the slope of tanh makes the other's fall."""
    left = {}
    for stage in (OutputGateCell, SquashedCell):
        cell = make(stage, forget_bias=9.0)
        x = torch.randn(60, 1, 4, dtype=torch.double, generator=torch.Generator().manual_seed(1))
        with rv.record(cell) as trace:
            _, (_, c) = cell(x)
            c.sum().backward()
        sizes = trace["cell"].grad_cell.norm(dim=-1)[:, 0]
        left[stage] = float(sizes[0] / sizes[-1])
    assert left[OutputGateCell] > 0.1
    assert left[SquashedCell] < 1e-3 * left[OutputGateCell]


def test_names_agree() -> None:
    gates = [stage.gates for stage in STAGES.values()]
    assert all(set(one) < set(other) for one, other in itertools.pairwise(gates))
