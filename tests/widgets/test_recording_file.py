"""A page that asks for the recording of a widget gets the file that `Trace.save` writes, or the reason why not."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw

WIDGETS = (
    rw.CellAnatomy,
    rw.GateHeatmap,
    rw.GradientFlow,
    rw.Spectrum,
    rw.UnrolledGraph,
    rw.WeightGradient,
)


def record() -> rv.Trace:
    torch.manual_seed(3)
    model = nn.LSTM(2, 3)
    with rv.record(model) as trace:
        model(torch.randn(5, 2, 2))[0].square().sum().backward()
    return trace


def ask(widget: Any, monkeypatch: pytest.MonkeyPatch, kind: str = "recording") -> list[tuple[Any, Any]]:
    """Ask as the page does, and return what it is sent."""
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(
        type(widget), "send", lambda _, content, buffers=None: sent.append((content, buffers))
    )
    widget._handle_custom_msg({"kind": kind}, [])
    return sent


@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.__name__)
def test_the_file_holds_the_recorded_numbers(
    kind: type[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trace = record()
    widget = kind(trace)
    ((content, (data,)),) = ask(widget, monkeypatch)
    assert content == {"kind": "recording"}
    path = tmp_path / "sent.nc"
    path.write_bytes(data)
    loaded = rv.load(path)
    assert loaded.layers == trace.layers
    for name, array in trace["l0"].arrays().items():
        assert torch.equal(loaded["l0"].arrays()[name], array)
    assert repr(kind(loaded)) == repr(widget)


def test_what_python_no_longer_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = rw.GradientFlow(record())
    gc.collect()
    ((content, buffers),) = ask(widget, monkeypatch)
    assert "let go of this recording" in content["message"]
    assert buffers is None


def test_what_no_file_can_hold_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = record()
    widget = rw.GateHeatmap(trace)
    monkeypatch.setattr(rv.Trace, "save", lambda *_: (_ for _ in ()).throw(OSError("No space left")))
    ((content, _),) = ask(widget, monkeypatch)
    assert content == {"kind": "recording", "message": "No space left"}


def test_other_messages_are_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = record()
    assert ask(rw.GateHeatmap(trace), monkeypatch, kind="compute") == []
