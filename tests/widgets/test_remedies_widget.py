"""Remedies and Cliff from Python's side."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import traitlets

import rnnviz_widgets as rw

Built = tuple[rw.Remedies, list[dict[str, Any]]]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Built]]:
    made: list[rw.Remedies] = []

    def build(**options: Any) -> Built:
        widget = rw.Remedies(**({"steps": 12, "updates": 30} | options))
        made.append(widget)
        sent: list[dict[str, Any]] = []
        monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
        return widget, sent

    yield build
    for widget in made:
        widget.close()


def say(widget: rw.Remedies, kind: str, **content: object) -> None:
    widget._handle_custom_msg({"kind": kind, **content}, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("initialisation", "orthogonal"),
        ("activation", "relu"),
        ("normalisation", "layer"),
        ("normalisation", "batch"),
        ("clip", 0.01),
        ("truncate", 5),
    ],
)
def test_each_switch_moves_the_curve(build: Callable[..., Built], name: str, value: object) -> None:
    widget, _ = build()
    before = list(widget.curve)
    say(widget, "compute", number=1, settings=widget.switches | {name: value})
    assert widget.answered == 1
    assert widget.switches[name] == value
    assert widget.curve != before
    assert widget.scene["plain"] == before


def test_the_optimiser_moves_the_other_curve(build: Callable[..., Built]) -> None:
    widget, sent = build()
    errors = {}
    for optimiser in ("SGD", "momentum", "Adam"):
        say(widget, "train", settings=widget.switches | {"optimiser": optimiser})
        assert widget.wait(30) == "finished"
        assert widget.trial is not None
        assert widget.trial.updates == 30
        errors[optimiser] = widget.trial.errors
        say(widget, "seen", number=10**6)
    assert len(set(errors.values())) == 3
    frames = [content["frame"] for content in sent if content["kind"] == "frame"]
    json.dumps(frames, allow_nan=False)
    assert {frame["run"] for frame in frames} == {1, 2, 3}
    assert frames[-1]["switches"]["optimiser"] == "Adam"


def test_a_training_that_diverges_says_so(build: Callable[..., Built]) -> None:
    widget, _ = build(initialisation="identity", activation="relu", steps=60, updates=200)
    widget.begin_training()
    widget.wait(30)
    assert widget.trial is not None
    assert widget.trial.diverged
    assert widget.frame["trial"]["errors"][-1] is None


def test_another_length_draws_the_plain_curve_anew(build: Callable[..., Built]) -> None:
    widget, _ = build()
    say(widget, "compute", number=1, settings=widget.switches | {"steps": 20})
    assert len(widget.curve) == len(widget.scene["plain"]) == 20


def test_what_is_wrong_is_told(build: Callable[..., Built]) -> None:
    widget, sent = build()
    say(widget, "compute", number=1, settings=widget.switches | {"activation": "sine"})
    assert sent[-1]["kind"] == "error"
    assert "activation is 'sine'" in sent[-1]["message"]
    assert widget.answered == 0
    with pytest.raises(ValueError, match="steps is 100"):
        rw.Remedies(steps=100)
    with pytest.raises(TypeError, match="no option 'activaton'"):
        rw.Remedies(activaton="relu")


def test_the_cliff_keeps_to_its_map() -> None:
    assert repr(rw.Cliff(w=6, b=-2.5)) == "Cliff(steps=50, w=6.0, b=-2.5, learning_rate=0.3, clip=0.5)"
    for bad in ({"w": 9.0}, {"b": 0.0}, {"steps": 0}, {"clip": 0.0}, {"w": math.nan}, {"b": -math.inf}):
        with pytest.raises(traitlets.TraitError):
            rw.Cliff(**bad)
    with pytest.raises(TypeError, match="no option 'rate'"):
        rw.Cliff(rate=1)
