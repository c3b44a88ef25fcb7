"""The models stand a second time in the page, where the sliders move; torch decides whether they are right.

``widgets/tests/response_explorer/responses.json`` holds what torch computes for some settings, and the browser-side
tests compute it anew. To write it again: ``python tests/widgets/test_response_explorer.py``.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

import rnnviz_widgets as rw
from rnnviz.models import compare_costs, measure_influence

FILE = Path(__file__).parents[2] / "widgets/tests/response_explorer/responses.json"

BUSY = [0.5, -1.0, 0.25, 0.0, 2.0, -0.75, 1.5]
CASES: dict[str, dict[str, Any]] = {
    "as it starts": {},
    "rings": {"window_weight": -0.9, "feedback": -0.9, "radius": 0.95, "angle": 40.0, "at": 3},
    "never ends": {"feedback": 1.0, "radius": 1.0, "angle": 30.0, "history": 0},
    "flips for ever": {"feedback": -1.0, "radius": 1.0, "angle": 180.0},
    "explodes": {"window_weight": 1.1, "feedback": 1.08, "radius": 1.06, "angle": 30.0},
    "grows": {"feedback": 1.01, "radius": 1.02, "steps": 40},
    "tanh": {"activation": "tanh", "feedback": 1.5, "radius": 1.25, "angle": 30.0, "size": 2.0},
    "tanh on a busy input": {"activation": "tanh", "inputs": BUSY, "at": 2, "steps": 30, "feedback": 0.99},
    "relu": {"activation": "relu", "inputs": BUSY, "size": -0.5, "angle": 60.0, "window_weight": -0.5},
    "nothing passes": {"activation": "relu", "size": -1.0},
    "slowly": {"feedback": 0.995, "radius": 0.998, "angle": 15.0},
    "at the end": {"at": 58},
    "long": {"steps": 300, "history": 200, "window_weight": 0.99, "feedback": 0.5},
    "beyond all numbers": {"steps": 2000, "feedback": 3.0, "radius": 2.0, "angle": 20.0},
}


def describe(name: str) -> dict[str, Any]:
    explorer = rw.ResponseExplorer(**CASES[name])
    names = ("history", "window_weight", "feedback", "radius", "angle", "activation")
    responses = explorer.responses()
    verdicts = explorer.verdicts()
    return {
        "settings": {setting: getattr(explorer, setting) for setting in names},
        "steps": explorer.steps,
        "at": explorer.at,
        "size": explorer.size,
        "inputs": explorer.inputs,
        "found": {
            model: {
                # A page needs no more than the beginning to be told right from wrong.
                "influence": [float(f"{value:.10g}") for value in responses[model][:60].tolist()],
                "fate": verdicts[model].fate,
                "says": str(verdicts[model]),
            }
            for model in responses
        },
    }


@pytest.mark.parametrize("name", CASES)
def test_the_file_says_what_torch_says(name: str) -> None:
    stored = json.loads(FILE.read_text())[name]
    fresh = json.loads(json.dumps(describe(name)))
    for model, found in fresh["found"].items():
        kept = stored["found"][model]
        np.testing.assert_allclose(kept.pop("influence"), found.pop("influence"), rtol=1e-8, atol=1e-12)
    assert stored == fresh


def test_costs_are_those_of_the_models() -> None:
    written = json.loads((FILE.parent / "responses.json").read_text())["costs"]
    assert written == costs()


def costs() -> dict[str, Any]:
    return {
        str(history): {name: vars(cost) for name, cost in compare_costs(history, units=2, bias=False).items()}
        for history in (0, 8, 40)
    }


def test_the_page_s_lines_of_code_give_the_same_numbers() -> None:
    explorer = rw.ResponseExplorer(feedback=-0.8, angle=20.0, at=4, size=2.0, steps=30)
    silence = rw.ResponseExplorer(size=1.0).responses()["window"][:30].double() * 0
    for name, model in explorer.models().items():
        measured = measure_influence(model, silence[:, None, None], at=4, size=2.0).measured
        np.testing.assert_allclose(measured.flatten() * 2.0, explorer.responses()[name], atol=1e-12)


def test_an_impulse_past_the_end_falls_on_the_last_step() -> None:
    explorer = rw.ResponseExplorer(steps=10, at=99)
    assert explorer.responses()["feedback"].nonzero().flatten().tolist() == [9]
    assert explorer.facts() == {"window": "short", "feedback": "short", "state": "short"}


def test_it_says_what_becomes_of_the_impulse() -> None:
    explorer = rw.ResponseExplorer()
    assert repr(explorer) == "ResponseExplorer(window='stops', feedback='decays', state='decays')"
    explorer.feedback = 1.2
    explorer.radius = 0.0
    assert explorer.facts() == {"window": "stops", "feedback": "explodes", "state": "stops"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"feedback": math.nan}, "feedback is nan"),
        ({"radius": math.inf}, "radius is inf"),
        ({"radius": -1.0}, "radius"),
        ({"steps": 10_000}, "steps"),
        ({"steps": 1}, "steps"),
        ({"history": 1000}, "history"),
        ({"inputs": [0.0, math.nan]}, "not finite"),
        ({"inputs": [0.0] * 3000}, "at most 2000"),
        ({"activation": "sigmoid"}, "activation"),
    ],
)
def test_refuses_settings_that_cannot_be_drawn(options: dict[str, Any], says: str) -> None:
    with pytest.raises(traitlets.TraitError, match=says):
        rw.ResponseExplorer(**options)


def test_helps_with_names() -> None:
    with pytest.raises(TypeError, match="Did you mean 'feedback'"):
        rw.ResponseExplorer(feedbak=1.0)


if __name__ == "__main__":
    cases: dict[str, Any] = {name: describe(name) for name in CASES}
    cases["costs"] = costs()
    FILE.write_text(json.dumps(cases, indent=1) + "\n")
