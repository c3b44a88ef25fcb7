"""Answers to every exercise: the wrong ones fail, each of them, and the right ones hold, in whatever style."""

import importlib
import time

import pytest

import rnnviz_widgets as rw
from rnnviz_widgets.exercises import read_exercises

LESSONS = ("01", "02", "03", "04", "05", "06", "08", "09", "10", "11")
ANSWERS = {number: importlib.import_module(f"answers.lesson_{number}") for number in LESSONS}


def list_answers(kind):
    return [
        pytest.param(number, name, answer, id=f"{number}-{name}-{style}")
        for number, module in ANSWERS.items()
        for name, answers in getattr(module, kind).items()
        for style, answer in answers.items()
    ]


@pytest.mark.parametrize("number", LESSONS)
def test_every_exercise_has_enough_answers(number):
    for check in read_exercises(number):
        if isinstance(check, rw.Check):
            assert len(ANSWERS[number].WRONG[check.name]) >= 10, check.name
            assert len(ANSWERS[number].RIGHT[check.name]) >= 3, check.name


@pytest.mark.parametrize(("number", "name", "answer"), list_answers("WRONG"))
def test_a_wrong_answer_fails(number, name, answer):
    check = rw.exercise(number, name, answer)
    failed = [finding for finding in check.findings if finding["state"] == "failed"]
    assert failed
    assert all(finding["sentence"] for finding in failed)


@pytest.mark.parametrize(("number", "name", "answer"), list_answers("RIGHT"))
def test_a_right_answer_holds_in_any_style(number, name, answer):
    began = time.monotonic()
    check = rw.exercise(number, name, answer)
    assert [finding for finding in check.findings if finding["state"] != "passed"] == []
    # All of them are tried, in good time: a quarter of what there is.
    assert not any(finding["sentence"] for finding in check.findings)
    assert time.monotonic() - began < 5
