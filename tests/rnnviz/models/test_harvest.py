"""A reservoir's states: computed in place, they are the equation's; with gradients, autograd's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad

from rnnviz.models import EchoStateNetwork
from rnnviz.models.harvest import Recurrence, harvest


def make(seed: int = 0, **options: Any) -> EchoStateNetwork:
    return EchoStateNetwork(options.pop("units", 12), 2, spectral_radius=0.9, seed=seed, **options)


def noise(steps: int = 20, batch: int = 1) -> Tensor:
    return torch.randn(steps, batch, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def steps_of(network: EchoStateNetwork, inputs: Tensor, state: Tensor) -> Iterator[Tensor]:
    for x in inputs:
        drive = network.input_scale * x @ network.weight_ih.T + network.bias
        fresh = drive + network.spectral_radius * state @ network.weight_hh.T
        if network.nonlinearity == "tanh":
            fresh = fresh.tanh()
        state = (1 - network.leak) * state + network.leak * fresh
        yield state


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("leak", [0.3, 1.0])
@pytest.mark.parametrize(
    "options", [{}, {"nonlinearity": "linear"}, {"density": 0.3}, {"units": 400, "density": 0.05}]
)
def test_states_in_place_and_with_gradients_are_the_equation(
    batch: int, leak: float, options: dict[str, Any]
) -> None:
    network, x = make(leak=leak, **options), noise(batch=batch)
    assert (network._recurrence().sparse is not None) == (network.units == 400)
    start = torch.full((batch, network.units), 0.2, dtype=torch.float64)
    wanted = torch.stack(list(steps_of(network, x, start)))
    states, last = network(x, start)
    followed, last_followed = network(x.clone().requires_grad_(), start)
    assert followed.requires_grad
    assert not states.requires_grad
    for found in (states, followed):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    for found in (last, last_followed):
        torch.testing.assert_close(found, wanted[-1], rtol=0, atol=1e-12)
    # What was given is as it was.
    assert torch.equal(x, noise(batch=batch))
    assert (start == 0.2).all()


def test_gradients_reach_input_state_and_weights() -> None:
    network = make(units=4, leak=0.5)
    network.weight_hh.requires_grad_()

    def run(x: Tensor, start: Tensor, weights: Tensor) -> Tensor:
        return torch.func.functional_call(network, {"weight_hh": weights}, (x, start))[0]  # type: ignore[no-any-return]

    x, start = noise(3).requires_grad_(), torch.full((1, 4), 0.1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(run, (x, start, network.weight_hh))
    with torch.no_grad():
        assert not network(x, start)[0].requires_grad


# torch scripts its rules for forward mode when they are first used.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_transforms_and_forward_mode_see_the_states() -> None:
    network, x = make(leak=0.5), noise(6, batch=3)
    wanted = network(x)[0]
    mapped = torch.func.vmap(lambda one: network(one[:, None])[0][:, 0], in_dims=1, out_dims=1)(x)
    torch.testing.assert_close(mapped, wanted, rtol=0, atol=1e-12)
    direction = torch.ones_like(x)
    _, tangent = torch.func.jvp(lambda x: network(x)[0], (x,), (direction,))
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, direction)
        again = forward_ad.unpack_dual(network(dual)[0]).tangent
    apart = (network(x + 1e-6 * direction)[0] - network(x - 1e-6 * direction)[0]) / 2e-6
    torch.testing.assert_close(tangent, apart, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(again, tangent)


def test_the_last_state_does_not_hold_on_to_all() -> None:
    states, last = make()(noise())
    assert last.untyped_storage().nbytes() == last.nbytes
    states.zero_()
    assert last.abs().min() > 0


def test_single_precision_and_no_steps() -> None:
    network = make().float()
    states, _ = network(noise().float())
    assert states.dtype == torch.float32
    torch.testing.assert_close(states, make()(noise())[0].float(), rtol=0, atol=1e-5)
    start = torch.ones(1, 12)
    assert network(noise(0), start)[0].shape == (0, 1, 12)
    assert torch.equal(network(noise(0), start)[1], start)
    wanted = noise(0).requires_grad_()
    assert harvest(
        wanted @ network.weight_ih.T.double(), start.double(), Recurrence(torch.eye(12))
    ).shape == (
        0,
        1,
        12,
    )


def test_as_dense_as_asked_for_and_of_radius_one() -> None:
    network = EchoStateNetwork(300, density=0.1)
    assert network.weight_hh.count_nonzero() / 300**2 == pytest.approx(0.1, abs=0.005)
    assert torch.linalg.eigvals(network.weight_hh).abs().max() == pytest.approx(1)
    # Asked for nothing else, a reservoir is the one that it was before there were sparse ones.
    assert torch.equal(EchoStateNetwork(30, density=1.0).weight_hh, EchoStateNetwork(30).weight_hh)
    assert float(EchoStateNetwork(3).weight_hh[0, 0]) == pytest.approx(1.39847, abs=5e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"density": 0}, "density=0"),
        ({"density": 1.1}, r"density=1\.1"),
        ({"density": 0.5, "orthogonal": True}, "is 1 where W is to be orthogonal"),
        ({"units": 4, "density": 0.01}, "none of 4 units leads back to itself"),
    ],
)
def test_what_cannot_be_sparse_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(**options)


def test_a_state_of_another_batch_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 12\); it must be \(batch, unit\), here \(3, 12\)"):
        make()(noise(batch=3), torch.zeros(1, 12))
