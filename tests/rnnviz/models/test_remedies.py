"""RemedyNet: without remedies it is torch's RNN, each remedy does what it says, and the gradients are autograd's."""

from __future__ import annotations

import pytest
import torch

from rnnviz.data import AddingProblem
from rnnviz.models import RemedyNet, RemedySettings, measure_remedies
from rnnviz.models.remedies import BEGINNINGS


def batch(steps: int = 12, size: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = AddingProblem(steps, size)(torch.Generator().manual_seed(0))
    return inputs.double(), targets.double()


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("how", list(BEGINNINGS))
def test_it_is_torchs_rnn(activation: str, how: str) -> None:
    net = RemedyNet(RemedySettings(how, activation), units=7).double()
    layer = torch.nn.RNN(2, 7, nonlinearity=activation).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(net.weight_ih)
        layer.weight_hh_l0.copy_(net.weight_hh)
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
    inputs, _ = batch()
    answer, states = net.run(inputs)
    expected, _ = layer(inputs)
    assert torch.allclose(torch.stack(states), expected, atol=1e-12)
    assert torch.equal(answer, states[-1] @ net.weight_ho.T + net.bias_o)


def test_layer_norm_is_torchs() -> None:
    net = RemedyNet(RemedySettings(normalisation="layer"), units=7).double()
    inputs, _ = batch()
    _, states = net.run(inputs)
    before = inputs[1] @ net.weight_ih.T + states[0] @ net.weight_hh.T
    expected = torch.tanh(torch.nn.functional.layer_norm(before, (7,), net.gain, net.bias_h, 1e-5))
    assert torch.allclose(states[1], expected, atol=1e-12)


def test_batch_norm_is_torchs() -> None:
    net = RemedyNet(RemedySettings(normalisation="batch"), units=7).double()
    inputs, _ = batch()
    _, states = net.run(inputs)
    before = inputs[1] @ net.weight_ih.T + states[0] @ net.weight_hh.T
    expected = torch.nn.functional.batch_norm(
        before, None, None, net.gain, net.bias_h, training=True, eps=1e-5
    )
    assert torch.allclose(states[1], torch.tanh(expected), atol=1e-12)


def test_the_norms_are_autograds() -> None:
    net = RemedyNet(RemedySettings("orthogonal"), units=7).double()
    inputs, targets = batch()
    norms, left = measure_remedies(net, inputs, targets)
    answer, states = net.run(inputs)
    for state in states:
        state.retain_grad()
    (answer - targets).square().mean().backward()
    assert torch.allclose(norms, torch.stack([state.grad.norm() for state in states]), rtol=1e-10)
    assert left == 1.0


def test_measuring_leaves_the_net_as_it_is() -> None:
    net = RemedyNet(RemedySettings(), units=7)
    measure_remedies(net, *batch())
    assert all(weight.dtype == torch.float32 and weight.grad is None for weight in net.parameters())


def test_clipping_scales_every_step_alike() -> None:
    inputs, targets = batch()
    settings = RemedySettings("identity", "relu")
    free, _ = measure_remedies(RemedyNet(settings, units=7), inputs, targets)
    clipped, left = measure_remedies(
        RemedyNet(RemedySettings("identity", "relu", clip=0.01), units=7), inputs, targets
    )
    assert 0 < left < 1
    assert torch.allclose(clipped, left * free)


def test_truncation_ends_the_gradient_and_not_the_state() -> None:
    inputs, targets = batch()
    whole, cut = (RemedyNet(RemedySettings("orthogonal", truncate=k), units=7).double() for k in (0, 4))
    assert torch.equal(whole(inputs), cut(inputs))
    full, _ = measure_remedies(whole, inputs, targets)
    short, _ = measure_remedies(cut, inputs, targets)
    assert torch.equal(short[:8], torch.zeros(8, dtype=torch.float64))
    assert torch.allclose(short[8:], full[8:])


def test_unknown_values_are_refused() -> None:
    with pytest.raises(ValueError, match="activation is 'sine'; choose one of 'tanh', 'relu'"):
        RemedySettings(activation="sine")
    with pytest.raises(ValueError, match="truncate is -1"):
        RemedySettings(truncate=-1)
