"""`rv.show` picks widgets; what they draw is tested with them."""

import subprocess
import sys

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.variants import LayerNormLSTM, MinimalGatedUnit, PeepholeLSTM


def record(model, calls=1):
    with rv.record(model) as trace:
        for _ in range(calls):
            model(torch.randn(4, 2, 1))
    return trace


def test_show_links_the_widgets_by_one_cursor():
    graph, heatmap = rv.show(record(nn.LSTM(1, 2, num_layers=2)), layer="l1").children
    assert type(graph).__name__ == "UnrolledGraph"
    assert type(heatmap).__name__ == "GateHeatmap"
    assert graph.cursor is heatmap.cursor


def test_gradients_are_shown_where_there_are_any():
    model = nn.Sequential(nn.GRU(1, 2))
    with rv.record(model) as trace:
        model(torch.randn(4, 2, 1))[0].sum().backward()
    graph, heatmap, curves = rv.show(trace).children
    assert type(curves).__name__ == "GradientCurves"
    assert curves.facts()["curves"] == ["0.l0"]
    assert graph.cursor is heatmap.cursor is curves.cursor


def test_a_menu_chooses_among_several_runs():
    trace = record(nn.GRU(1, 2), calls=3)
    page = rv.show(trace)
    menu, graph, heatmap = page.children
    assert menu.options == ("forward pass 2", "forward pass 1", "forward pass 0")
    first = rv.show(trace.at(0)).children[0].trace.data
    assert graph.trace.data != first
    menu.value = "forward pass 0"
    assert page.children[0] is menu
    assert page.children[1].trace.data == first
    assert page.children[1].cursor is graph.cursor
    assert graph.comm is None  # closed
    assert heatmap.comm is None


def test_calls_within_a_forward_pass_are_kept_apart():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = nn.GRU(1, 2), nn.GRU(2, 2)

        def forward(self, x):
            y, _ = self.encoder(x)
            return self.decoder(self.decoder(y)[0])[0]

    trace = record(Twice())
    menu, *_ = rv.show(trace).children
    assert menu.options == ("forward pass 0, call 1", "forward pass 0, call 0")


def test_show_takes_one_call_of_many():
    trace = record(nn.GRU(1, 2), calls=3)
    assert len(rv.show(trace, call=0).children) == 2
    assert len(rv.show(trace.calls("l0")[1]).children) == 2
    with pytest.raises(IndexError, match="l0 has 3 calls, so there is no call 3"):
        rv.show(trace, call=3)


def test_labels_reach_the_widgets():
    labels = [list("word"), list("form")]
    graph, heatmap = rv.show(record(nn.RNN(1, 2)), labels=labels).children
    assert graph.trace.labels == heatmap.trace.labels == labels


def test_something_else_than_a_trace_is_refused():
    with pytest.raises(TypeError, match=r"show was given a GRU; it shows a Trace"):
        rv.show(nn.GRU(1, 2))


def test_an_empty_trace_is_explained():
    with pytest.raises(ValueError, match="nothing to show"):
        rv.show(record(nn.GRU(1, 2), calls=0))


def test_missing_widgets_are_explained():
    """In a process of its own, where the package cannot be imported."""
    code = (
        "import sys; sys.modules['rnnviz_widgets'] = None\n"
        "import rnnviz as rv\n"
        "try: rv.show(rv.Trace())\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'show needs the widgets: pip install "rnnviz[widgets]"'


@pytest.mark.parametrize(
    "kind", [MinimalGatedUnit, PeepholeLSTM, LayerNormLSTM, rv.RNNCell, rv.GRUCell, rv.LSTMCell]
)
@pytest.mark.parametrize("place", ["live", "loaded"])
def test_a_cell_of_ones_own_is_shown_with_its_gradients(kind, place, tmp_path):
    torch.manual_seed(0)
    cell = kind(2, 3)
    with rv.record(cell) as trace:
        cell(torch.randn(5, 2, 2))[0].square().sum().backward()
    norm = trace["cell"].grad_norm
    if place == "loaded":
        trace.save(tmp_path / "run.nc")
        trace = rv.load(tmp_path / "run.nc")
    graph, _, curves = rv.show(trace).children
    assert type(curves).__name__ == "GradientCurves"
    # Where the formula is unknown, what arrives is drawn undivided.
    known = kind in (rv.RNNCell, rv.GRUCell, rv.LSTMCell)
    (flow,) = graph.plan["flow"]
    assert ("total" in flow) == (not known)
    if not known:
        start = flow["total"]["offset"]
        sent = torch.frombuffer(bytearray(graph.data), dtype=torch.float32)
        torch.testing.assert_close(sent[start : start + norm.numel()].view(5, 2), norm)
