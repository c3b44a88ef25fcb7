"""The exercises of lesson 06, and the numbers that a question of it reveals."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import pytest
import torch

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.models import SequenceRegressor
from rnnviz.training import train
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.fresh_cells import Settings, measure_gradients


def carry_back(W: Any, states: Any, last: Any) -> Any:
    gradients = [last]
    for h in reversed(states[1:]):
        gradients.insert(0, W.T @ ((1 - h**2) * gradients[0]))
    return torch.stack(gradients)


def make_adding(values: Any, first: Any, second: Any) -> Any:
    lists = torch.arange(values.shape[1])
    markers = torch.zeros_like(values)
    markers[first, lists] = 1.0
    markers[second, lists] = 1.0
    return torch.stack([values, markers], dim=-1), (values * markers).sum(0)


def tell_order(symbols: Any) -> Any:
    pairs = [string[string < 2] for string in symbols.T]
    return torch.stack([2 * first + second for first, second in pairs])


def find_horizon(curve: Any, fraction: float) -> int:
    for d, left in enumerate(curve):
        if left < fraction * curve[0]:
            return d
    return len(curve)


def clip_gradients(gradients: Any, longest: float) -> Any:
    length = torch.cat([part.flatten() for part in gradients]).norm()
    return [part * min(1.0, longest / max(float(length), 1e-12)) for part in gradients]


SOLUTIONS = {
    "carry-back": carry_back,
    "clip": clip_gradients,
    "adding": make_adding,
    "order": tell_order,
    "horizon": find_horizon,
}


def solution_lines(lesson: str) -> list[str]:
    """Return the lines of a lesson's solutions."""
    (source,) = (Path(__file__).parents[2] / "lessons" / "source").glob(f"{lesson}-*.py")
    cells = jupytext.read(source, fmt="py:percent").cells
    return [
        line
        for cell in cells
        if "solution" in cell.metadata.get("tags", ())
        for line in cell.source.splitlines()
    ]


def each_by_itself(gradients: Any, longest: float) -> Any:
    return [part * min(1.0, longest / max(float(part.norm()), 1e-12)) for part in gradients]


def by_value(gradients: Any, longest: float) -> Any:
    return [part.clamp(-longest, longest) for part in gradients]


def all_to_one_length(gradients: Any, longest: float) -> Any:
    length = torch.cat([part.flatten() for part in gradients]).norm()
    return [part * longest / max(float(length), 1e-12) for part in gradients]


def zero_by_zero(gradients: Any, longest: float) -> Any:
    length = torch.cat([part.flatten() for part in gradients]).norm()
    return [part / length * min(length, longest) for part in gradients]


def by_the_sum_of_lengths(gradients: Any, longest: float) -> Any:
    length = sum(part.norm() for part in gradients)
    return [part * min(1.0, float(longest / length)) if length else part for part in gradients]


@pytest.mark.parametrize(
    "wrong",
    [
        each_by_itself,
        by_value,
        all_to_one_length,
        zero_by_zero,
        by_the_sum_of_lengths,
        lambda gradients, longest: gradients,
        lambda gradients, longest: [0 * part for part in gradients],
        lambda gradients, longest: clip_gradients(gradients[:1], longest) + list(gradients[1:]),
        lambda gradients, longest: clip_gradients(gradients, longest / 2),
        lambda gradients, longest: [-part for part in clip_gradients(gradients, longest)],
    ],
)
def test_other_ways_of_clipping_are_found(wrong: Callable[..., Any]) -> None:
    assert rw.exercise("06", "clip", wrong).facts()["failed"] > 0


