"""The exercises and questions of lesson 04, and the numbers that its questions reveal."""

import re

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import DelayedEcho, digits
from rnnviz.models import Forecaster, SequenceClassifier
from rnnviz.training import cross_entropy, mean_squared_error, train
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.lesson_questions import read_questions


def cost(outputs, targets, mask):
    return ((outputs - targets) ** 2 * mask).sum() / mask.sum()


def gradient(states, asked, W_h):
    before = torch.cat([torch.zeros_like(states[:1]), states[:-1]])
    deltas, from_later = [], torch.zeros_like(states[0])
    for state, own in zip(states.flip(0), asked.flip(0), strict=True):
        deltas.insert(0, (own + from_later) * (1 - state**2))
        from_later = deltas[0] @ W_h
    return torch.einsum("tbi,tbj->ij", torch.stack(deltas), before)


def reaches(t, k, every):
    return k <= t and t - t % every <= k


def truncated_gradient(states, from_output, W_h, every):
    """By autograd: the state goes on, and is detached at every border."""
    W = W_h.clone().requires_grad_()
    total, state = torch.zeros_like(W_h), torch.zeros_like(states[0])
    for start in range(0, len(states), every):
        piece, state = 0.0, state.detach()
        for t in range(start, min(start + every, len(states))):
            # A step whose value is the state that was given, and whose slope is tanh's there.
            at_sum = state @ W.T
            state = states[t] + (1 - states[t] ** 2) * (at_sum - at_sum.detach())
            piece = piece + (state * from_output[t]).sum()
        total = total + torch.autograd.grad(piece, W)[0]
    return total


RIGHT = [("cost", cost), ("backward", gradient), ("truncated", truncated_gradient), ("reaches", reaches)]


@pytest.mark.parametrize(("name", "right"), RIGHT)
def test_right_answers_pass(name, right):
    assert rw.exercise("04", name, right).facts()["failed"] == 0


def test_a_cost_that_is_a_plain_number_is_right():
    assert rw.exercise("04", "cost", lambda *given: float(cost(*given))).facts()["failed"] == 0


def mean_over_all(outputs, targets, mask):
    return ((outputs - targets) ** 2 * mask).mean()


def a_cost_a_step(outputs, targets, mask):
    return (outputs - targets) ** 2 * mask


def forgets_the_mask(outputs, targets, mask):
    return ((outputs - targets) ** 2).mean()


def only_direct(states, asked, W_h):
    """The trap of the whole course: what each output asks directly, without what comes from later."""
    return sum(((asked[t] * (1 - states[t] ** 2)).T @ states[t - 1] for t in range(1, len(states))), 0 * W_h)


def last_step_only(states, asked, W_h):
    return (asked[-1] * (1 - states[-1] ** 2)).T @ states[-2] if len(states) > 1 else 0 * W_h


def transposed(states, asked, W_h):
    return gradient(states, asked, W_h).T


def wraps_around(states, asked, W_h):
    """Forgets that `states[t - 1]` at t = 0 is the last state, not zeros."""
    total, from_later = torch.zeros_like(W_h), torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        delta = (asked[t] + from_later) * (1 - states[t] ** 2)
        total += delta.T @ states[t - 1]
        from_later = delta @ W_h
    return total


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("cost", mean_over_all, "The difference is"),
        ("cost", a_cost_a_step, "single number"),
        ("cost", forgets_the_mask, "The difference is"),
        ("backward", only_direct, "instead of"),
        ("backward", last_step_only, "instead of"),
        ("backward", transposed, "instead of"),
        ("backward", wraps_around, "instead of"),
        ("backward", lambda states, asked, W_h: states, r"The shape is .*; it should be \(\d, \d\)"),
        ("reaches", lambda t, k, every: t - k < every, "True came back instead of False"),
        ("reaches", lambda t, k, every: t // every == k // every, "True came back instead of False"),
        ("reaches", lambda t, k, every: t // every, "True or False"),
    ],
)
def test_common_mistakes_are_found(name, wrong, says):
    failed = [finding for finding in rw.exercise("04", name, wrong).findings if finding["state"] == "failed"]
    assert any(re.search(says, finding["sentence"]) for finding in failed)


@pytest.mark.parametrize(
    ("name", "wrong", "inputs"),
    [
        ("cost", mean_over_all, {"outputs": "[[0, 0]]", "targets": "[[1, 0]]", "mask": "[[1, 0]]"}),
        ("backward", wraps_around, {"states": "[[[0.8]]]", "asked": "[[[1]]]", "W_h": "[[0]]"}),
        # What comes from later goes back over one step at least, and is multiplied by the state before it.
        (
            "backward",
            only_direct,
            {"states": "[[[0.4]], [[0]], [[0]]]", "asked": "[[[0]], [[0]], [[1]]]", "W_h": "[[1]]"},
        ),
        ("reaches", lambda t, k, every: k <= t, {"t": "1", "k": "0", "every": "1"}),
    ],
)
def test_the_counterexample_is_the_smallest(name, wrong, inputs):
    finding = rw.exercise("04", name, wrong).findings[1]
    assert finding["smallest"]
    assert dict(finding["inputs"]) == inputs


def test_the_answer_is_autograds():
    rnn = torch.nn.RNN(2, 3).double()
    states, _ = rnn(torch.randn(6, 4, 2).double())
    states[2:].sin().sum().backward()
    asked = states.detach().cos()
    asked[:2] = 0
    found = gradient(states.detach(), asked, rnn.weight_hh_l0.detach())
    torch.testing.assert_close(found, rnn.weight_hh_l0.grad, rtol=0, atol=1e-12)


