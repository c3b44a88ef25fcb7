"""What `rnnviz.show` puts on the page: the widgets that fit a recording, under one cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipywidgets import Dropdown, VBox, Widget

from rnnviz.recording.trace import LayerTrace, Trace
from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.gate_heatmap import GateHeatmap
from rnnviz_widgets.gradient_curves import GradientCurves
from rnnviz_widgets.unrolled_graph import UnrolledGraph

__all__ = ["show"]


def show(
    trace: Trace | LayerTrace,
    *,
    layer: str | None,
    call: int | None,
    labels: Sequence[Sequence[str]] | None,
) -> VBox:
    """Build the page; `rnnviz.show` says what each argument means."""
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
