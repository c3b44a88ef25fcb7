"""The exercises of lessons 01 to 03 that are broken on purpose, and their open challenges."""

import math

import pytest
import torch

import rnnviz_widgets as rw


def slide_window(x, weights):
    padded = torch.cat([torch.zeros(len(weights) - 1), x])
    return torch.stack([padded[t : t + len(weights)] @ weights for t in range(len(x))])


def unroll(X, W_x, W_h):
    H, states = torch.zeros(len(X), len(W_h)), []
    for t in range(X.shape[1]):
        H = torch.tanh(X[:, t] @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states, dim=1)


def average_valid(outputs, lengths):
    mask = torch.arange(len(outputs))[:, None] < lengths
    return (outputs * mask[..., None]).sum(dim=0) / lengths[:, None]


@pytest.mark.parametrize(
    ("lesson", "name", "mended"),
    [
        ("01", "mend-the-window", slide_window),
        ("02", "mend-the-loop", unroll),
        ("03", "mend-the-average", average_valid),
    ],
)
def test_what_is_broken_can_be_mended(lesson, name, mended):
    assert rw.exercise(lesson, name, mended).facts()["failed"] == 0


def test_symptoms_are_named():
    peeks = rw.exercise("01", "mend-the-window", lambda x, weights: slide_window(x.roll(-1), weights))
    assert "At step 0 only x[0] is known" in peeks.findings[1]["sentence"]
    last = rw.exercise(
        "02", "mend-the-loop", lambda X, W_x, W_h: unroll(X, W_x, W_h)[:, -1:].expand(-1, X.shape[1], -1)
    )
    assert "the same as for the last" in last.findings[0]["sentence"]


def turn(period, grow):
    angle = 2 * math.pi / period
    cos, sin = math.cos(angle), math.sin(angle)
    return grow * torch.tensor([[cos, -sin], [sin, cos]])


def test_two_neurons_can_swing_slowly():
    assert rw.exercise("02", "slow-ring", lambda: turn(64, 1.01)).score == pytest.approx(64, abs=0.5)
    assert rw.exercise("02", "slow-ring", lambda: turn(64, 1.01)).state == "reached"
    assert rw.exercise("02", "slow-ring", lambda: turn(30, 1.01)).state == "short"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: torch.tensor([[0.7, -0.7], [0.7, 0.7]]), "no longer swings"),
        (lambda: 2 * torch.eye(2), "it stays at 0.96"),
        (lambda: turn(400, 1.01), "cannot be timed"),
        (lambda: torch.zeros(3, 3), "2 × 2 finite numbers"),
        (lambda: [[0, 1], [1, 0]], "returned a list"),
    ],
)
def test_what_does_not_ring_is_told_why(make, says):
    attempt = rw.exercise("02", "slow-ring", make)
    assert attempt.state == "failed"
    assert says in attempt.sentence


def run_ragged(step, inputs, lengths, h):
    h = h.clone()
    for t in range(int(lengths.max())):
        running = lengths > t
        h[running] = step(inputs[t, running], h[running])
    return h


def run_padded(step, inputs, lengths, h):
    for t in range(len(inputs)):
        h = torch.where((lengths > t)[:, None], step(inputs[t], h), h)
    return h


def run_one_by_one(step, inputs, lengths, h):
    h = h.clone()
    for place, length in enumerate(lengths.tolist()):
        for t in range(length):
            h[place] = step(inputs[t, place : place + 1], h[place : place + 1])[0]
    return h


def test_no_row_in_vain():
    reached = rw.exercise("03", "no-row-in-vain", run_ragged)
    assert (reached.state, reached.score) == ("reached", 1.0)
    padded = rw.exercise("03", "no-row-in-vain", run_padded)
    assert padded.state == "short"
    # The mark that the page shows is what masking costs.
    assert padded.score == pytest.approx(dict(padded.marks)["a padded batch"], abs=0.005)
    assert padded.score > 2
    slow = rw.exercise("03", "no-row-in-vain", run_one_by_one)
    assert (slow.state, "Compute several instances at once" in slow.sentence) == ("failed", True)
    wrong = rw.exercise("03", "no-row-in-vain", lambda step, inputs, lengths, h: step(inputs[0], h))
    assert "is not right" in wrong.sentence


def make_controller():
    memory = []

    def control(level, gauge):
        memory.append(gauge)
        return (1.5 * (level - 50) + sum(memory[-6:][:4])) / 32

    return control


def test_the_level_can_be_kept():
    kept = rw.exercise("01", "keep-the-level", make_controller)
    assert kept.state == "reached"
    assert 6.5 < kept.score < 7.5
    threshold = rw.exercise("01", "keep-the-level", lambda: lambda level, gauge: (level > 46).float())
    assert threshold.state == "short"
    assert threshold.score == pytest.approx(dict(threshold.marks)["the best threshold"], abs=0.6)
    shut = rw.exercise("01", "keep-the-level", lambda: lambda level, gauge: 0)
    assert shut.score == pytest.approx(dict(shut.marks)["a valve that stays shut"], abs=2)
    for odd, says in (
        (lambda level, gauge: level.sum(), "one opening a tank is due"),
        (3, "should return a function"),
    ):
        assert says in rw.exercise("01", "keep-the-level", lambda odd=odd: odd).sentence
