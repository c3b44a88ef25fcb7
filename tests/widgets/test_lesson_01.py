import re

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import split, sunspots
from rnnviz.models import LinearForecaster, score
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.exercises.lesson_01 import Echo, Line, Window
from rnnviz_widgets.lesson_questions import read_questions


def padding_share(lengths, size):
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    return 1 - sum(lengths) / sum(len(batch) * max(batch) for batch in batches)


def influence(model, x, at, size):
    changed = x.clone()
    changed[at] += size
    return (model(changed) - model(x)) / size


def count_weights(N, features, units):
    return features * (N + 1) + 1, features + 2, units * (features + units + 1) + units + 1


def run_on(f, start, steps):
    states = []
    for _ in range(steps):
        start = f(start)
        states.append(start)
    return states


RIGHT = {
    "padding-share": padding_share,
    "influence": influence,
    "count-weights": count_weights,
    "run-on": run_on,
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass(name):
    assert rw.exercise("01", name, RIGHT[name]).facts()["failed"] == 0


def padded_to_the_longest_of_all(lengths, size):
    return 1 - sum(lengths) / (len(lengths) * max(lengths))


def full_batches_only(lengths, size):
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    return 1 - sum(lengths) / sum(size * max(batch) for batch in batches)


def mean_of_shares(lengths, size):
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    return sum(1 - sum(batch) / (len(batch) * max(batch)) for batch in batches) / len(batches)


def changes_all(model, x, at, size):
    return (model(x + size) - model(x)) / size


def changes_in_place(model, x, at, size):
    x[at] += size
    return (model(x) - model(x)) / size


def wrong_way_round(model, x, at, size):
    return -influence(model, x, at, size)


def not_divided(model, x, at, size):
    return influence(model, x, at, size) * size


def no_present(N, features, units):
    return features * N + 1, features + 2, units * (features + units + 1) + units + 1


def no_bias(N, features, units):
    return features * (N + 1), features + 1, units * (features + units) + units


def state_without_readout(N, features, units):
    return features * (N + 1) + 1, features + 2, units * (features + units + 1)


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("padding-share", padded_to_the_longest_of_all, "The difference is"),
        ("padding-share", full_batches_only, "The difference is|nothing is padded"),
        ("padding-share", mean_of_shares, "The difference is"),
        ("padding-share", lambda lengths, size: sum(lengths), "nothing is padded"),
        ("influence", changes_all, "An output before step"),
        ("influence", changes_in_place, "instead of"),
        ("influence", wrong_way_round, "instead of"),
        ("influence", not_divided, "instead of"),
        ("influence", lambda model, x, at, size: model(x)[at:], "The shape is"),
        ("count-weights", no_present, "For the window"),
        ("count-weights", no_bias, "For the feedback"),
        ("count-weights", state_without_readout, "For the state"),
        ("count-weights", lambda N, features, units: N, "Only a number came back; 3 things are expected"),
        ("run-on", lambda f, start, steps: [start] * steps, "instead of"),
        (
            "run-on",
            lambda f, start, steps: [start, *run_on(f, start, steps)],
            "came back instead of .*, one for each",
        ),
        ("run-on", lambda f, start, steps: [f(start)] * steps, r"at \[1\]"),
        ("run-on", lambda f, start, steps: start, "it should be a list"),
        ("count-weights", lambda N, features, units: (N, ..., ...), "There is still a … in what came back"),
        ("padding-share", lambda lengths, size: [0.0], "it should be a single number"),
        ("influence", lambda model, x, at, size: 1.0, "A single number came back"),
    ],
)
def test_common_mistakes_are_found(name, wrong, says):
    failed = [finding for finding in rw.exercise("01", name, wrong).findings if finding["state"] == "failed"]
    assert any(re.search(says, finding["sentence"]) for finding in failed), failed


@pytest.mark.parametrize(
    ("name", "wrong", "place", "inputs"),
    [
        ("padding-share", full_batches_only, 0, {"lengths": "[1, 1, 1]", "size": "2"}),
        ("influence", changes_all, 0, {"x": "[0, 0]", "at": "1", "size": "1"}),
        ("influence", not_divided, 1, {"x": "[0]", "at": "0", "size": "0.5"}),
        ("count-weights", no_present, 0, {"N": "0", "features": "1", "units": "1"}),
        ("run-on", lambda f, start, steps: [f(start)] * steps, 1, {"start": "1", "steps": "2"}),
    ],
)
def test_the_counterexample_is_the_smallest(name, wrong, place, inputs):
    finding = rw.exercise("01", name, wrong).findings[place]
    assert finding["smallest"]
    assert inputs.items() <= dict(finding["inputs"]).items()


def test_the_models_of_the_exercise_are_told_by_their_numbers():
    assert torch.equal(Window((1.0, 0.5))(torch.tensor([1.0, 0, 0])), torch.tensor([1.0, 0.5, 0]))
    assert repr(Echo(0.5)) == "Echo(weight=0.5)"
    assert Line(2.0, 1.0)(3.0) == 7.0
    failed = rw.exercise("01", "influence", not_divided).findings[1]
    assert dict(failed["inputs"])["model"].startswith(("Window(", "Echo("))


def test_exercises_and_questions_are_complete():
    assert [check.name for check in read_exercises("01")] == [*RIGHT, "mend-the-window", "keep-the-level"]
    assert all(len(check.hints) >= 2 and check.then for check in read_exercises("01"))
    questions = read_questions("01")
    quizzes = [name for name, entry in questions.items() if entry["kind"] == "quiz"]
    assert len(quizzes) == 5
    for name in quizzes:
        wrong = [option for option in questions[name]["options"] if "because" not in option]
        assert len(wrong) == len(questions[name]["options"]) - 1
        assert all(option["misconception"] and option["answer"] for option in wrong)


@pytest.mark.parametrize("name", ["tasks", "fixed-size", "window", "feedback", "state", "dynamical-system"])
def test_pictures_are_described(name):
    assert len(rw.Picture(f"01-{name}").description) > 60


def test_the_hatched_share_is_the_one_that_was_asked_for():
    asked = rw.ask("01", "padding-share", show=rw.PaddingExplorer(method="all"))
    shown = asked.show.measure()["all"]
    assert round(100 * shown.share) == asked.truth
    assert shown.real / 64 == 13
    assert sorted(asked.show.lengths)[32] == 9
    assert max(asked.show.lengths) == 58


def test_the_window_s_miss_is_the_one_that_was_told():
    parts = split(sunspots(), length=40)

    def miss(years):
        return score(LinearForecaster(years).fit(parts.train), parts.validation).rmse

    misses = [miss(years) for years in (1, 2, 9, 40)]
    assert [round(one) for one in misses] == [30, 21, 19, 20]
    assert misses[2] < misses[3]
    assert min(range(1, 41), key=miss) in range(7, 13)


def test_the_turned_state_does_what_was_told():
    explorer = rw.ResponseExplorer(radius=0.95, angle=40.0)
    assert str(explorer.verdicts()["state"]) == (
        "Rings and decays: up and down every 9 steps, half is gone after 14 steps."
    )
    assert round(1 - 0.95**9, 2) == 0.37


def test_the_lesson_s_experiments_come_out_as_it_says():
    def half(weight):
        return rw.ResponseExplorer(feedback=weight).verdicts()["feedback"].steps

    assert (half(0.9), half(0.98)) == (7, 35)
    tamed = rw.ResponseExplorer(feedback=1.1, activation="tanh").verdicts()["feedback"]
    assert tamed.fate != "explodes"
    assert tamed.left < 1
