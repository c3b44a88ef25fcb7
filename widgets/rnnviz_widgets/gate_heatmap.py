"""The gate heatmap: every gate and state of a layer, unit by unit and step by step."""

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

SORTS = ("index", "similarity", "range", "timescale")
COLOURS = ("kind", "map", "layer", "all")


class GateHeatmap(Widget):
    """Unit × time, one map for each gate and state of a layer, under the input's own symbols.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    layer : str, optional
        Name of the layer shown first, as in ``trace.layers``; the last one by default.
    arrays : sequence of str, optional
        Which arrays, in which order: ``"hidden"``, ``"cell"``, a gate's name, ``"grad_hidden"``, ``"grad_cell"``.
        By default the gates and states that the layer has.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence: characters, words, dates.
    sort : {"index", "similarity", "range", "timescale"}
        How the units stand: as they are numbered; those that move together side by side (by their angle in the
        plane of the two strongest shared patterns: Friendly, 2002); the widest range first; the slowest first, by the
        steps until the autocorrelation falls below 1/e.
    colours : {"kind", "map", "layer", "all"}
        From where to where the colours run: gates 0…1, bounded states −1…1 and others to their largest value;
        each map's own values; one range for the states of the layer; one for those of all layers.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If a layer has no such array, the trace is empty or too large for a page, or ``sort`` or ``colours`` is
        none of those above.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> lstm = torch.nn.LSTM(3, 8)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.zeros(6, 1, 3))
    >>> rw.GateHeatmap(trace)
    GateHeatmap(layer='l0', arrays=['input', 'forget', 'candidate', 'output', 'cell', 'hidden'], steps=6, units=8)
    """

    _esm = STATIC / "gate_heatmap.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    arrays = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sort = traitlets.Unicode("index").tag(sync=True)
    colours = traitlets.Unicode("kind").tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        layer: str | None = None,
        arrays: Sequence[str] | None = None,
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        sort: str = "index",
        colours: str = "kind",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        model = share_trace(trace, labels)
        name = choose_layer(trace, layer)
        available = list(trace[name].arrays())
        chosen = _usual_order(available, list(trace[name].gates)) if arrays is None else list(arrays)
        if missing := [array for array in chosen if array not in available]:
            raise ValueError(
                f"Layer {name!r} ({trace[name].kind}) has no array {missing[0]!r}; it has {', '.join(available)}."
                + (" Gradients come with a backward pass." if missing[0].startswith("grad_") else "")
            )
        for option, value, choices in (("sort", sort, SORTS), ("colours", colours, COLOURS)):
            if value not in choices:
                raise ValueError(
                    f"GateHeatmap was given {option}={value!r}; it takes {', '.join(map(repr, choices))}."
                )
        super().__init__(trace=model, layer=name, arrays=chosen, cursor=cursor, sort=sort, colours=colours)
        offer_recording(self, trace)

    def facts(self) -> dict[str, object]:
        """Layer, arrays and size of each map."""
        size = self.trace.describe()
        return {"layer": self.layer, "arrays": self.arrays, "steps": size["steps"], "units": size["units"]}


def _usual_order(available: list[str], gates: list[str]) -> list[str]:
    """Gates first, in their own order, then the states they make."""
    return gates + [name for name in ("cell", "hidden") if name in available]
