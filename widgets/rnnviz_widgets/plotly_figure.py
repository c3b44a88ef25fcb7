"""Plotly's figure as a widget that costs a page one script, not one script a figure."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from weakref import WeakValueDictionary

import plotly.graph_objects as go
import plotly.io as pio

from rnnviz_widgets.base import STATIC, leave_scripts
from rnnviz_widgets.plotly_script import PlotlyScript

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    # The last one would send the reader's data to a company's server.
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"],
    "toImageButtonOptions": {"format": "svg", "filename": "rnnviz"},
}
"""How plotly behaves in this course: no logo, as wide as its card, pictures saved as SVG."""

LAYOUT: dict[str, Any] = {
    "font": {"family": 'system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif', "size": 13},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "colorway": ["#002dad", "#602a14", "#08805e", "#a83178", "#7b4fcc", "#6c5d04"],
    "margin": {"l": 56, "r": 16, "t": 36, "b": 44},
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    "hovermode": "x unified",
    "xaxis": {"gridcolor": "#d5dae3", "zeroline": False, "automargin": True},
    "yaxis": {"gridcolor": "#d5dae3", "zeroline": False, "automargin": True, "exponentformat": "power"},
}
"""How a plot looks where its author says nothing; in a dark page the style sheet overrules these colours."""

# By id, since plotly's figures compare by what they hold, and so cannot be members of a set.
_figures: WeakValueDictionary[int, PlotlyFigure] = WeakValueDictionary()


class PlotlyFigure(PlotlyScript, go.FigureWidget):  # type: ignore[misc]
    """A `plotly.graph_objects.FigureWidget` in the course's look, light and dark, that opens fast.

    The stock class sends plotly's 5 MB script with every figure. Here all figures of a page share one copy,
    which the browser keeps; where the page's server does not have it, it comes from Python, once. For a page
    saved as a file, which has neither, use ``plotly.graph_objects.Figure(figure).write_html``.

    Parameters
    ----------
    data, layout
        As for `plotly.graph_objects.Figure`, or a figure as the first argument. What they leave open takes
        the course's look; a template that the author chose is kept.

    Examples
    --------
    >>> figure = PlotlyFigure([{"y": [3, 1, 2], "name": "loss"}])
    >>> figure
    PlotlyFigure(traces=['loss'])
    >>> figure.data[0].y = [1, 2, 3]  # the page follows
    """

    _esm = STATIC / "plotly_figure.js"
    _css = STATIC / "rnnviz.css"

    def __init__(self, data: Any = None, layout: Any = None, **more: Any) -> None:
        leave_scripts(self)
        super().__init__(data, layout, **more)
        if self.layout.template.to_plotly_json() == _stock_template():
            # A template, so that anything the author sets on the figure wins.
            self.layout.template = {"layout": LAYOUT}
        # What the page starts from; the stock class fills it before we could change anything.
        self._widget_layout = self.layout.to_plotly_json()
        self._config = CONFIG
        self.on_msg(self._receive)
        _figures[id(self)] = self

    def _receive(self, _: object, message: object, buffers: object) -> None:
        if self._sent_script(message) or not isinstance(message, dict) or message.get("kind") != "state":
            return
        self._settle()
        self.send({"kind": "state"})

    def _settle(self) -> None:
        # The stock class keeps its state as it was when made, and tells of changes in messages, which a page
        # that is not ready yet never sees.
        self._widget_data = deepcopy(self._data)
        self._widget_layout = deepcopy(self._layout_obj._props)

    def __repr__(self) -> str:
        return f"PlotlyFigure(traces={[trace.name or trace.type for trace in self.data]!r})"


def settle_figures() -> None:
    """Bring the state of every figure up to date, so that what is kept of it is what the reader sees.

    Examples
    --------
    >>> figure = PlotlyFigure([{"y": [1, 2]}])
    >>> figure.data[0].y = [3, 4]
    >>> settle_figures()
    >>> list(figure._widget_data[0]["y"])
    [3, 4]
    """
    for figure in list(_figures.values()):
        figure._settle()


def _stock_template() -> dict[str, Any]:
    """Return the template that plotly puts where the author chose none."""
    name = pio.templates.default
    return pio.templates[name].to_plotly_json() if name else {}