def test_an_untrained_memory_is_not_there_yet_and_a_gated_one_is_refused() -> None:
    def untrained(task: Any) -> Any:
        assert task(torch.Generator())[0].shape == (60, 32, 1)
        return SequenceRegressor(1, 8, "rnn")

    attempt = rw.exercise("06", "remember", untrained)
    assert attempt.state == "short"
    assert attempt.score > 0.2
    gated = rw.exercise("06", "remember", lambda task: SequenceRegressor(1, 8, "lstm"))
    assert gated.state == "failed"
    assert "gates" in gated.sentence
    shapeless = rw.exercise("06", "remember", lambda task: torch.nn.Flatten())
    assert "it should be (1000, 1)" in shapeless.sentence
    assert rw.exercise("06", "remember", lambda task: 0.5).state == "failed"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_memory_can_be_built(seed: int) -> None:
    def remember(task: Any) -> Any:
        model = SequenceRegressor(1, 32, "rnn", input_deviation=0.05, seed=seed)
        for _ in train(model, task, learning_rate=0.001, clip_norm=1.0, steps=1000, seed=seed):
            pass
        return model

    assert rw.exercise("06", "remember", remember).state == "reached"


def test_all_have_hints_that_lead_and_do_not_tell() -> None:
    checks = read_exercises("06")
    assert [check.name for check in checks] == [*SOLUTIONS, "remember"]
    assert all(len(check.hints) >= 2 and check.then for check in checks)
    # No hint is a line of the solution.
    lines = {line.strip() for line in solution_lines("06") if len(line.strip()) > 12}
    for check in checks:
        for hint in check.hints:
            assert not any(code in line for line in lines for code in re.findall("`(.{13,}?)`", hint)), hint


@pytest.mark.parametrize(("name", "answer"), SOLUTIONS.items())
def test_solutions_hold(name: str, answer: Callable[..., Any]) -> None:
    assert {finding["state"] for finding in rw.exercise("06", name, answer).findings} == {"passed"}


def not_transposed(W: Any, states: Any, last: Any) -> Any:
    gradients = [last]
    for h in reversed(states[1:]):
        gradients.insert(0, W @ ((1 - h**2) * gradients[0]))
    return torch.stack(gradients)


def no_slope(W: Any, states: Any, last: Any) -> Any:
    gradients = [last]
    for _ in reversed(states[1:]):
        gradients.insert(0, W.T @ gradients[0])
    return torch.stack(gradients)


def backwards(W: Any, states: Any, last: Any) -> Any:
    return carry_back(W, states, last).flip(0)


def all_of_the_step(values: Any, first: Any, second: Any) -> Any:
    markers = torch.zeros_like(values)
    markers[first] = 1.0
    markers[second] = 1.0
    return torch.stack([values, markers], dim=-1), (values * markers).sum(0)


def sums_all(values: Any, first: Any, second: Any) -> Any:
    return make_adding(values, first, second)[0], values.sum(0)


def counts(symbols: Any) -> Any:
    return torch.stack([(string == 1).sum() for string in symbols.T])


def second_first(symbols: Any) -> Any:
    pairs = [string[string < 2] for string in symbols.T]
    return torch.stack([2 * second + first for first, second in pairs])


def counts_above(curve: Any, fraction: float) -> int:
    return int((curve >= fraction * curve[0]).sum())


