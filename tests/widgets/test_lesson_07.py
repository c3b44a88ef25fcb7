"""The exercises of lesson 07, and the numbers that its text and its questions reveal."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import STORIES, Recall
from rnnviz.experiments.results import read_results
from rnnviz.models import OutputGateCell, SquashedCell, read_recall_lstm
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.exercises.lesson_07 import faulty_bias


def lstm_step(x: Any, h: Any, c: Any, W_x: Any, W_h: Any, b: Any) -> Any:
    i, f, g, o = (x @ W_x.T + h @ W_h.T + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def forget_bias(steps: Any, share: Any) -> Any:
    gate = share ** (1 / steps)
    return torch.log(gate / (1 - gate))


def gru_step(x: Any, h: Any, W_x: Any, W_h: Any, b_x: Any, b_h: Any) -> Any:
    r_x, z_x, n_x = (x @ W_x.T + b_x).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ W_h.T + b_h).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    return (1 - z) * (n_x + r * n_h).tanh() + z * h


SOLUTIONS = {"lstm-step": lstm_step, "forget-bias": forget_bias, "gru-step": gru_step}


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("07")
    assert [check.name for check in checks] == [*SOLUTIONS, "recall-far"]
    assert all(len(check.hints) >= 2 and check.then for check in checks)


@pytest.mark.parametrize(("name", "answer"), SOLUTIONS.items())
def test_solutions_hold(name: str, answer: Callable[..., Any]) -> None:
    assert {finding["state"] for finding in rw.exercise("07", name, answer).findings} == {"passed"}


def gates_in_keras_order(x: Any, h: Any, c: Any, W_x: Any, W_h: Any, b: Any) -> Any:
    i, f, o, g = (x @ W_x.T + h @ W_h.T + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def squashes(x: Any, h: Any, c: Any, W_x: Any, W_h: Any, b: Any) -> Any:
    i, f, g, o = (x @ W_x.T + h @ W_h.T + b).chunk(4, dim=-1)
    c = (f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh()
    return o.sigmoid() * c, c


def shows_all(x: Any, h: Any, c: Any, W_x: Any, W_h: Any, b: Any) -> Any:
    _, c = lstm_step(x, h, c, W_x, W_h, b)
    return c.tanh(), c


def resets_before(x: Any, h: Any, W_x: Any, W_h: Any, b_x: Any, b_h: Any) -> Any:
    units = h.shape[1]
    r, z = (x @ W_x.T + b_x + h @ W_h.T + b_h)[:, : 2 * units].sigmoid().chunk(2, dim=-1)
    n = (x @ W_x[2 * units :].T + b_x[2 * units :] + (r * h) @ W_h[2 * units :].T + b_h[2 * units :]).tanh()
    return (1 - z) * n + z * h


def swapped(x: Any, h: Any, *weights: Any) -> Any:
    new = gru_step(x, h, *weights)
    z = (x @ weights[0].T + weights[2] + h @ weights[1].T + weights[3]).chunk(3, dim=-1)[1].sigmoid()
    n = (new - z * h) / (1 - z)
    return z * n + (1 - z) * h


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("lstm-step", gates_in_keras_order, "The new c is another"),
        ("lstm-step", squashes, "The new c is another"),
        ("lstm-step", shows_all, "The new h is another"),
        ("forget-bias", faulty_bias, "should be"),
        ("forget-bias", lambda steps, share: share ** (1 / steps), "the gate stands at"),
        ("gru-step", resets_before, "instead of"),
        ("gru-step", swapped, "instead of"),
    ],
)
def test_typical_mistakes_are_found(name: str, wrong: Callable[..., Any], says: str) -> None:
    sentences = " ".join(finding["sentence"] for finding in rw.exercise("07", name, wrong).findings)
    assert says in sentences


class Reader(nn.Module):
    def __init__(self, words: int, bias: float) -> None:
        super().__init__()
        self.embed, self.lstm = nn.Embedding(words, 16), nn.LSTM(16, 32)
        self.decide = nn.Linear(32, words)
        with torch.no_grad():
            self.lstm.bias_ih_l0[32:64] += bias

    def forward(self, stories: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.decide(self.lstm(self.embed(stories))[0])
        return logits


def test_the_challenge_is_reached_by_a_forget_bias_of_3_and_not_of_1() -> None:
    reached = rw.exercise("07", "recall-far", lambda words: Reader(words, 3.0))
    assert isinstance(reached, rw.Challenge)
    assert reached.state == "reached"
    assert reached.elapsed < reached.seconds / 2
    short = rw.exercise("07", "recall-far", lambda words: Reader(words, 1.0))
    assert isinstance(short, rw.Challenge)
    assert short.state == "short"
    assert short.score is not None
    assert short.score >= 20


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda words: 3, "should return a torch.nn.Module"),
        (lambda words: nn.Embedding(words, 5), "should be logits"),
    ],
)
def test_what_is_no_attempt_is_refused(build: Callable[..., Any], says: str) -> None:
    failed = rw.exercise("07", "recall-far", build)
    assert isinstance(failed, rw.Challenge)
    assert failed.state == "failed"
    assert says in failed.sentence


def test_the_recall_that_the_question_reveals() -> None:
    stored = read_results("recall")["details"]
    far = stored["distances"].index(80)
    middle = {name: median(seed[far] for seed in seeds) for name, seeds in stored["recall"].items()}
    assert round(middle["c + g"], 2) == 0.26
    assert round(middle["+ forget gate"], 2) == 0.81
    assert round(middle["+ input gate"], 2) == 0.98
    assert round(middle["+ output gate"], 2) == 0.96
    near = stored["distances"].index(20)
    # "with one of five seeds it does not start"
    assert sum(seed[near] < 0.5 for seed in stored["recall"]["GRU"]) == 1


def test_the_gradient_that_the_question_reveals() -> None:
    inputs = torch.randn(60, 1, 4, generator=torch.Generator().manual_seed(1))
    left = {}
    for cell in (OutputGateCell, SquashedCell):
        torch.manual_seed(0)
        model = cell(4, 32, forget_bias=3.0)
        with rv.record(model) as trace:
            model(inputs)[0][-1].sum().backward()
        sizes = trace["cell"].grad_cell.norm(dim=-1)[:, 0]
        left[cell] = float(sizes[0] / sizes[-1])
    assert left[OutputGateCell] == pytest.approx(3, rel=0.2)
    assert left[SquashedCell] == pytest.approx(1 / 50, rel=0.3)


def answer_to(place: int, **held: Any) -> str:
    reader = read_recall_lstm()
    stories = torch.stack([Recall.number(text) for text in STORIES], 1)
    with rv.intervene(reader, value=0.0, **held), torch.no_grad():
        return Recall.words[int(reader(stories)[-1, place].argmax())]


def test_what_the_text_says_of_the_reader() -> None:
    words = next(iter(STORIES)).split()
    lost = [t for t in range(len(words)) if answer_to(0, gate="forget", steps=t) != "French"]
    home = words.index("France")
    # "Before the country … as it likes"; "from the full stop after France on"; "only at the very last word …"
    assert min(lost) == home + 1
    assert max(lost) == len(words) - 2
    assert answer_to(0, gate="input", steps=home) != "French"
    assert len(lost) > 0.8 * (max(lost) - min(lost))
    assert all(loss_without(place, 25) < 0.5 for place in (0, 2))
    # "For one of them the loss jumps"
    assert [unit for unit in range(32) if loss_without(1, unit) > 1] == [25]


def loss_without(place: int, unit: int) -> float:
    reader = read_recall_lstm()
    stories = torch.stack([Recall.number(text) for text in STORIES], 1)
    target = Recall.words.index(list(STORIES.values())[place])
    words = list(STORIES)[place].split()
    home = max(t for t, word in enumerate(words) if word == "up") + 2
    with (
        rv.intervene(reader, gate="cell", units=unit, steps=slice(home + 1, None), value=0.0),
        torch.no_grad(),
    ):
        return -float(reader(stories)[-1, place].log_softmax(-1)[target])


def test_never_forgetting_fails() -> None:
    reader = read_recall_lstm()
    stories = torch.stack([Recall.number(text) for text in STORIES], 1)
    with rv.intervene(reader, gate="forget", value=1.0), torch.no_grad():
        answers = [Recall.words[int(k)] for k in reader(stories)[-1].argmax(-1)]
    assert all(answer != right for answer, right in zip(answers, STORIES.values(), strict=True))
    with rv.record(reader) as trace:
        reader(stories)
    # "Their mean is about 0.8"
    assert float(trace["recurrent.l0"].gates["forget"].detach().mean()) == pytest.approx(0.8, abs=0.04)


def test_the_arithmetic_of_the_half_life() -> None:
    gate = [1 / (1 + math.exp(-bias)) for bias in (1, 3, 5)]
    assert [round(one, 3) for one in gate] == [0.731, 0.953, 0.993]
    assert [round(one**10, 2) for one in gate] == [0.04, 0.62, 0.94]


def test_what_is_said_of_digits() -> None:
    rows = {row["what"]: row["measured"][0] for row in read_results("mnist_rows")["rows"]}
    assert round((rows["RNN, 3 layers, epoch 10"] - rows["RNN, 1 layer, epoch 10"]) * 100, 1) == 0.3
    assert rows["LSTM, 3 layers, epoch 10"] - rows["RNN, 1 layer, epoch 10"] > 0.01
    assert round((1 - rows["LSTM, 3 layers, epoch 10"]) * 1e4) == 135
    assert round((1 - rows["RNN, 3 layers, epoch 10"]) * 1e4) == 243
