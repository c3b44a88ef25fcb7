"""The exercises of lesson 06: solutions hold, common mistakes are found and explained."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets.exercises import read_exercises


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


SOLUTIONS = {"carry-back": carry_back, "adding": make_adding, "order": tell_order, "horizon": find_horizon}


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("06")
    assert [check.name for check in checks] == list(SOLUTIONS)
    assert all(len(check.hints) >= 2 and check.then for check in checks)


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


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("carry-back", not_transposed, "instead of"),
        ("carry-back", no_slope, "instead of"),
        ("carry-back", backwards, "."),
        (
            "carry-back",
            lambda W, states, last: carry_back(W, states, last)[1:],
            "one gradient for each state",
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
        ("horizon", lambda curve, fraction: int((curve >= fraction).sum()), "."),
        ("horizon", lambda curve, fraction: len(curve), "."),
        ("horizon", lambda curve, fraction: 0.5, "whole number"),
    ],
)
def test_common_mistakes_are_found(name: str, wrong: Callable[..., Any], says: str) -> None:
    failed = [one for one in rw.exercise("06", name, wrong).findings if one["state"] == "failed"]
    assert failed
    assert any(re.search(says, finding["sentence"]) for finding in failed)
