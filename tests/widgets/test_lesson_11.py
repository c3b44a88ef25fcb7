"""The exercises of lesson 11, and the numbers that its text and its questions reveal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import rnnviz_widgets as rw
from rnnviz.data import made_up_pairs, pad_sentences
from rnnviz.experiments.results import read_results, read_rows
from rnnviz.models import EncoderDecoder, exact_match, learn_pairs, translate_greedily
from rnnviz_widgets.exercises import read_exercises


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("11")
    assert [check.name for check in checks] == ["teach", "say", "attend", "carry"]
    assert all(len(check.hints) >= 3 and check.then for check in checks)


def test_what_is_said_of_the_pairs() -> None:
    pairs = made_up_pairs()
    lengths = {len(one) for one in pairs.source}
    assert (min(lengths), max(lengths)) == (3, 10)
    assert len(pairs.vocabularies()[0]) == 50


def test_the_translator_at_the_top_is_right_in_95_of_100() -> None:
    pairs = made_up_pairs()
    learn, test = pairs.split(0.9)
    source, target = pairs.vocabularies()
    model = EncoderDecoder(len(source), len(target))
    training = learn_pairs(model, learn, source, target)
    for _ in range(150):
        training.step()
    numbers, _ = pad_sentences([source.encode(one) for one in test.source])
    assert exact_match(translate_greedily(model.eval(), numbers, target), test) >= 0.95


def test_neither_reading_wins_as_the_question_reveals() -> None:
    middle = {row.what: round(100 * row.median) for row in read_rows("reversal")}
    assert middle["read backwards, 120 updates"] == 12
    assert middle["read forwards, 120 updates"] == 15
    assert middle["read backwards, 240 updates"] == 27
    assert middle["read forwards, 240 updates"] == 24
    spread = {row.what: (min(row.measured), max(row.measured)) for row in read_rows("reversal")}
    assert [round(100 * one) for one in spread["read backwards, 120 updates"]] == [9, 23]
    assert [round(100 * one) for one in spread["read forwards, 120 updates"]] == [7, 19]


def test_the_bottleneck_is_as_the_question_reveals() -> None:
    found = read_results("bottleneck")["details"]
    at = found["lengths"].index(8)
    middle = {name: float(torch.tensor(one).median(0).values[at]) for name, one in found["exact"].items()}
    assert max(middle["read forwards"], middle["read backwards"]) < 0.15
    assert middle["with attention"] > 0.6


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda source, target: 3, "it should return an EncoderDecoder"),
        (lambda source, target: nn.Linear(source, target), "it should return an EncoderDecoder"),
        (lambda source, target: EncoderDecoder(source - 1, target - 1), "cannot|range|index"),
    ],
)
def test_what_is_no_attempt_is_refused(build: Callable[..., Any], says: str) -> None:
    failed = rw.exercise("11", "carry", build)
    assert isinstance(failed, rw.Challenge)
    assert failed.state == "failed"
    assert any(part in failed.sentence for part in says.split("|"))


def test_own_words_hardly_matter_unless_there_are_no_others() -> None:
    rows = {row.what: row for row in read_rows("teacher_forcing")}
    shares = [rows[f"share {share}: no fault"] for share in ("1", "0.5", "0")]
    assert [round(100 * row.median, 1) for row in shares] == [88.1, 88.4, 82.4]
    assert max(shares[2].measured) < min(shares[0].measured)
    assert max(shares[2].measured) < min(shares[1].measured)
