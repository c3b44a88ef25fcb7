"""What all widgets do alike."""

from __future__ import annotations

import importlib

import pytest

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
