"""Batches are made a second time in the page, where the sliders move; `rnnviz.data` decides whether they are right.

``widgets/tests/padding_explorer/padding.json`` holds what it makes, and the browser-side tests make it anew. To write
it again: ``python tests/widgets/test_padding_explorer.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import traitlets

import rnnviz_widgets as rw
from rnnviz.data import make_batches
from rnnviz_widgets.padding_explorer import BIN, LONG_TAIL, METHODS, spread_lengths

FILE = Path(__file__).parents[2] / "widgets/tests/padding_explorer/padding.json"
CASES: dict[str, dict[str, Any]] = {
    "as it starts": {},
    "one sequence": {"lengths": [7]},
    "all alike": {"lengths": [5] * 12, "batch": 5},
    "more buckets than sequences": {"lengths": [9, 2, 8], "batch": 2, "buckets": 9, "seed": 3},
    "a large seed": {"seed": 2**32 - 1, "batch": 7, "buckets": 5},
    "many": {"lengths": [1 + (37 * k) % 83 for k in range(300)], "batch": 16, "buckets": 6, "seed": 11},
}


def describe(name: str) -> dict[str, Any]:
    explorer = rw.PaddingExplorer(**CASES[name])
    shares = explorer.measure()
    return {
        "lengths": explorer.lengths,
        "batch": explorer.batch,
        "buckets": explorer.buckets,
        "seed": explorer.seed,
        "found": {
            method: {
                "batches": make_batches(
                    explorer.lengths,
                    explorer.batch,
                    order=order,
                    buckets=explorer.buckets,
                    seed=explorer.seed,
                ),
                "real": shares[method].real,
                "computed": shares[method].computed,
            }
            for method, (_, order) in METHODS.items()
        },
    }


def spread() -> list[dict[str, Any]]:
    cases = [(list(LONG_TAIL), BIN), ([0, 3, 1], 4), ([2, 0, 5], 1), ([7], 3)]
    return [
        {"counts": counts, "width": width, "lengths": spread_lengths(counts, width)}
        for counts, width in cases
    ]


@pytest.mark.parametrize("name", CASES)
def test_the_file_says_what_the_package_says(name: str) -> None:
    assert json.loads(FILE.read_text())["cases"][name] == describe(name)


def test_the_file_has_the_lengths_of_histograms() -> None:
    assert json.loads(FILE.read_text())["spread"] == spread()


def test_sequences_may_be_given_instead_of_lengths() -> None:
    given = ["abc", [1, 2], torch.zeros(5, 2), np.int64(4), 1]
    assert rw.PaddingExplorer(given).lengths == [3, 2, 5, 4, 1]


def test_it_says_what_padding_costs() -> None:
    assert repr(rw.PaddingExplorer()) == (
        "PaddingExplorer(sequences=64, longest=58, method='batch', padding=0.61)"
    )
    explorer = rw.PaddingExplorer([4, 4, 4], method="all")
    assert explorer.facts()["padding"] == 0
    explorer.lengths = [4, 1]
    assert explorer.facts()["padding"] == 0.38


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (([],), ValueError, "no sequences"),
        (([3, 0],), ValueError, "A length is 0"),
        ((["", "a"],), ValueError, "A length is 0"),
        (([1.5],), TypeError, r"lengths holds 1\.5"),
        (([1] * 3000,), ValueError, "at most 2000"),
        (([20_000],), ValueError, "of 10000 are shown"),
    ],
)
def test_refuses_lengths_that_cannot_be_shown(given: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rw.PaddingExplorer(*given)


def test_refuses_settings_and_helps_with_names() -> None:
    with pytest.raises(traitlets.TraitError, match="method"):
        rw.PaddingExplorer(method="zipped")
    with pytest.raises(traitlets.TraitError, match="batch"):
        rw.PaddingExplorer(batch=0)
    with pytest.raises(TypeError, match="Did you mean 'buckets'"):
        rw.PaddingExplorer(bucket=3)


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({"cases": {name: describe(name) for name in CASES}, "spread": spread()}) + "\n"
    )
