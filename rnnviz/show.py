"""`show(trace)`: the widgets that fit a recording, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.trace import LayerTrace, Trace

if TYPE_CHECKING:
    from ipywidgets import VBox

__all__ = ["show"]


def show(trace: Trace | LayerTrace, *, layer: str | None = None, call: int = -1) -> VBox:
    """Show a recording in a notebook: the unrolled network and its gates, moving together.

    Parameters
    ----------
    trace : Trace or LayerTrace
    layer : str, optional
        Whose gates to show; the first layer by default.
    call : int
        Which call of a layer that ran several times: 0 is the first, -1 the last.

    Returns
    -------
    ipywidgets.VBox
        Displayed when it is the last line of a cell.

    Raises
    ------
    ImportError
        Without the widgets: ``pip install "rnnviz[widgets]"``.
    ValueError
        When the trace is empty.
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
    ['UnrolledGraph', 'GateHeatmap']
    """
    try:
        from ipywidgets import VBox

        from rnnviz_widgets import Cursor, GateHeatmap, UnrolledGraph
    except ImportError as error:
        raise ImportError('show needs the widgets: pip install "rnnviz[widgets]"') from error
    chosen = _choose_calls(trace, call)
    cursor = Cursor()
    return VBox(
        [UnrolledGraph(chosen, cursor=cursor), GateHeatmap(chosen, layer=layer, cursor=cursor)],
    )


def _choose_calls(trace: Trace | LayerTrace, call: int) -> Trace:
    """Return a trace with one call of each layer."""
    if isinstance(trace, LayerTrace):
        layers = [trace]
    else:
        layers = []
        for name in trace.layers:
            calls = trace.calls(name)
            if not -len(calls) <= call < len(calls):
                raise IndexError(f"{name} has {len(calls)} calls, so there is no call {call}.")
            layers.append(calls[call])
    if not layers:
        raise ValueError(
            "the trace is empty: nothing ran inside the recorded block, so there is nothing to show."
        )
    chosen = Trace(tuple(layer.name for layer in layers))
    for layer in layers:
        chosen._append(0, layer)
    return chosen
