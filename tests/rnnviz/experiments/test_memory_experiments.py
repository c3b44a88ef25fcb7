"""The experiments on lost gradients, at sizes of a second; their committed results, as a reader finds them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch

from rnnviz.experiments import EXPERIMENTS, adding_problem, forget_bias, memory_run, temporal_order
from rnnviz.experiments.results import read_results, read_rows, write_results
from rnnviz.experiments.table import Row
from rnnviz.models import SequenceRegressor


def test_a_short_adding_problem_is_solved_and_an_untrained_one_is_not() -> None:
    model = SequenceRegressor(2, 12, "lstm")
    run = memory_run.solve_adding(model, 8, learning_rate=0.01, updates=1500)
    assert run.solved_after is not None
    assert run.solved_after % 50 == 0
    assert run.error == run.best < 0.01
    run = memory_run.solve_adding(SequenceRegressor(2, 12), 8, learning_rate=1e-6, updates=50)
    assert run.solved_after is None


def test_a_training_that_diverges_is_not_solved() -> None:
    model = SequenceRegressor(2, 12, "rnn", nonlinearity="relu", spectral_radius=40.0)
    run = memory_run.solve_adding(model, 60, learning_rate=1.0, updates=50, clip_norm=None)
    assert run.solved_after is None
    assert run.error == float("inf")


def test_the_ratio_is_that_of_the_two_gradients() -> None:
    steps = 20
    model = SequenceRegressor(2, 6, "rnn", spectral_radius=0.8)
    inputs, targets = memory_run.AddingProblem(steps, 64)(torch.Generator().manual_seed(10**6))
    inputs.requires_grad_()
    (model(inputs) - targets).square().mean().backward()
    norms = inputs.grad.double().norm(dim=-1).mean(1)
    assert memory_run.input_ratio(model, steps) == pytest.approx(float(norms[5] / norms[15]), rel=1e-6)


def test_adding_reports_each_rival() -> None:
    rows = {row.what: row for row in adding_problem.run(seeds=(0,), steps=10, updates=50)}
    assert set(rows) >= {"IRNN, solved", "LSTM, solved", "tanh, solved", "tanh, least error"}
    assert rows["tanh, solved"].published == 0.0
    assert not rows["LSTM, solved"].holds  # fifty updates are not enough


def test_the_regulariser_is_that_of_the_paper() -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 3, generator=generator, requires_grad=True)
    states = [torch.randn(2, 3, generator=generator).tanh() for _ in range(4)]
    gradients = [torch.randn(2, 3, generator=generator) for _ in range(4)]
    found = temporal_order.keep_size(weight, states, gradients)
    terms = []
    for state, gradient in zip(states[1:], gradients[1:], strict=True):
        for h, g in zip(state, gradient, strict=True):
            carried = g @ (torch.diag(1 - h**2) @ weight)
            terms.append((carried.norm() / g.norm() - 1) ** 2)
    assert torch.allclose(found, torch.stack(terms).mean())
    found.backward()
    assert weight.grad is not None
    assert weight.grad.abs().sum() > 0


def test_the_regulariser_takes_no_gradient_for_granted() -> None:
    zeros = [torch.zeros(1, 2)] * 3
    assert float(temporal_order.keep_size(torch.eye(2), zeros, zeros)) == 0.0


def test_the_order_network_begins_as_published() -> None:
    net = temporal_order.OrderNet(seed=1)
    assert ((net.weight_hh != 0).sum(1) == 15).all()
    assert float(torch.linalg.eigvals(net.weight_hh.detach()).abs().max()) == pytest.approx(0.95, rel=1e-4)
    assert float(net.weight_ih.detach().std()) == pytest.approx(0.01, rel=0.2)


@pytest.mark.parametrize(("clip", "weight"), temporal_order.REMEDIES.values())
def test_order_trains_with_every_remedy(clip: float | None, weight: float) -> None:
    assert temporal_order.train_order(10, clip, weight, updates=4, every=2) is None


def test_order_reports_each_length_and_remedy() -> None:
    rows = temporal_order.run(seeds=(0,), lengths=(20,), updates=2)
    assert [row.what for row in rows[:3]] == ["T=20, SGD", "T=20, SGD + clip", "T=20, SGD + clip + Ω"]
    assert [row.holds for row in rows] == [None, None, None, False, False]  # two updates reach nothing
    assert "no length" in rows[3].note


def test_a_remedy_extends_another_where_it_reaches_a_longer_length() -> None:
    plain, clipped, both = temporal_order.REMEDIES
    after = {(20, plain): [100, None, 300], (20, clipped): [100, 200, None], (20, both): [100, 100, 100]}
    after |= {(40, plain): [None, None, 900], (40, clipped): [800, 900, None], (40, both): [700, None, None]}
    clipping, regulariser = temporal_order.judge(after)[-2:]
    assert clipping.holds
    assert not regulariser.holds
    assert regulariser.note == "found instead: SGD + clip + Ω reaches T=20, SGD + clip T=40."


def test_a_bias_that_is_not_needed_may_still_help() -> None:
    ratios = {-2.0: [-40.0] * 3, 0.0: [-12.0] * 3, 1.0: [-2.0] * 3}

    def claims(*low: int | None) -> dict[str, bool | None]:
        after = {-2.0: list(low), 0.0: list(low), 1.0: [1400, 1500, None]}
        return {row.what: row.holds for row in forget_bias.judge(ratios, after)}

    solved, lost = claims(2500, 2600, 2700), claims(None, None, 2700)
    assert (solved["a bias of 1 or more is needed"], solved["a bias of 1 helps"]) == (False, True)
    assert (lost["a bias of 1 or more is needed"], lost["a bias of 1 helps"]) == (True, True)
    assert solved["pairs the ratio orders"] is None  # published by nobody
    quick = claims(900, 900, None)
    assert quick["a bias of 1 helps"] is False


def test_the_forget_bias_moves_the_ratio() -> None:
    rows = {
        row.what: row for row in forget_bias.run(seeds=(0,), biases=(-2.0, 1.0, 3.0), steps=40, updates=2)
    }
    low, one, three = (rows[f"bias {bias}, log10 of the ratio"].median for bias in ("-2", "+1", "+3"))
    assert low < one < three
    assert low < -8


def test_order_of_pairs() -> None:
    ratios = {0.0: [-9.0, -9.0], 1.0: [-1.0, -1.0], 5.0: [2.0, 2.0]}
    solved = {0.0: [300.0, 50.0], 1.0: [100.0, 100.0], 5.0: [200.0, 100.0]}
    # First seed: all three pairs as the ratio says. Second: two of them wrong, and one that did not differ.
    assert forget_bias.order_share(ratios, solved) == pytest.approx(3 / 5)
    assert forget_bias.log_ratio(0.0) == pytest.approx(-45)


def test_results_are_kept_and_read(tmp_path: Path) -> None:
    row = Row("a", 1.0, (1.0, 2.0), False, "because")
    write_results("try", [row], settings={"seeds": 2}, seconds=1.26, folder=tmp_path)
    found = read_results("try", folder=tmp_path)
    assert found["seconds"] == 1.3
    assert found["settings"] == {"seeds": 2}
    assert found["rows"][0] == {
        "what": "a",
        "published": 1.0,
        "measured": [1.0, 2.0],
        "holds": False,
        "note": "because",
        "yes": False,
    }
    assert read_rows("try", folder=tmp_path) == [row]
    with pytest.raises(FileNotFoundError, match="--keep"):
        read_results("none", folder=tmp_path)


@pytest.mark.parametrize("module", [adding_problem, forget_bias, temporal_order])
def test_what_is_committed_has_the_settings_of_today(module: ModuleType) -> None:
    name = module.__name__.rpartition(".")[2]
    found = read_results(name)
    for setting in {"steps", "updates", "units"} & found["settings"].keys():
        assert found["settings"][setting] == getattr(module, setting.upper())
    assert EXPERIMENTS[name].seeded
    # What is not reproduced is called so, and says what was found instead; the lesson tells it.
    failed = {row["what"]: row["note"] for row in found["rows"] if row["holds"] is False}
    not_reproduced = {
        adding_problem: [],
        forget_bias: ["a bias of 1 or more is needed"],
        temporal_order: ["clipping extends it"],
    }
    assert list(failed) == not_reproduced[module]
    assert all("found instead: " in note for note in failed.values())
    assert all(row["holds"] is None for row in found["rows"] if row["published"] is None)


def test_the_kept_ratio_and_updates_are_those_of_the_claims() -> None:
    kept = {row["what"]: row for row in read_results("forget_bias")["rows"]}
    assert max(kept["bias -2, log10 of the ratio"]["measured"]) < -38
    assert kept["a bias of 1 or more is needed"]["measured"] == [0.0] * 6
    assert kept["pairs the ratio orders"]["measured"] == [0.7]
