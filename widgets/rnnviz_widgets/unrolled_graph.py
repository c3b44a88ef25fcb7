"""The unrolled graph: a recurrent network folded into a loop or spread out over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, CursorTrait, Widget
from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.trace_model import share_trace

if TYPE_CHECKING:
    from rnnviz.trace import Trace


class UnrolledGraph(Widget):
    """A recorded network as a loop, or unrolled: one column a time step, every number open to the reader.

    A click on a unit shows the sum behind its value; a weight changed there changes every later step, in the page.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    folded : bool
        Whether it opens as a loop (the default) or spread out in time.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence.

    Raises
    ------
    ValueError
        If the trace is empty or too large for a page.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> rnn = torch.nn.RNN(3, 5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(2, 4, 3))
    >>> rw.UnrolledGraph(trace)
    UnrolledGraph(layers=['l0'], kind='RNN', steps=2, sequences=4, units=5)
    """

    _esm = STATIC / "unrolled_graph.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    folded = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        cursor: Cursor | None = None,
        folded: bool = True,
        labels: Sequence[Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        super().__init__(trace=share_trace(trace, labels), cursor=cursor, folded=folded)

    def facts(self) -> dict[str, object]:
        """Layers, kind of cell, and the recording's size."""
        described: dict[str, object] = self.trace.describe()
        return described
