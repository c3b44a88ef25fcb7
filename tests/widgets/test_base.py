"""What all widgets do alike."""

from __future__ import annotations

import importlib
from typing import Any

import ipywidgets
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.app.snapshots import LEFT_TO_PAGE
from rnnviz_widgets.base import PAGE_HAS_SCRIPTS, STATIC, Widget
from rnnviz_widgets.plotly_figure import PlotlyFigure


def make_widgets() -> list[Widget | PlotlyFigure]:
    return [rw.Environment(), rw.LessonMap("lessons"), PlotlyFigure([{"y": [1, 2]}])]


def test_behind_a_page_that_has_them_widgets_send_no_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(STATIC.parents[2])
    for widget in make_widgets():
        assert len(widget._esm) > 1000
        assert len(widget._css) > 10_000
    monkeypatch.setenv(PAGE_HAS_SCRIPTS, "1")
    for widget in make_widgets():
        module = type(widget).__module__.removeprefix("rnnviz_widgets.")
        assert (STATIC / f"{module}.js").is_file()
        # What a snapshot knows it by.
        assert widget.get_state()["_esm"] == LEFT_TO_PAGE.format(module)
        assert widget.get_state()["_css"] == ""


def test_a_widget_that_somebody_has_derived_keeps_its_own_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PAGE_HAS_SCRIPTS, "1")

    class Mine(Widget):
        _esm = "export default {}"

    assert Mine()._esm == "export default {}"


def test_every_script_is_named_like_its_module() -> None:
    for script in STATIC.glob("*.js"):
        if not script.name.startswith("page_"):
            assert importlib.import_module(f"rnnviz_widgets.{script.stem}")


def test_the_page_hears_of_a_widget_once_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, dict[str, Any]]] = []
    open_line = ipywidgets.Widget.open

    def note(self: ipywidgets.Widget) -> None:
        if isinstance(self, Widget):
            opened.append((type(self).__name__, self.get_state()))
        open_line(self)

    monkeypatch.setattr(ipywidgets.Widget, "open", note)

    class Late(rw.Experiment):
        def __init__(self) -> None:
            super().__init__({"double": lambda n: 2.0 * n}, low=1, high=9, x="n", first=[4])
            self.unit = "kB"

    made: list[Widget] = [Late(), rw.Remedies()]
    assert [name for name, _ in opened] == ["Late", "Remedies"]
    for widget, (_, state) in zip(made, opened, strict=True):
        assert widget.get_state() == state
        assert widget.comm is not None
    assert opened[0][1]["unit"] == "kB"
    assert opened[0][1]["points"] == [[4, 8.0]]
    with pytest.raises(TypeError, match="should return one number"):
        rw.Experiment({"none": lambda n: torch.zeros(2)}, low=1, high=9, x="n")  # type: ignore[dict-item, return-value]
    assert len(opened) == 2
