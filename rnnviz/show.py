"""`show(trace)`: the widgets that fit a recording, in a notebook."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rnnviz.recording.trace import LayerTrace, Trace

if TYPE_CHECKING:
    from ipywidgets import VBox

__all__ = ["show"]


def show(
    trace: Trace | LayerTrace,
    *,
    layer: str | None = None,
    call: int | None = None,
    labels: Sequence[Sequence[str]] | None = None,
) -> VBox:
    """Show a recording in a notebook: the unrolled network, its gates and, where there are any, its gradients.

    All of it moves under one cursor. Where the model ran several times inside the recorded block, a menu
    chooses the run; the latest comes first.

    Parameters
    ----------
    trace : Trace or LayerTrace
        What `rnnviz.record` recorded or `rnnviz.load` loaded, or one layer of it.
    layer : str, optional
        Whose gates to show first; the last layer by default.
    call : int, optional
        Without a menu, this call of each layer: 0 is the first, -1 the last.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence: characters, words, dates.

    Returns
    -------
    ipywidgets.VBox
        Displayed when it is the last line of a cell.

    Raises
    ------
    ImportError
        Without the widgets: ``pip install "rnnviz[widgets]"``.
    TypeError
        When it is given no recording.
    ValueError
        When the trace is empty, or too large for a page.
    KeyError
        When there is no such layer.
    IndexError
        When a layer has no such call.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(2, 8)
    >>> with rv.record(lstm) as trace:
    ...     output, _ = lstm(torch.randn(20, 1, 2))
    ...     output[-1].sum().backward()
    >>> box = rv.show(trace)
    >>> [type(widget).__name__ for widget in box.children]
    ['UnrolledGraph', 'GateHeatmap', 'GradientCurves']
    """
    if not isinstance(trace, Trace | LayerTrace):
        raise TypeError(
            f"show was given a {type(trace).__name__}; it shows a Trace: `with rnnviz.record(model) as "
            "trace:` makes one, rnnviz.load opens one."
        )
    try:
        # By name and when it is called: the core stands without the widgets.
        widgets = importlib.import_module("rnnviz_widgets.show")
    except ImportError as error:
        raise ImportError('show needs the widgets: pip install "rnnviz[widgets]"') from error
    return cast("VBox", widgets.show(trace, layer=layer, call=call, labels=labels))
