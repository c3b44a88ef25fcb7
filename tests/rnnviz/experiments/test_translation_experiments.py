"""The experiments on translation: reading backwards, own words in training, the bottleneck, and BLEU."""

from __future__ import annotations

from statistics import median

import pytest

from rnnviz.data import Pairs
from rnnviz.experiments import bottleneck, reversal, tatoeba, teacher_forcing
from rnnviz.experiments.results import read_results, read_rows
from rnnviz.models import EncoderDecoder


def test_what_is_not_reproduced_says_what_was_found() -> None:
    rows = read_rows("reversal")
    failed = [row for row in rows if row.holds is False]
    assert [row.what for row in failed] == ["read backwards, 120 updates"]
    assert all("found instead: " in row.note for row in failed)
    found = read_results("reversal")
    assert found["settings"]["updates"] == reversal.UPDATES
    # The rows are points of the curves.
    for name, curves in found["details"]["exact"].items():
        for at in reversal.LOOKED_AT:
            row = next(row for row in rows if row.what == f"{name}, {at} updates")
            assert list(row.measured) == [curve[at // reversal.EVERY] for curve in curves]


def test_a_race_of_two_readings_is_measured_at_its_points() -> None:
    rows, details = reversal.run([0], updates=60)
    assert [row.what for row in rows] == ["read forwards, 60 updates", "read backwards, 60 updates"]
    stored = {row.what: row.measured[0] for row in read_rows("reversal")}
    for row in rows:
        assert row.median == pytest.approx(stored[row.what], abs=0.1)
    assert [len(curves[0]) for curves in details["exact"].values()] == [4, 4]


def test_words_count_at_their_places_and_the_end_with_them() -> None:
    pairs = Pairs("one", (("hi", "you"), ("you",)), (("salut", "toi"), ("toi",)))
    source, target = pairs.vocabularies()
    model = EncoderDecoder(len(source), len(target), embedding=4, units=4)
    # One that says "toi", whatever it is asked, and never ends.
    number = target.encode(["toi"])
    model.say.weight.data.zero_()
    model.say.bias.data.zero_()
    model.say.bias.data[number] = 9.0
    exact, given, own = teacher_forcing.measure_words(model, pairs, source, target)
    assert (exact, given, own) == pytest.approx((0.0, 2 / 5, 2 / 5))


def test_the_bottleneck_is_judged_by_what_is_claimed() -> None:
    at = bottleneck.LENGTHS.index(4)
    good, poor = [1.0] * len(bottleneck.LENGTHS), [0.0] * len(bottleneck.LENGTHS)
    poor[at] = 0.5
    exact = {"read forwards": [poor], "read backwards": [poor], "with attention": [good]}
    claimed = {row.what: row.holds for row in bottleneck.judge(exact) if row.holds is not None}
    assert claimed == dict.fromkeys((f"{name}, 12 digits" for name in exact), True)
    turned = {"read forwards": [good], "read backwards": [poor], "with attention": [poor]}
    assert [row.holds for row in bottleneck.judge(turned) if row.holds is not None] == [False, True, False]


def test_bleu_takes_every_translation_as_a_reference() -> None:
    sentence = ("nous", "buvons", "du", "lait", "froid")
    other = ("on", "boit", "du", "lait", "froid")
    pairs = Pairs("two", (("a",), ("a",), ("b",)), (sentence, other, sentence))
    assert tatoeba.measure_bleu([other, other, sentence], pairs) == pytest.approx(100)
    assert tatoeba.measure_bleu([other, other, other], pairs) < 90
    with pytest.raises(ValueError, match="1 translations of 3 sentences"):
        tatoeba.measure_bleu([other], pairs)


def test_what_was_stored_of_the_bottleneck_is_the_middle_of_its_seeds() -> None:
    found = read_results("bottleneck")
    assert found["settings"]["updates"] == bottleneck.UPDATES
    shares = found["details"]["exact"]
    for row in read_rows("bottleneck"):
        name, digits = row.what.rsplit(", ", 1)
        at = found["details"]["lengths"].index(int(digits.split()[0]))
        assert row.median == median(one[at] for one in shares[name])
