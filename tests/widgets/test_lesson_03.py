"""Lesson 03: its exercises find the usual slips, and its graphs show each shape."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import SHAPES, watch_frames
from rnnviz.models import build_for_shape
from rnnviz_widgets.exercises import read_exercises


def build_mask(lengths: Any, steps: int) -> Any:
    return torch.arange(steps)[:, None] < lengths


def take_last(outputs: Any, lengths: Any) -> Any:
    return outputs[lengths - 1, torch.arange(len(lengths))]


def count_running(lengths: Any) -> Any:
    return build_mask(lengths, int(lengths.max())).sum(dim=1)


def test_every_exercise_has_hints() -> None:
    assert [check.name for check in read_exercises("03")] == [
        "mask",
        "last-state",
        "batch-sizes",
        "mend-the-average",
        "no-row-in-vain",
    ]
    assert all(check.lesson == "03" and len(check.hints) >= 3 for check in read_exercises("03"))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("mask", build_mask),
        ("mask", lambda lengths, steps: build_mask(lengths, steps).float()),
        ("last-state", take_last),
        (
            "last-state",
            lambda outputs, lengths: outputs.gather(
                0, (lengths - 1)[None, :, None].expand(1, -1, outputs.shape[2])
            )[0],
        ),
        ("batch-sizes", count_running),
        ("mask", lambda lengths, steps: build_mask(lengths, steps).tolist()),
        ("mask", lambda lengths, steps: build_mask(lengths, steps).numpy()),
        ("batch-sizes", lambda lengths: count_running(lengths).tolist()),
        ("last-state", lambda outputs, lengths: list(take_last(outputs, lengths))),
    ],
)
def test_right_answers_pass(name: str, answer: Any) -> None:
    assert {finding["state"] for finding in rw.exercise("03", name, answer).findings} == {"passed"}


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        (
            "mask",
            lambda lengths, steps: torch.arange(steps)[:, None] <= lengths,
            "there is no step of instance",
        ),
        ("mask", lambda lengths, steps: build_mask(lengths, steps).T, "it should be"),
        (
            "mask",
            lambda lengths, steps: ~build_mask(lengths, steps),
            "At t = 0 there is a step of instance 0",
        ),
        ("mask", lambda lengths, steps: build_mask(lengths, steps) * 2.0, "the mask says 2"),
        ("mask", lambda lengths, steps: [[1] * int(length) for length in lengths], "it should be"),
        ("last-state", lambda outputs, lengths: outputs[-1], "instead of"),
        ("last-state", lambda outputs, lengths: outputs[lengths - 1], "it should be"),
        (
            "last-state",
            lambda outputs, lengths: outputs[lengths - 2, torch.arange(len(lengths))],
            "instead of",
        ),
        ("batch-sizes", lambda lengths: lengths, "it should be|add up|instead of"),
        ("batch-sizes", lambda lengths: lengths.sort(descending=True).values, "it should be|instead of"),
    ],
)
def test_common_mistakes_are_found(name: str, wrong: Any, says: str) -> None:
    failed = [finding for finding in rw.exercise("03", name, wrong).findings if finding["state"] == "failed"]
    assert failed
    assert any(re.search(says, finding["sentence"]) for finding in failed)


def test_a_wrong_shape_is_told_once() -> None:
    findings = rw.exercise("03", "mask", lambda lengths, steps: build_mask(lengths, steps).T).findings
    assert len({finding["sentence"] for finding in findings}) == 1


@pytest.mark.parametrize(
    ("name", "wrong", "inputs"),
    [
        (
            "mask",
            lambda lengths, steps: torch.arange(steps)[:, None] <= lengths,
            {"lengths": "[1]", "steps": "2"},
        ),
        (
            "last-state",
            lambda outputs, lengths: outputs[-1],
            {"outputs": "[[[1]], [[0]]]", "lengths": "[1]"},
        ),
        (
            "batch-sizes",
            lambda lengths: (torch.arange(int(lengths.max()))[:, None] <= lengths).sum(1),
            {"lengths": "[1, 2]"},
        ),
    ],
)
def test_the_counterexample_is_the_smallest(name: str, wrong: Any, inputs: dict[str, str]) -> None:
    finding = rw.exercise("03", name, wrong).findings[-1]
    assert finding["smallest"]
    assert dict(finding["inputs"]) == inputs


def test_lengths_between_one_and_the_longest_come_up() -> None:
    seen: list[Any] = []

    def look(lengths: Any) -> Any:
        seen.append(lengths)
        return count_running(lengths)

    rw.exercise("03", "batch-sizes", look)
    assert any(((lengths > 1) & (lengths < lengths.max())).any() for lengths in seen)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_drawn_where_it_is_used(shape: str) -> None:
    task = SHAPES[shape]()
    graph = rw.draw_shape(task, build_for_shape(task))
    shown = len(graph.plan["inputs_at"])
    assert shown == min(12, len(task.lengths))
    assert graph.title == shape
    assert graph.classes == list(task.classes)
    assert all(flow is not None for flow in graph.plan["flow"])
    # The first sequence is always among those that are drawn.
    assert graph.plan["inputs_at"][0] == task.inputs_at[:, 0].tolist()
    assert graph.plan["outputs_at"][0] == task.outputs_at[:, 0].tolist()
    goes_on = [layer["start"]["layer"] for layer in graph.trace.layers]
    assert (goes_on == [-1, 0]) == bool(task.writes)


def test_only_a_cost_that_leaves_something_out_is_drawn() -> None:
    film = rw.draw_shape(watch_frames(), build_for_shape(watch_frames()))
    assert film.plan["in_cost"][0] == [False, True, True, True, True]
    task = SHAPES["sequence → vector"]()
    assert rw.draw_shape(task, build_for_shape(task)).plan["in_cost"] is None
