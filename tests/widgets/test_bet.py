"""The bet from Python's side: ratios, what is sent, other weights, errors on screen, and a thread that ends."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import rnnviz_widgets as rw
from rnnviz.data import AddingProblem
from rnnviz.models import Contender, SequenceRegressor
from rnnviz_widgets.bet import measure_ratio


class Broken(nn.Module):
    """Cannot be trained: its second pass fails, once the ratio and the first error are measured."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Tensor) -> Tensor:
        if self.training and inputs.dtype == torch.float32 and inputs.shape[1] == 32:
            raise ArithmeticError("nothing can be learned here")
        return inputs.sum((0, 2))[:, None] * (1 + self.weight)


def small(cell: str = "gru") -> Contender:
    return Contender(lambda seed: SequenceRegressor(2, 4, cell, seed=seed), 0.01)


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    built: list[rw.Bet] = []

    def build(contenders: Any = None, **options: Any) -> tuple[rw.Bet, list[dict[str, Any]]]:
        bet = rw.Bet(
            contenders or {"GRU": small(), "LSTM": small("lstm")}, **({"steps": 12, "updates": 30} | options)
        )
        built.append(bet)
        sent: list[dict[str, Any]] = []
        monkeypatch.setattr(bet, "send", lambda content, buffers=None: sent.append(content))
        return bet, sent

    yield build
    for bet in built:
        bet.close()


def say(bet: rw.Bet, kind: str, **content: object) -> None:
    bet._handle_custom_msg({"kind": kind, **content}, [])


def test_the_ratio_is_autograds() -> None:
    model = SequenceRegressor(2, 6, "rnn", spectral_radius=0.7).double()
    inputs, targets = AddingProblem(20, 9)(torch.Generator().manual_seed(0))
    found = measure_ratio(model, inputs, targets)
    x = inputs.double().requires_grad_()
    (model(x) - targets).square().mean().backward()
    norms = x.grad.norm(dim=-1).mean(1)
    single = SequenceRegressor(2, 6, "rnn")
    measure_ratio(single, inputs, targets)
    assert all(weight.dtype == torch.float32 for weight in single.parameters())
    assert found == pytest.approx(float(norms[5] / norms[15]), rel=1e-12)


def test_the_defaults_put_the_forget_biases_in_order() -> None:
    bet = rw.Bet()
    ratios = list(bet.ratios.values())
    assert ratios[0] < 1e-9 < ratios[1] < 1 < ratios[2] < ratios[3]
    assert ratios[5] == pytest.approx(1, abs=0.3)
    bet.close()


def test_it_trains_in_the_background_to_the_end(build: Callable[..., Any]) -> None:
    bet, sent = build()
    assert all(one.updates == 0 for one in bet.trials.values())
    bet.start()
    for _ in range(200):
        bet._answer("seen", {"number": 10**6})
        if bet.wait(0.1) == "finished":
            break
    assert bet.state == "finished"
    assert all(one.updates == 30 or one.over for one in bet.trials.values())
    frames = [content for content in sent if content["kind"] == "frame"]
    json.dumps(frames, allow_nan=False)
    assert frames[-1]["frame"]["GRU"]["updates"] == 30
    assert bet.frame["GRU"]["updates"] == 30


def test_other_weights_begin_anew(build: Callable[..., Any]) -> None:
    bet, _ = build()
    before = bet.ratios
    bet.start()
    bet.wait(20)
    say(bet, "again")
    assert bet.scene["seed"] == 1
    assert bet.ratios != before
    assert bet.state == "ready"
    assert all(one.updates == 0 for one in bet.trials.values())
    assert bet.frame["GRU"]["updates"] == 0


def test_what_fails_is_told_and_reset_mends_it(build: Callable[..., Any]) -> None:
    bet, sent = build({"broken": Contender(lambda seed: Broken()), "GRU": small()})
    bet.start()
    bet.wait(20)
    assert bet.state == "failed"
    told = [content for content in sent if content["kind"] == "state"]
    assert told[-1] == {"kind": "state", "state": "failed", "error": "nothing can be learned here"}
    say(bet, "do", name="start")
    assert "Call reset" in next(one["message"] for one in sent if one["kind"] == "problem")
    say(bet, "do", name="reset")
    assert bet.state == "ready"
    bet.start()
    bet.wait(20)
    assert bet.state == "failed"
    say(bet, "again")
    assert (bet.state, bet.scene["seed"]) == ("ready", 1)


def test_it_waits_for_the_page_and_rests_unwatched(
    build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rw.Bet, "unwatched", 0.2)
    bet, sent = build(updates=100_000)
    bet.start()
    end = time.monotonic() + 20
    while bet.state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert bet.state == "paused"
    assert len([content for content in sent if content["kind"] == "frame"]) == rw.Bet.in_flight
    say(bet, "hello")
    assert sent[-1] == {"kind": "state", "state": "paused", "error": None}


def test_what_the_page_saw_last_is_kept_for_a_later_one(build: Callable[..., Any]) -> None:
    bet, sent = build(updates=100_000)
    say(bet, "do", name="start")
    end = time.monotonic() + 20
    while not any(content["kind"] == "frame" for content in sent) and time.monotonic() < end:
        time.sleep(0.02)
    say(bet, "do", name="pause")
    bet._runner.wait(5)
    assert bet.frame["GRU"]["updates"] == 0
    for _ in range(2):  # the first acknowledges what was under way, the second what had waited for that
        say(bet, "seen", number=10**6)
    assert bet.frame["GRU"]["updates"] == bet.trials["GRU"].updates > 0


def test_its_thread_ends_with_it(build: Callable[..., Any]) -> None:
    bet = rw.Bet({"GRU": small(), "LSTM": small("lstm")}, steps=12, updates=100_000)
    bet.start()
    names = [thread for thread in threading.enumerate() if thread.name == "rnnviz-runner"]
    assert names
    bet.close()
    del bet
    gc.collect()
    for thread in names:
        thread.join(5)
        assert not thread.is_alive()


def test_bad_bets_are_refused() -> None:
    with pytest.raises(ValueError, match="1 contenders; a bet is between two and eight"):
        rw.Bet({"GRU": small()})
    with pytest.raises(ValueError, match="give 12 to 400"):
        rw.Bet(steps=8)
    # Ten thousand steps would keep a reader waiting for a quarter of an hour before the first picture.
    with pytest.raises(ValueError, match=r"steps is 10000.*give 12 to 400"):
        rw.Bet(steps=10_000)
    with pytest.raises(TypeError, match=r"'a' is of type int; Bet takes an rnnviz.models.Contender"):
        rw.Bet({"a": 1, "b": 2})
    with pytest.raises(TypeError, match=r"has no option 'step'. Did you mean 'steps'"):
        rw.Bet(step=8)


def test_nothing_that_arrives_is_null(build: Callable[..., Any]) -> None:
    class Deaf(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, inputs: Tensor) -> Tensor:
            return 0 * inputs.sum((0, 2))[:, None] + self.weight

    bet, _ = build({"deaf": Contender(lambda seed: Deaf()), "GRU": small()})
    assert bet.ratios["deaf"] is None
    json.dumps(bet.scene, allow_nan=False)
