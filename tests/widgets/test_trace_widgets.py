"""The Python side of the widgets that show a trace: what is sent, what is refused, what the repr promises."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz_widgets import packing
from rnnviz_widgets.trace_model import TraceModel, share_trace


def record_lstm(backward: bool = False, batch: int = 2) -> rv.Trace:
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 8, num_layers=2)
    with rv.record(lstm) as trace:
        y, _ = lstm(torch.randn(6, batch, 3))
        if backward:
            y.sum().backward()
    return trace


def unpack(model: TraceModel, layer: int, name: str) -> np.ndarray:
    entry = model.layers[layer]["arrays"][name]
    data = np.frombuffer(model.data, dtype=np.float32)
    size = int(np.prod(entry["shape"]))
    return data[entry["offset"] : entry["offset"] + size].reshape(entry["shape"])


def test_every_array_of_every_layer_arrives_whole() -> None:
    trace = record_lstm(backward=True)
    model = TraceModel(trace)
    for index, name in enumerate(trace.layers):
        arrays = trace[name].arrays()
        assert list(model.layers[index]["arrays"]) == list(arrays)
        for array, tensor in arrays.items():
            np.testing.assert_array_equal(unpack(model, index, array), tensor.numpy())
    assert {"grad_hidden", "grad_cell", "forget"} <= set(model.layers[0]["arrays"])


def test_a_trace_goes_over_once_for_all_its_widgets() -> None:
    trace = record_lstm()
    graph, heatmap = rw.UnrolledGraph(trace), rw.GateHeatmap(trace)
    assert graph.trace is heatmap.trace
    labelled = rw.GateHeatmap(trace, labels=[list("abcdef")] * 2)
    assert labelled.trace is not graph.trace
    assert labelled.trace is share_trace(trace, [list("abcdef")] * 2)


def test_a_backward_pass_after_the_first_widget_is_not_missed() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(2, 3)
    with rv.record(rnn) as trace:
        y, _ = rnn(torch.randn(4, 1, 2))
        before = share_trace(trace)
        y.sum().backward()
    assert "grad_hidden" not in before.layers[0]["arrays"]
    assert "grad_hidden" in share_trace(trace).layers[0]["arrays"]


def test_a_trace_nobody_holds_is_let_go() -> None:
    trace = record_lstm()
    share_trace(trace)
    gone = weakref.ref(trace)
    del trace
    gc.collect()
    assert gone() is None


def test_reprs_are_the_same_on_every_run() -> None:
    trace = record_lstm()
    cursor = rw.Cursor(step=2, unit=4, layer="l1")
    assert repr(cursor) == "Cursor(step=2, sequence=0, unit=4, layer='l1')"
    assert repr(rw.UnrolledGraph(trace, cursor=cursor)) == (
        "UnrolledGraph(layers=['l0', 'l1'], kind='LSTM', steps=6, sequences=2, units=8)"
    )
    assert repr(rw.CellAnatomy(trace, layer="l0")) == "CellAnatomy(layer='l0', kind='LSTM', steps=6, units=8)"
    assert repr(rw.GateHeatmap(trace, layer="l0", arrays=["forget"])) == (
        "GateHeatmap(layer='l0', arrays=['forget'], steps=6, units=8)"
    )


def test_the_heatmap_shows_what_a_layer_has() -> None:
    torch.manual_seed(0)
    gru = nn.GRU(2, 3)
    with rv.record(gru) as trace:
        gru(torch.randn(4, 1, 2))
    assert rw.GateHeatmap(trace).arrays == ["reset", "update", "candidate", "hidden"]
    assert rw.GateHeatmap(record_lstm()).layer == "l1"


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda t: rw.GateHeatmap(t, layer="l7"), KeyError, r"no layer 'l7'; it has 'l0', 'l1'"),
        (lambda t: rw.CellAnatomy(t, layer="x"), KeyError, "no layer 'x'"),
        (lambda t: rw.GateHeatmap(t, arrays=["reset"]), ValueError, r"\(LSTM\) has no array 'reset'; it has"),
        (lambda t: rw.GateHeatmap(t, arrays=["grad_cell"]), ValueError, "come with a backward pass"),
        (lambda t: rw.UnrolledGraph(t, fold=True), TypeError, r"no option 'fold'. Did you mean 'folded'\?"),
        (lambda t: rw.GateHeatmap(t, labels=[["a"]]), ValueError, "one label a step"),
        (lambda t: rw.UnrolledGraph(t, cursor=3), traitlets.TraitError, "it takes an rnnviz_widgets.Cursor"),
        (lambda t: rw.Cursor(row=1), TypeError, "Cursor has no option 'row'"),
        (lambda t: rw.Cursor(step=-1), traitlets.TraitError, "step"),
    ],
)
def test_refusals_say_what_to_do(build: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build(record_lstm())  # type: ignore[operator]


#: Every widget that shows a trace.
SHOWING: dict[str, Callable[[Any], object]] = {
    "UnrolledGraph": rw.UnrolledGraph,
    "CellAnatomy": rw.CellAnatomy,
    "GateHeatmap": rw.GateHeatmap,
    "GradientFlow": rw.GradientFlow,
    "Spectrum": rw.Spectrum,
    "WeightGradient": rw.WeightGradient,
    "GradientCurves": rw.GradientCurves,
    "TextStates": lambda trace: rw.TextStates(trace, "abc"),
    "Compare": lambda trace: rw.Compare({"one": trace, "the same": trace}),
}


@pytest.mark.parametrize("name", SHOWING)
def test_an_empty_trace_says_that_nothing_ran(name: str) -> None:
    with rv.record(nn.LSTM(2, 3)) as trace:
        pass
    with pytest.raises(ValueError, match="nothing recurrent ran"):
        SHOWING[name](trace)


@pytest.mark.parametrize("name", SHOWING)
def test_what_is_no_trace_is_refused_by_name(name: str) -> None:
    with pytest.raises(TypeError, match=r"is a Tensor.*with rnnviz.record\(model\) as trace"):
        SHOWING[name](torch.zeros(3, 4))


@pytest.mark.parametrize("name", [name for name in SHOWING if name != "GradientCurves"])
def test_a_layer_in_place_of_its_trace_is_told_apart(name: str) -> None:
    with pytest.raises(TypeError, match="layer 'l0' of a trace; give the whole trace"):
        SHOWING[name](record_lstm()["l0"])


def test_a_trace_too_large_for_a_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "LARGEST", 1000)
    with pytest.raises(ValueError, match="Record fewer sequences"):
        rw.UnrolledGraph(record_lstm())


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_a_projection_leaves_fewer_hidden_units_than_gates() -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 8, proj_size=2)
    with rv.record(lstm) as trace:
        lstm(torch.randn(5, 1, 3))
    model = share_trace(trace)
    assert unpack(model, 0, "hidden").shape == (5, 1, 2)
    assert unpack(model, 0, "forget").shape == (5, 1, 8)
    assert "weight_hr" in model.layers[0]["weights"]


def record_pair(lengths: tuple[int, int] = (3, 2)) -> tuple[rv.Trace, nn.Linear]:
    """An encoder that reads a ragged batch, and a decoder of four steps that starts from its final state."""
    torch.manual_seed(0)
    encoder, decoder, readout = nn.GRU(2, 5), nn.GRU(1, 5), nn.Linear(5, 3)
    packed = nn.utils.rnn.pack_padded_sequence(
        torch.randn(3, 2, 2), torch.tensor(lengths), enforce_sorted=False
    )
    with rv.record(nn.ModuleList([encoder, decoder])) as trace:
        _, state = encoder(packed)
        output, _ = decoder(torch.zeros(4, 2, 1), state)
        readout(output).square().sum().backward()
    return trace, readout


def origins(graph: rw.UnrolledGraph) -> list[int]:
    """Return for each layer the one whose final state it goes on from."""
    return [layer["start"]["layer"] for layer in graph.trace.layers]


def test_a_decoder_is_found_and_drawn_behind_its_encoder() -> None:
    trace, readout = record_pair()
    graph = rw.UnrolledGraph(trace, readout=readout, outputs_at=[False] * 3 + [True] * 4)
    plan = graph.plan
    assert origins(graph) == [-1, 0]
    # The shorter sequence's decoder starts one column earlier.
    assert plan["starts"] == [[0, 0], [3, 2]]
    assert plan["readout"]["layers"] == [1]
    assert plan["outputs_at"] == [[False] * 3 + [True] * 4] * 2


def test_a_stacked_decoder_starts_as_one() -> None:
    torch.manual_seed(0)
    encoder, decoder = nn.LSTM(2, 4, 2), nn.LSTM(1, 4, 2)
    with rv.record(nn.ModuleList([encoder, decoder])) as trace:
        _, state = encoder(torch.randn(3, 1, 2))
        decoder(torch.zeros(2, 1, 1), state)
    graph = rw.UnrolledGraph(trace)
    assert origins(graph) == [-1, -1, 0, 1]
    assert graph.plan["starts"] == [[0], [0], [3], [3]]


def test_layers_that_start_from_zeros_continue_nobody() -> None:
    assert origins(rw.UnrolledGraph(record_lstm())) == [-1, -1]


def test_what_reaches_a_state_from_above_is_the_direct_gradient() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(2, 3, bidirectional=True)
    with rv.record(rnn) as trace:
        output, _ = rnn(torch.randn(5, 2, 2))
        output.retain_grad()
        output[1:3].square().sum().backward()
    assert output.grad is not None
    graph = rw.UnrolledGraph(trace)
    floats = torch.frombuffer(bytearray(graph.data), dtype=torch.float32)
    for k, flow in enumerate(graph.plan["flow"]):
        above, carried = (
            floats[flow[way]["offset"] : flow[way]["offset"] + 10].reshape(5, 2)
            for way in ("above", "hidden")
        )
        direct = output.grad[..., 3 * k : 3 * k + 3]
        torch.testing.assert_close(above, direct.norm(dim=-1), rtol=1e-5, atol=1e-6)
        through_time = trace[trace.layers[k]].grad_hidden - direct
        torch.testing.assert_close(carried, through_time.norm(dim=-1), rtol=1e-4, atol=1e-5)


def test_nothing_flows_back_from_steps_after_the_cost() -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3)
    with rv.record(lstm) as trace:
        output, _ = lstm(torch.randn(5, 1, 2))
        output[2].sum().backward()
    graph = rw.UnrolledGraph(trace)
    floats = torch.frombuffer(bytearray(graph.data), dtype=torch.float32)
    for way, expected in {"above": [2], "hidden": [0, 1], "cell": [0, 1]}.items():
        start = graph.plan["flow"][0][way]["offset"]
        assert floats[start : start + 5].nonzero().flatten().tolist() == expected


def test_without_a_backward_pass_nothing_reaches_a_state() -> None:
    assert rw.UnrolledGraph(record_lstm()).plan["flow"] == [None, None]


@pytest.mark.parametrize(
    "mask", [[True] * 5 + [False], torch.tensor([[True, False]] * 6), np.ones((6, 2), bool)]
)
def test_a_mask_is_given_by_step_or_by_step_and_sequence(mask: object) -> None:
    plan = rw.UnrolledGraph(record_lstm(), in_cost=mask).plan  # type: ignore[arg-type]
    table = torch.as_tensor(mask).reshape(6, -1).expand(6, 2)
    assert plan["in_cost"] == table.T.tolist()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"in_cost": [True] * 5}, r"in_cost has the shape \(5,\); it should be \(6,\)"),
        ({"inputs_at": [[True] * 3] * 6}, r"inputs_at has the shape \(6, 3\)"),
        ({"outputs_at": [True] * 6}, "give readout= as well"),
        ({"readout": nn.Linear(7, 2)}, r"takes 7 numbers; the top layer \(l1\) gives 8"),
        ({"readout": nn.Linear(8, 2), "activation": "tanh"}, "must be one of 'identity'"),
        (
            {"readout": nn.Linear(8, 2), "classes": ["yes"]},
            "1 classes were given with a readout of 2 outputs",
        ),
        ({"classes": ["yes", "no"]}, "with no readout"),
    ],
)
def test_what_does_not_fit_the_graph_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rw.UnrolledGraph(record_lstm(), **options)  # type: ignore[arg-type]
