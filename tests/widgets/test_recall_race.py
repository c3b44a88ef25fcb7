"""The recall race from Python's side: what is sent, other weights, and a thread that ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import rnnviz_widgets as rw
from rnnviz.models import RECALL_CELLS


@pytest.fixture
def race() -> Iterator[rw.RecallRace]:
    race = rw.RecallRace(["tanh RNN", "GRU"], updates=4, every=2)
    yield race
    race.close()


def test_by_default_all_but_torchs_lstm_take_part() -> None:
    race = rw.RecallRace()
    assert race.scene["cells"] == [name for name in RECALL_CELLS if name != "LSTM"]
    stored = race.scene["stored"]
    assert all(len(stored["recall"][name]) == stored["seeds"] for name in race.scene["cells"])
    assert all(len(seed) == len(stored["distances"]) for seeds in stored["recall"].values() for seed in seeds)
    assert repr(race) == "RecallRace(cells=7, updates=400, farthest=80)"
    race.close()


def test_it_trains_and_tells_how_far_each_is(race: rw.RecallRace) -> None:
    assert {run["updates"] for run in race.frame.values()} == {0}
    race.start()
    assert race.wait(60) == "finished"
    assert {run.updates for run in race.runs.values()} == {4}
    for run in race.frame.values():
        assert len(run["recall"]) == len(race.scene["distances"])
        assert len(run["history"]) == 3
        assert all(0 <= share <= 1 for share in run["recall"] + run["history"])


def test_other_weights_begin_anew(race: rw.RecallRace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "send", lambda content, buffers=None: None)
    before = {name: run.recall for name, run in race.runs.items()}
    race.train(1)
    race._handle_custom_msg({"kind": "again"}, [])
    assert race.state == "ready"
    assert {run.updates for run in race.runs.values()} == {0}
    assert {name: run.recall for name, run in race.runs.items()} != before
    assert race._turns.seed == 1


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"cells": ["peephole"]}, ValueError, "no cell 'peephole'"),
        ({"cells": []}, ValueError, "No cell was given"),
        ({"updates": 0}, ValueError, "at least 1"),
        ({"update": 3}, TypeError, "Did you mean 'updates'"),
    ],
)
def test_what_cannot_race_is_refused(options: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rw.RecallRace(**options)
