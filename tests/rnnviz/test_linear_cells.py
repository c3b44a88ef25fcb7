"""Cells that are linear in their state: a step, all steps at once, and what the range of their factors decides."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import rnnviz as rv
from rnnviz.data import Parity
from rnnviz.variants import LinearRecurrence, MinGRU

CELLS = {
    "positive": lambda **options: LinearRecurrence(3, 6, **options),
    "signed factors": lambda **options: LinearRecurrence(3, 6, factors="signed", **options),
    "complex": lambda **options: LinearRecurrence(3, 6, factors="complex", **options),
    "minGRU": lambda **options: MinGRU(3, 6, **options),
    "signed minGRU": lambda **options: MinGRU(3, 6, signed=True, **options),
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("steps", [1, 2, 37])
def test_all_steps_at_once_are_the_loop(name: str, steps: int) -> None:
    torch.manual_seed(0)
    cell = CELLS[name]().double()
    x = torch.randn(steps, 4, 3, dtype=torch.float64, requires_grad=True)
    initial = torch.randn(4, 6, dtype=torch.float64)
    slow, slow_final = cell(x, initial)
    fast, fast_final = cell.scan(x, initial)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-12)
    torch.testing.assert_close(fast_final, slow_final, rtol=0, atol=1e-12)
    weight = torch.randn_like(slow)
    for one, other in zip(
        torch.autograd.grad((slow * weight).sum(), [x, *cell.parameters()]),
        torch.autograd.grad((fast * weight).sum(), [x, *cell.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(other, one, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", CELLS)
def test_layouts_are_those_of_every_cell(name: str) -> None:
    cell = CELLS[name](batch_first=True)
    x = torch.randn(4, 9, 3)
    output, final = cell.scan(x)
    torch.testing.assert_close(output, cell(x)[0])
    assert final.shape == (4, 6)
    alone, last = cell.scan(x[0])
    assert alone.shape == (9, 6)
    torch.testing.assert_close(last, final[0])
    with pytest.raises(ValueError, match="it expects"):
        cell.scan(torch.zeros(4, 9, 2))
    with pytest.raises(RuntimeError, match="at least one"):
        cell.scan(torch.zeros(4, 0, 3))


def by_hand(cell: LinearRecurrence, x: Tensor) -> Tensor:
    """Sum what each earlier input left: h_t = Σ λ^(t-s) γ (B x_s + b), for one sequence."""
    factor = cell.factor().detach()
    read = cell.from_input(x).detach()
    if cell.factors == "complex":
        read = torch.complex(*read.chunk(2, -1))
    read = (1 - factor.abs() ** 2).sqrt() * read
    found = torch.stack([sum(factor ** (t - s) * read[s] for s in range(t + 1)) for t in range(len(x))])
    return torch.cat([found.real, found.imag], -1) if cell.factors == "complex" else found


@pytest.mark.parametrize("factors", ["positive", "signed", "complex"])
def test_the_state_is_the_sum_of_faded_inputs(factors: str) -> None:
    torch.manual_seed(1)
    cell = LinearRecurrence(2, 8, factors=factors, shortest=2, longest=50).double()
    x = torch.randn(12, 2, dtype=torch.float64)
    torch.testing.assert_close(cell.scan(x)[0].detach(), by_hand(cell, x), rtol=0, atol=1e-12)
    size = cell.factor().detach().abs()
    assert float(size.min()) == pytest.approx(torch.tensor(-1 / 2).exp().item(), abs=1e-5)
    assert float(size.max()) == pytest.approx(torch.tensor(-1 / 50).exp().item(), abs=1e-5)
    assert bool((cell.factor().real < 0).any()) == (factors != "positive")


def test_noise_gives_states_of_like_size() -> None:
    """γ makes up for how long each unit sums."""
    torch.manual_seed(2)
    cell = LinearRecurrence(1, 8, shortest=1, longest=30)
    with torch.no_grad():
        cell.from_input.weight.fill_(1)
        cell.from_input.bias.zero_()
        deviation = cell.scan(torch.randn(4000, 4, 1))[0][500:].std((0, 1))
    assert 0.8 < float(deviation.min()) < float(deviation.max()) < 1.2


def test_they_are_recorded_like_any_cell() -> None:
    cell = MinGRU(3, 6)
    with rv.record(cell) as trace:
        cell(torch.randn(5, 2, 3))[0].square().sum().backward()
    layer = trace["cell"]
    assert set(layer.gates) == {"update", "candidate"}
    assert layer.grad_norm.shape == (5, 2)


@pytest.mark.parametrize(("signed", "least", "most"), [(False, 0.35, 0.5), (True, 0.0, 0.005)])
def test_only_a_state_that_can_turn_its_sign_learns_parity(signed: bool, least: float, most: float) -> None:
    torch.manual_seed(0)
    cell, head = MinGRU(1, 16, signed=signed), nn.Linear(16, 2)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=0.01)
    chance = torch.Generator().manual_seed(0)
    for _ in range(450):
        inputs, odd = Parity(24, 64)(chance)
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(cell.scan(inputs)[0]).flatten(0, 1), odd.flatten()).backward()
        nn.utils.clip_grad_norm_(cell.parameters(), 1.0)
        optimizer.step()
    inputs, odd = Parity(24, 500)(chance)
    error = float((head(cell.scan(inputs)[0]).argmax(-1) != odd).float().mean())
    assert least <= error <= most


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factors": "real"}, r"factors is 'real'; it must be \"positive\""),
        ({"factors": "complex"}, "hidden_size is 5; complex units are pairs"),
        ({"shortest": 0.0}, "shortest is 0"),
        ({"shortest": 9.0, "longest": 3.0}, "shortest is 9"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LinearRecurrence(1, 5, **options)