def ends_on_the_line(curve: Any, fraction: float) -> int:
    return next((d for d, left in enumerate(curve) if left <= fraction * curve[0]), len(curve))


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("carry-back", not_transposed, "instead of"),
        ("carry-back", no_slope, "instead of"),
        ("carry-back", backwards, "The last one is not `last`"),
        (
            "carry-back",
            lambda W, states, last: carry_back(W, states, last)[1:],
            "The shape is .*; it should be",
        ),
        ("adding", all_of_the_step, "are marked; it should be"),
        ("adding", sums_all, "The sums are"),
        (
            "adding",
            lambda v, f, s: (make_adding(v, f, s)[0].movedim(-1, 0), v.sum(0)),
            "The inputs have the shape",
        ),
        ("order", counts, "instead of"),
        ("order", second_first, "instead of"),
        ("adding", lambda v, f, s: v, "The inputs have the shape"),
        ("adding", lambda v, f, s: (1, 2, 3), "3 items came back instead of 2"),
        ("adding", lambda v, f, s: (2 * make_adding(v, f, s)[0], v.sum(0)), "marked with 2|unchanged"),
        (
            "order",
            lambda symbols: ["AA"] * symbols.shape[1],
            "Numbers were expected; this is a list with text in it",
        ),
        ("horizon", lambda curve, fraction: int((curve >= fraction).sum()), "the line is at"),
        (
            "horizon",
            lambda curve, fraction: len(curve),
            "Already at d = 1 only 0 is left, and the line is at 0.5",
        ),
        ("horizon", lambda curve, fraction: 0.5, "whole number"),
        ("horizon", lambda curve, fraction: float("inf"), "whole number"),
        ("horizon", lambda curve, fraction: -1, "whole number"),
        ("horizon", lambda curve, fraction: curve, "it should be a single number"),
        ("horizon", counts_above, "the line is at"),
        ("horizon", ends_on_the_line, "The difference is 1"),
    ],
)
def test_common_mistakes_are_found(name: str, wrong: Callable[..., Any], says: str) -> None:
    failed = [one for one in rw.exercise("06", name, wrong).findings if one["state"] == "failed"]
    assert failed
    assert any(re.search(says, finding["sentence"]) for finding in failed)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("carry-back", lambda *given: list(carry_back(*given))),
        ("adding", lambda *given: [part.numpy() for part in make_adding(*given)]),
        ("order", lambda symbols: tell_order(symbols).tolist()),
        ("horizon", lambda *given: torch.tensor(find_horizon(*given))),
    ],
)
def test_right_answers_hold_as_lists_and_arrays_too(name: str, answer: Callable[..., Any]) -> None:
    assert rw.exercise("06", name, answer).facts()["failed"] == 0


@pytest.mark.parametrize(
    ("name", "wrong", "inputs"),
    [
        ("carry-back", no_slope, {"W": "[[1]]", "states": "[[0], [0.8]]", "last": "[1]"}),
        (
            "carry-back",
            not_transposed,
            {"W": "[[0, 0], [1, 0]]", "states": "[[0, 0], [0, 0]]", "last": "[1, 0]"},
        ),
        ("adding", sums_all, {"values": "[[1], [0], [0]]", "first": "[1]", "second": "[2]"}),
        ("order", second_first, {"symbols": "[[0], [1]]"}),
        ("horizon", counts_above, {"curve": "[1, 0, 1]", "fraction": "0.5"}),
        ("horizon", ends_on_the_line, {"curve": "[1, 0.5]", "fraction": "0.5"}),
    ],
)
def test_the_counterexample_is_the_smallest(
    name: str, wrong: Callable[..., Any], inputs: dict[str, str]
) -> None:
    finding = rw.exercise("06", name, wrong).findings[-1]
    assert finding["smallest"]
    assert dict(finding["inputs"]) == inputs


def test_losses_at_every_word_ask_as_the_question_reveals() -> None:
    (source,) = (Path(__file__).parents[2] / "lessons" / "source").glob("06-*.py")
    names: dict[str, Any] = {}
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", ()):
            exec(cell.source, names)
        if "every_word" in names:
            break
    asked = names["every_word"]["l0"]
    flow = rv.flow.gradient_flow(asked)[:, :, 0]
    # Together they ask of every state about as much.
    assert len(flow) == 38
    assert asked.grad_norm.max() < 2 * asked.grad_norm.min()
    # Of “not”, nearly all is asked by the first five; a thousandth by the loss ten words on, then a millionth.
    first = flow[:, 0] / flow[0, 0]
    assert 0.94 < float(first[:5].sum() / first.sum()) < 0.98
    assert 3e-4 < float(first[10]) < 3e-3
    assert 3e-7 < float(first[20]) < 5e-6
    assert 3e-12 < float(flow[37, 0] / flow[37, 37]) < 3e-11


def test_an_untrained_gru_falls_fastest_of_the_four_cells() -> None:
    left = {}
    for cell in ("RNN", "IRNN", "GRU", "LSTM"):
        asked = measure_gradients(cell, Settings(steps=100, spectral_radius=0.9)).hidden
        left[cell] = float(asked[0] / asked[-1])
    assert left["GRU"] < 1e-6 * min(left["RNN"], left["IRNN"], left["LSTM"])
    assert max(left, key=left.__getitem__) == "LSTM"
