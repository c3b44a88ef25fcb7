"""Two or three traces side by side, under one cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.trace_model import choose_layer, share_trace

if TYPE_CHECKING:
    from rnnviz.recording.trace import Trace

FEWEST, MOST = 2, 3


class Compare(Widget):
    """The same array of two or three models, step under step, with their curves in one plot.

    The models may differ in kind, size and length: the steps of the shorter end before those of the longer, and an
    array that one of them does not have is said to be missing. Two arrays of the same size also have a difference.

    Parameters
    ----------
    traces : mapping of str to rnnviz.Trace
        Two or three recorded traces under the names to show.
    array : str
        The array shown first: ``"hidden"``, ``"cell"``, a gate's name, ``"grad_hidden"``, ``"grad_cell"``.
    layers : mapping of str to str, optional
        The layer shown first of each trace; the last one of those not named.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence, for traces of the same input.

    Raises
    ------
    KeyError
        If a trace has no such layer, or a layer is named for a trace that is not there.
    ValueError
        If there are fewer than two or more than three traces, or none of them has the array.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> traces = {}
    >>> for name, model in {"plain": torch.nn.RNN(3, 8), "gated": torch.nn.LSTM(3, 8)}.items():
    ...     with rv.record(model) as traces[name]:
    ...         _ = model(torch.zeros(6, 1, 3))
    >>> rw.Compare(traces)
    Compare(traces=['plain', 'gated'], layers=['l0', 'l0'], array='hidden', steps=[6, 6], units=[8, 8])
    """

    _esm = STATIC / "compare.js"

    first = anywidget.WidgetTrait().tag(sync=True)
    second = anywidget.WidgetTrait().tag(sync=True)
    third = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    layers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    array = traitlets.Unicode("hidden").tag(sync=True)

    def __init__(
        self,
        traces: Mapping[str, Trace],
        *,
        array: str = "hidden",
        layers: Mapping[str, str] | None = None,
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        if not isinstance(traces, Mapping) or not FEWEST <= len(traces) <= MOST:
            given = f"{len(traces)} traces" if isinstance(traces, Mapping) else type(traces).__name__
            raise ValueError(
                f"Compare was given {given}; it shows two or three, as a mapping of names to traces: "
                '`rw.Compare({"tanh": trace, "LSTM": other})`.'
            )
        chosen = dict(layers or {})
        if strange := [name for name in chosen if name not in traces]:
            raise KeyError(
                f"A layer is named for {strange[0]!r}, which is not one of the traces: {', '.join(map(repr, traces))}."
            )
        shown = [choose_layer(trace, chosen.get(name)) for name, trace in traces.items()]
        available = dict.fromkeys(
            name
            for trace, layer in zip(traces.values(), shown, strict=True)
            for name in trace[layer].arrays()
        )
        if array not in available:
            raise ValueError(
                f"None of these traces has an array {array!r}; between them they have {', '.join(available)}."
                + (" Gradients come with a backward pass." if array.startswith("grad_") else "")
            )
        models = [share_trace(trace, labels) for trace in traces.values()]
        super().__init__(
            **dict(zip(("first", "second", "third"), models, strict=False)),
            names=[str(name) for name in traces],
            layers=shown,
            array=array,
            cursor=cursor,
        )

    def facts(self) -> dict[str, object]:
        """Names, layers, array, and the steps and units of each."""
        sizes = [
            next(header for header in model.layers if header["name"] == layer)["arrays"]["hidden"]["shape"]
            for model, layer in zip((self.first, self.second, self.third), self.layers, strict=False)
        ]
        return {
            "traces": self.names,
            "layers": self.layers,
            "array": self.array,
            "steps": [size[0] for size in sizes],
            "units": [size[2] for size in sizes],
        }
