"""The cell as a wiring diagram: live values on every wire, gates that can be held by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.recording_file import offer_recording
from rnnviz_widgets.trace_model import choose_layer, share_trace

if TYPE_CHECKING:
    from rnnviz.recording.trace import Trace


class CellAnatomy(Widget):
    """One unit of an RNN, GRU or LSTM as a wiring diagram, with this step's number on every wire.

    A gate dragged up or down is held there for every unit and step, and the layer is computed anew with it, in the
    page. An LSTM can be built up piece by piece: the plain sum, then the forget, the input and the output gate.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    layer : str, optional
        Name of the layer shown first, as in ``trace.layers``; the last one by default.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    labels : sequence of sequences of str, optional
        What stands at each step of each sequence: characters, words, dates.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If the trace is empty or too large for a page.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> lstm = torch.nn.LSTM(3, 8)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.zeros(6, 1, 3))
    >>> rw.CellAnatomy(trace)
    CellAnatomy(layer='l0', kind='LSTM', steps=6, units=8)
    """

    _esm = STATIC / "cell_anatomy.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        layer: str | None = None,
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        name = choose_layer(trace, layer)
        super().__init__(trace=share_trace(trace, labels), layer=name, cursor=cursor)
        offer_recording(self, trace)
        self._kind = trace[name].kind

    def facts(self) -> dict[str, object]:
        """Layer, kind of cell, and size."""
        size = self.trace.describe()
        return {"layer": self.layer, "kind": self._kind, "steps": size["steps"], "units": size["units"]}
