"""The environment check: it finds what is missing and says what to do, and is silent about what is not."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets import environment


def find(name: str) -> dict[str, str]:
    return next(finding for finding in rw.Environment().findings if finding["what"] == name)


def test_here_everything_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNVIZ_DATA", raising=False)
    shown = rw.Environment()
    assert repr(shown) == "Environment(missing=[])"
    assert all(finding["advice"] for finding in shown.findings if finding["state"] != "good")
    assert find("torch")["found"] == torch.__version__


def test_what_is_not_installed_or_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "plotly":
            raise importlib.metadata.PackageNotFoundError(name)
        return "2.9.1+cpu" if name == "torch" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert repr(rw.Environment()) == "Environment(missing=['torch', 'plotly'])"
    assert 'pip install "rnnviz[course]"' in find("plotly")["advice"]
    assert '"torch>=2.13"' in find("torch")["advice"]


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("2.13.0+cpu", (2, 13, 0)), ("0.14.5", (0, 14, 5)), ("7.1.0rc1", (7, 1, 0)), ("3.dev2", (3,))],
)
def test_versions_are_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert environment._as_numbers(version) == numbers


def test_many_threads_are_a_note_and_no_fault() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert find("torch’s threads")["state"] == "note"
        torch.set_num_threads(1)
        assert find("torch’s threads")["state"] == "good"
    finally:
        torch.set_num_threads(before)


def test_a_slow_machine_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "SLOW_SECONDS", 0)
    assert "take longer" in find("speed")["advice"]


def test_a_folder_with_public_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    assert find("public data")["state"] == "good"
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path / "nowhere"))
    assert find("public data")["state"] == "bad"
