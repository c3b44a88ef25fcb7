"""The plotly figure: what it sends, how it looks where nobody says, and its repr."""

from __future__ import annotations

import gzip
from pathlib import Path

import plotly
import plotly.graph_objects as go
import pytest

import rnnviz_widgets as rw
from rnnviz_widgets.plotly_figure import CONFIG, LAYOUT
from rnnviz_widgets.plotly_script import plotly_script


def test_a_figure_does_not_carry_plotlys_script() -> None:
    state = rw.PlotlyFigure([{"y": [1, 2]}]).get_state()
    assert len(state["_esm"]) < 20_000
    assert state["_plotly_version"] == plotly.__version__
    assert len(go.FigureWidget().get_state()["_esm"]) > 1_000_000


def test_the_script_sent_to_a_page_without_our_server_is_plotlys_own() -> None:
    own = Path(plotly.__file__).parent / "package_data" / "widgetbundle.js"
    assert gzip.decompress(plotly_script()) == own.read_bytes()


def test_the_script_is_sent_when_asked_for_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = rw.PlotlyFigure()
    sent: list[object] = []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append((content, buffers)))
    figure._handle_custom_msg({"kind": "something else"}, [])
    figure._handle_custom_msg("not even a dict", [])
    assert sent == []
    figure._handle_custom_msg({"kind": "plotly-script"}, [])
    assert sent == [({"kind": "plotly-script"}, [plotly_script()])]


def test_a_page_that_is_late_gets_the_figure_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = rw.PlotlyFigure([{"y": [1, 2], "name": "early"}])
    figure.data[0].y = [5, 6]
    figure.add_scatter(y=[3], name="late")
    figure.layout.title = "Changed"
    sent: list[object] = []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append(content))
    figure._handle_custom_msg({"kind": "state"}, [])
    assert sent == [{"kind": "state"}]
    assert [(trace["name"], list(trace["y"])) for trace in figure._widget_data] == [
        ("early", [5, 6]),
        ("late", [3]),
    ]
    assert figure._widget_layout["title"]["text"] == "Changed"


def test_the_courses_look_is_a_template_that_the_author_overrules() -> None:
    figure = rw.PlotlyFigure([{"y": [1, 2]}], {"hovermode": "closest"})
    assert figure.layout.hovermode == "closest"
    assert figure.layout.template.layout.hovermode == LAYOUT["hovermode"]
    assert figure._widget_layout["template"]["layout"]["font"]["size"] == LAYOUT["font"]["size"]
    chosen = rw.PlotlyFigure([{"y": [1, 2]}], {"template": "plotly_dark"})
    assert chosen.layout.template.layout.paper_bgcolor == "rgb(17,17,17)"


def test_a_figure_made_by_plotly_is_taken_as_it_is() -> None:
    made = go.Figure([go.Scatter(y=[3, 1], name="loss")], {"title": "Falling"})
    figure = rw.PlotlyFigure(made)
    assert figure.layout.title.text == "Falling"
    assert list(figure.data[0].y) == [3, 1]


def test_no_button_leads_to_another_host() -> None:
    config = rw.PlotlyFigure()._config
    assert config == CONFIG
    assert config["displaylogo"] is False
    assert "sendChartToCloud" in config["modeBarButtonsToRemove"]


def test_the_repr_is_the_same_on_every_run() -> None:
    figure = rw.PlotlyFigure([{"y": [1, 2], "name": "loss"}, {"type": "bar", "y": [1]}])
    assert repr(figure) == "PlotlyFigure(traces=['loss', 'bar'])"
    assert repr(rw.PlotlyFigure([{"y": [1, 2], "name": "loss"}])) == "PlotlyFigure(traces=['loss'])"


def test_importing_the_widgets_does_not_wait_for_plotly() -> None:
    import subprocess
    import sys

    code = "import sys, rnnviz_widgets; assert 'plotly' not in sys.modules; rnnviz_widgets.PlotlyFigure"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'Plotlyfigure'"):
        rw.Plotlyfigure  # noqa: B018
