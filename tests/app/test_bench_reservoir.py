"""The benchmark of harvesting a reservoir's states, on few steps."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from rnnviz.app import bench_reservoir as reservoir
from rnnviz.app.bench_reservoir import CASES, Case, build, copy_to_reservoirpy, measure_case

needs_reservoirpy = pytest.mark.skipif(
    not importlib.util.find_spec("reservoirpy"),
    reason="reservoirpy is not installed: pip install reservoirpy",
)


@needs_reservoirpy
@pytest.mark.parametrize("case", [case._replace(steps=400) for case in CASES], ids=str)
def test_the_states_are_reservoirpys(case: Case) -> None:
    network, noise = build(case)
    theirs = copy_to_reservoirpy(network, case.density < 1).run(noise[:, 0].numpy())
    np.testing.assert_allclose(network(noise)[0][:, 0].numpy(), theirs, rtol=0, atol=1e-12)


@needs_reservoirpy
def test_every_case_is_measured_beside_reservoirpy(capsys: pytest.CaptureFixture[str]) -> None:
    reservoir.main(["--shrink", "100", "--seconds", "0.05"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(CASES)
    for case, line in zip(CASES, lines[1:], strict=True):
        assert line.split()[:3] == [f"{case.units}", f"{case.steps // 100:,}", f"{case.density:g}"]
        assert "×" in line
        assert line.endswith("≤ 1e-12")


@needs_reservoirpy
def test_a_bound_that_is_not_kept_is_marked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"rnnviz": 3.0, "reservoirpy": 2.0, "apart": 1e-9}
    monkeypatch.setattr(reservoir, "measure_case", lambda case, seconds: found)
    assert reservoir.main([]) == 1
    assert "1.50 > 1× !" in capsys.readouterr().out


def test_without_reservoirpy_ours_is_measured_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert measure_case(Case(10, 20, 1.0), 0.01).keys() == {"rnnviz"}
    assert reservoir.main(["--shrink", "500", "--seconds", "0.01"]) == 0
    assert "pip install reservoirpy" in capsys.readouterr().out


def test_the_model_runs_without_scipy() -> None:
    code = (
        "import sys; sys.modules['scipy'] = sys.modules['scipy.sparse'] = None\n"
        "import torch; from rnnviz.models import EchoStateNetwork\n"
        "network = EchoStateNetwork(400, density=0.05)\n"
        "assert network._recurrence().sparse is None\n"
        "print(network(torch.ones(3, 1, 1))[0].shape[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "3\n", done.stderr
