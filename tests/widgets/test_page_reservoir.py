"""The reservoir stands a second time in the page; `rnnviz.models` decides whether it is right.

``widgets/tests/reservoir_playground/reservoir.json`` holds what it says of a small one, and the browser-side tests
compute the same. To write it again: ``python tests/widgets/test_page_reservoir.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.models import EchoStateNetwork, forget_start, normalised_error
from rnnviz.models.reservoir import fit_ridge

FILE = Path(__file__).parents[2] / "widgets/tests/reservoir_playground/reservoir.json"
CASES: dict[str, dict[str, Any]] = {
    "tanh": {"spectral_radius": 0.9, "leak": 0.6, "input_scale": 0.7, "nonlinearity": "tanh"},
    "linear": {"spectral_radius": 0.8, "leak": 1.0, "input_scale": 1.3, "nonlinearity": "linear"},
}
UNITS, WASHOUT, DELAYS, RIDGE = 8, 10, 6, 1e-4


def describe(name: str) -> dict[str, Any]:
    network = EchoStateNetwork(UNITS, seed=3, **CASES[name])
    generator = torch.Generator().manual_seed(1)
    noise = torch.rand(120, generator=generator, dtype=torch.float64) - 0.5
    states, _ = network(noise[:, None, None])
    # The halves as the page cuts them.
    begin = WASHOUT + DELAYS
    half = begin + (len(noise) - begin) // 2
    seen = torch.cat([torch.ones(len(noise), 1), states[:, 0]], dim=1)
    capacity = []
    for k in range(1, DELAYS + 1):
        weights = fit_ridge(seen[begin:half], noise[begin - k : half - k, None], RIDGE)
        said = (seen[half:] @ weights)[:, 0]
        capacity.append(
            float(torch.corrcoef(torch.stack([said, noise[half - k : len(noise) - k]]))[0, 1] ** 2)
        )
    series = torch.sin(0.3 * torch.arange(100, dtype=torch.float64))
    last = network.fit(series[:60, None, None], series[1:61, None, None], ridge=RIDGE, washout=WASHOUT)
    forecast = network.generate(series[60].reshape(1, 1), 39, last)[:, 0, 0]
    return {
        "units": UNITS,
        "washout": WASHOUT,
        "delays": DELAYS,
        "ridge": RIDGE,
        "settings": CASES[name],
        "recurrent": network.weight_hh.flatten().tolist(),
        "input": network.weight_ih.flatten().tolist(),
        "bias": network.bias.tolist(),
        "noise": noise.tolist(),
        "series": series.tolist(),
        "fit": 60,
        "last_state": states[-1, 0].tolist(),
        "distance": forget_start(network, noise[:, None, None]).tolist(),
        "capacity": capacity,
        "forecast": forecast.tolist(),
        "error": float(normalised_error(forecast, series[61:100])),
    }


@pytest.mark.parametrize("name", CASES)
def test_the_file_says_what_the_model_says(name: str) -> None:
    stored, fresh = json.loads(FILE.read_text())[name], describe(name)
    assert stored.keys() == fresh.keys()
    for key, value in fresh.items():
        if key == "settings":
            assert stored[key] == value
        else:
            np.testing.assert_allclose(stored[key], value, rtol=1e-6, atol=1e-9, err_msg=key)


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: describe(name) for name in CASES}, separators=(",", ":")) + "\n")
