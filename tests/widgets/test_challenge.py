import math
import time
from unittest import mock

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets import challenge as module
from rnnviz_widgets.properties import UnfitError


def remember(answer):
    """Try longer and longer lags."""
    for turn, lag in enumerate((10, 20, 40, 80), start=1):
        if not answer(lag):
            return
        yield rw.Score(lag, done=turn / 4, says=f"Lag {lag} is remembered.")


def make(**changed):
    given = {
        "measure": remember,
        "goal": 40,
        "measures": "steps remembered",
        "marks": {"a plain layer": 5, "a gated one": 15},
        "hints": ["Look at the forget gate."],
        "then": "and twice as far?",
        "lesson": "06",
    }
    return rw.Challenge("remember", **(given | changed))


@pytest.mark.parametrize(
    ("longest", "state", "says"),
    [
        (80, "reached", "80 steps remembered: the goal, 40, is reached."),
        (40, "reached", "40 steps remembered: the goal, 40, is reached."),
        (
            20,
            "short",
            "20 steps remembered: better than a gated one (15), "
            "and 43 % of the way from a plain layer to the goal, 40.",
        ),
        (
            10,
            "short",
            "10 steps remembered: better than a plain layer (5), and 14 % of the way from there to the goal, 40.",
        ),
    ],
)
def test_an_attempt_is_told_how_far_it_came(longest, state, says):
    attempt = make()(lambda lag: lag <= longest)
    assert (attempt.state, attempt.score) == (state, longest)
    assert attempt.sentence == says
    assert attempt.notes == [f"Lag {longest} is remembered."]
    assert repr(attempt) == f"Challenge('remember', reached={state == 'reached'})"


def test_less_is_better_where_errors_are_counted():
    check = make(
        measure=lambda answer: answer(), goal=0.1, lower=True, measures="error", marks={"the mean": 0.5}
    )
    assert check(lambda: 0.3).sentence == (
        "0.3 error: better than the mean (0.5), and 50 % of the way from there to the goal, 0.1."
    )
    assert check(lambda: 0.6).sentence == "0.6 error: not yet better than the mean (0.5). The goal is 0.1."
    assert check(lambda: 0.1).state == "reached"
    # Never "0.1: the goal is 0.1, and not reached".
    assert check(lambda: 0.100004).sentence.startswith("0.100004 error: better than")


def test_without_anything_to_compare_with_the_way_begins_at_nothing():
    assert make(marks=None)(lambda lag: lag <= 10).sentence == "10 steps remembered: 25 % of the goal, 40."


def test_the_score_so_far_counts_when_time_runs_out():
    def slow(answer):
        yield rw.Score(20, says="Lag 20 is remembered.")
        while True:
            time.sleep(0.001)

    attempt = make(measure=slow, seconds=0.2)(lambda lag: True)
    assert (attempt.state, attempt.score) == ("short", 20)
    assert attempt.notes == [
        "Lag 20 is remembered.",
        "Time was up after 0.2 seconds; this is the score at that moment.",
    ]
    nothing = make(seconds=0.2)(lambda lag: time.sleep(0.001) or nothing_ends())
    assert nothing.state == "failed"
    assert nothing.sentence == "There is no score yet after 0.2 seconds, and time is up."


def nothing_ends():
    while True:
        time.sleep(0.001)


def test_what_goes_wrong_is_said_in_words():
    def broken(lag):
        return lag + undefined  # noqa: F821

    attempt = make()(broken)
    assert attempt.state == "failed"
    assert "does not know the name `undefined`" in attempt.sentence

    def refuses(answer):
        raise UnfitError("Your model gives 3 numbers a step; it should be 1.")

    assert make(measure=refuses)(abs).sentence == "Your model gives 3 numbers a step; it should be 1."
    assert "exploded" in make(measure=lambda answer: math.nan)(abs).sentence
    assert make()(lambda lag: False).sentence == "Nothing was measured."
    assert make()(...).state == make()(lambda lag: ...).state == "unwritten"


def test_the_same_attempt_has_the_same_score_and_leaves_the_dice_alone():
    check = make(measure=lambda answer: float(answer()), goal=2.0, marks=None)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    scores = {check(lambda: torch.rand(())).score for _ in range(2)}
    assert len(scores) == 1
    assert torch.equal(torch.get_rng_state(), before)


def test_the_page_hears_of_it_while_it_is_measured(monkeypatch):
    monkeypatch.setattr(module, "NEWS_SECONDS", 0.0)
    told = []
    check = make()

    def measure(answer):
        yield rw.Score(10, done=0.5)
        told.append((attempts[0].state, attempts[0].score, attempts[0].done))
        yield 50

    attempts = []
    real = rw.Challenge._show_meanwhile
    monkeypatch.setattr(rw.Challenge, "_show_meanwhile", lambda self: attempts.append(self) or real(self))
    check = make(measure=measure)
    assert check(abs).score == 50
    assert told == [("measuring", 10, 0.5)]


def test_in_a_notebook_it_stands_there_once():
    shown = []
    shell = mock.Mock(kernel=object())
    with (
        mock.patch("IPython.get_ipython", return_value=shell),
        mock.patch("IPython.display.display", side_effect=shown.append),
    ):
        attempt = make()(lambda lag: True)
    assert shown == [attempt]
    assert attempt._repr_mimebundle_() == {"text/plain": repr(attempt), "text/html": ""}
    # Asked for again, in another cell, it is shown again.
    assert "application/vnd.jupyter.widget-view+json" in str(attempt._repr_mimebundle_())


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"measure": 3}, TypeError, "takes a function"),
        ({"goal": math.nan}, ValueError, "takes numbers"),
        ({"seconds": 0}, ValueError, "above 0"),
        ({"marks": {"too good": 50}}, ValueError, "'too good' reaches it with 50"),
        ({"measures": " "}, ValueError, "empty text as what its score measures"),
        ({"hints": [""]}, ValueError, "empty text as a hint"),
        ({"lesso": "06"}, TypeError, "Did you mean 'lesson'"),
    ],
)
def test_refuses_what_makes_no_challenge(changed, error, says):
    with pytest.raises(error, match=says):
        make(**changed)
