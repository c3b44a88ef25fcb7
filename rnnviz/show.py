"""`show(trace)`: the widgets that fit a recording, in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rnnviz.trace import LayerTrace, Trace

if TYPE_CHECKING:
    from ipywidgets import VBox, Widget

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
        from ipywidgets import Dropdown, VBox

        from rnnviz_widgets import Cursor, GateHeatmap, GradientCurves, UnrolledGraph
    except ImportError as error:
        raise ImportError('show needs the widgets: pip install "rnnviz[widgets]"') from error
    runs = dict(_separate_runs(trace, call))
    if not runs:
        raise ValueError(
            "the trace is empty: nothing ran inside the recorded block, so there is nothing to show."
        )
    cursor = Cursor()

    def view(run: Trace) -> list[Widget]:
        widgets: list[Widget] = [
            UnrolledGraph(run, cursor=cursor, labels=labels),
            GateHeatmap(run, layer=layer, cursor=cursor, labels=labels),
        ]
        reached = {name: run[name] for name in run.layers if run[name].has_gradients}
        if reached:
            widgets.append(GradientCurves(reached, cursor=cursor))
        return widgets

    latest = list(runs)[-1]
    if len(runs) == 1:
        return VBox(view(runs[latest]))
    menu = Dropdown(options=list(reversed(runs)), value=latest, description="Run")
    page = VBox([menu, *view(runs[latest])])

    def choose(change: dict[str, str]) -> None:
        shown = page.children[1:]
        page.children = [menu, *view(runs[change["new"]])]
        for widget in shown:
            widget.close()

    menu.observe(choose, "value")
    return page


def _separate_runs(trace: Trace | LayerTrace, call: int | None) -> Iterator[tuple[str, Trace]]:
    """Yield traces in which each layer ran once, by what a reader calls them, the oldest first."""
    if isinstance(trace, LayerTrace):
        yield trace.name, _join([trace])
    elif call is not None and trace.layers:
        calls = {name: trace.calls(name) for name in trace.layers}
        for name, found in calls.items():
            if not -len(found) <= call < len(found):
                raise IndexError(f"{name} has {len(found)} calls, so there is no call {call}.")
        yield f"call {call}", _join([found[call] for found in calls.values()])
    elif call is None:
        for step in trace.steps:
            part = trace.at(step)
            calls = {name: part.calls(name) for name in part.layers}
            most = max(map(len, calls.values()))
            for number in range(most):
                # Layers that ran less often than others are shown in their last call.
                run = _join([found[min(number, len(found) - 1)] for found in calls.values()])
                yield f"forward pass {step}" + (f", call {number}" if most > 1 else ""), run


def _join(layers: Sequence[LayerTrace]) -> Trace:
    """Make a trace with one call of each layer."""
    joined = Trace(tuple(layer.name for layer in layers))
    for layer in layers:
        joined._append(0, layer)
    return joined