def test_exercises_and_questions_are_complete():
    names = ["cost", "backward", "truncated", "reaches", "early"]
    assert [check.name for check in read_exercises("04")] == names
    assert all(len(check.hints) >= 2 and check.then for check in read_exercises("04"))
    questions = read_questions("04")
    assert sum(entry["kind"] == "quiz" for entry in questions.values()) == 4
    for name in questions:
        rw.ask("04", name)


def test_the_picture_is_described():
    picture = rw.Picture("04-cost-over-time")
    assert picture.title
    assert len(picture.description) > 60


@pytest.mark.parametrize("seed", [0, 1])
def test_pieces_shorter_than_the_lag_learn_nothing_and_long_ones_do(seed):
    heard, *wanted = DelayedEcho(lag=6, steps=24, batch=500)(torch.Generator().manual_seed(99))

    def learn(truncate):
        model = Forecaster(units=20, cell="gru", seed=seed)
        settings = {"steps": 500, "learning_rate": 0.02, "clip_norm": 1.0}
        for _ in train(model, DelayedEcho(), truncate=truncate, seed=seed, **settings):
            pass
        with torch.no_grad():
            return mean_squared_error(model(heard), *wanted).item()

    assert learn(4) > 0.8 * DelayedEcho.baseline
    assert learn(12) < 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_reader_asked_at_the_end_only_has_no_opinion_halfway(seed):
    learn, test = digits()
    reader = SequenceClassifier(8, 64, 10, seed=seed)
    data = learn.sequences, learn.targets
    for _ in train(reader, data, loss=cross_entropy, learning_rate=0.003, batch=50, steps=500, seed=seed):
        pass
    with torch.no_grad():
        right = (reader.read(test.sequences).argmax(-1) == test.targets).float().mean(1)
    assert right[3] < 0.1
    assert round(10 * right[7].item()) == 9


class AtEveryRow(torch.nn.Module):
    def __init__(self, seed):
        super().__init__()
        self.reader = SequenceClassifier(8, 64, 10, seed=seed)

    def forward(self, rows):
        return self.reader.read(rows)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_reader_asked_at_every_row_knows_more_halfway_and_less_at_the_end(seed):
    learn, test = digits()
    eager = AtEveryRow(seed)
    data = learn.sequences, learn.targets.expand(8, -1)
    for _ in train(eager, data, loss=cross_entropy, learning_rate=0.003, batch=50, steps=500, seed=seed):
        pass
    with torch.no_grad():
        right = (eager(test.sequences).argmax(-1) == test.targets).float().mean(1)
    assert 0.55 < right[3] < 0.75
    assert round(10 * right[7].item()) == 8


def cut_state_and_gradient(states, from_output, W_h, every):
    total, from_later = torch.zeros_like(W_h), torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        delta = (from_output[t] + from_later) * (1 - states[t] ** 2)
        if t % every:
            total += delta.T @ states[t - 1]
        from_later = delta @ W_h if t % every else torch.zeros_like(states[0])
    return total


def cut_one_late(states, from_output, W_h, every):
    total, from_later = torch.zeros_like(W_h), torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        if t % every == 0:
            from_later = torch.zeros_like(states[0])
        delta = (from_output[t] + from_later) * (1 - states[t] ** 2)
        if t > 0:
            total += delta.T @ states[t - 1]
        from_later = delta @ W_h
    return total


@pytest.mark.parametrize(
    "wrong",
    [
        cut_state_and_gradient,
        cut_one_late,
        lambda states, from_output, W_h, every: gradient(states, from_output, W_h),
        lambda states, from_output, W_h, every: truncated_gradient(states, from_output, W_h, 1),
        lambda states, from_output, W_h, every: truncated_gradient(states, from_output, W_h, every + 1),
        lambda states, from_output, W_h, every: truncated_gradient(states, from_output, W_h, every).T,
        lambda states, from_output, W_h, every: truncated_gradient(states, from_output, W_h.T, every),
        lambda states, from_output, W_h, every: gradient(states[-every:], from_output[-every:], W_h),
        lambda states, from_output, W_h, every: truncated_gradient(states, from_output, W_h, every) / every,
        lambda states, from_output, W_h, every: 0 * W_h,
    ],
)
def test_other_ways_of_truncating_are_found(wrong):
    assert rw.exercise("04", "truncated", wrong).facts()["failed"] > 0


def test_weights_that_ask_early_and_late_reach_the_goal_and_equal_ones_do_not():
    reached = rw.exercise("04", "early", lambda rows: [0, 0, 0, 1, 0, 0, 0, 1])
    assert reached.state == "reached"
    assert "After row 4 it is right about" in reached.notes[0]
    equal = rw.exercise("04", "early", lambda rows: torch.ones(rows))
    assert equal.state == "short"
    assert equal.score == pytest.approx(71.5, abs=3)
    for wrong, says in [
        (lambda rows: [1.0], "8 rows, and 1 weights"),
        (lambda rows: [-1.0] * rows, "0 or above"),
        (lambda rows: [0.0] * rows, "0 or above"),
        (lambda rows: ["first"] * rows, "no list of numbers"),
    ]:
        attempt = rw.exercise("04", "early", wrong)
        assert attempt.state == "failed"
        assert says in attempt.sentence


def test_an_answer_and_its_question_share_a_piece_as_often_as_the_question_says():
    reveal = read_questions("04")["truncated-echo"]["reveal"]
    shared = sum(t // 8 == (t - 6) // 8 for t in range(6, 24))
    assert f"only {shared} of the {24 - 6} answers" in reveal
    assert not any(t // 6 == (t - 6) // 6 for t in range(6, 24))
