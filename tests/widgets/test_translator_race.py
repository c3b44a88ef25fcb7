"""Translators that learn side by side, as a page asks for them."""

from __future__ import annotations

import pytest

import rnnviz_widgets as rw
from rnnviz.data import Pairs


def make(updates: int = 4) -> rw.TranslatorRace:
    words = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze")
    pairs = Pairs("numbers", tuple((str(k), "!") for k in range(12)), tuple((word, "!") for word in words))
    return rw.TranslatorRace(pairs, updates=updates, every=2)


def test_all_learn_and_are_measured() -> None:
    race = make()
    race.train(4)
    assert [run.updates for run in race.runs.values()] == [4, 4, 4]
    assert set(race.frame) == set(race.scene["translators"])
    assert all(len(one["exact"]) == 3 for one in race.frame.values())
    assert race.scene["learned"] + race.scene["tested"] == 12
    race.close()


def test_the_share_of_right_words_begins_anew() -> None:
    race = make()
    race.train(2)
    race._answer("teach", {"share": 0.25})
    assert race.teacher_forcing == 0.25
    assert [run.updates for run in race.runs.values()] == [0, 0, 0]
    models = [training.model for training in race._race.trainings.values()]
    assert [model.teacher_forcing for model in models] == [0.25] * 3
    with pytest.raises(ValueError, match="from 0 to 1"):
        race._answer("teach", {"share": 2})
    race.close()


def test_nothing_else_is_taken() -> None:
    with pytest.raises(TypeError, match="Did you mean 'updates'"):
        rw.TranslatorRace(update=3)
    with pytest.raises(ValueError, match="each is at least 1"):
        rw.TranslatorRace(updates=0)
