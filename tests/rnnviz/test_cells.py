"""Cells in Python loops: torch's own in a user's loop, the teaching cells, and students' cells."""

import copy
import gc
import weakref

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.variants import LayerNormLSTM, MinimalGatedUnit, PeepholeLSTM

TORCH_CELLS = (nn.RNNCell, nn.GRUCell, nn.LSTMCell)
FUSED = {"RNNCell": nn.RNN, "GRUCell": nn.GRU, "LSTMCell": nn.LSTM}
TEACHING = {"RNNCell": rv.RNNCell, "GRUCell": rv.GRUCell, "LSTMCell": rv.LSTMCell}


def twin(cell):
    """The fused layer with the parameters of a cell."""
    layer = FUSED[type(cell).__name__](
        cell.input_size, cell.hidden_size, bias=cell.bias_ih is not None
    ).double()
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    return layer


def assert_same(trace, expected):
    for name, values in expected.arrays().items():
        torch.testing.assert_close(trace.arrays()[name], values, rtol=0, atol=1e-12)
    torch.testing.assert_close(trace.input, expected.input)
    torch.testing.assert_close(trace.initial_hidden, expected.initial_hidden)
    assert torch.equal(trace.mask, expected.mask)
    assert trace.kind == expected.kind


@pytest.mark.parametrize("given_state", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", TORCH_CELLS)
def test_a_loop_over_a_torch_cell_equals_the_fused_layer(kind, bias, given_state):
    torch.manual_seed(0)
    cell = kind(2, 3, bias).double()
    layer = twin(cell)
    x = torch.randn(6, 4, 2).double()
    two = kind is nn.LSTMCell
    state = tuple(torch.randn(4, 3).double() for _ in range(2)) if given_state else None
    first = state if two or state is None else state[0]
    fused_first = None if state is None else tuple(s[None] for s in state) if two else state[0][None]
    with rv.record(nn.ModuleDict({"cell": cell})) as looped:
        state, outputs = first, []
        for x_t in x:
            state = cell(x_t, state)
            outputs.append(state[0] if two else state)
        loss = torch.stack(outputs).square().sum() + (state[1].sin().sum() if two else 0)
        loss.backward()
    with rv.record(layer) as fused:
        output, final = layer(x, fused_first)
        (output.square().sum() + (final[1].sin().sum() if two else 0)).backward()
    assert looped.layers == ("cell",)
    assert_same(looped["cell"], fused["l0"])


def test_unbatched_cells_are_a_batch_of_one():
    cell = nn.LSTMCell(2, 3)
    with rv.record(cell) as trace:
        state = None
        for x_t in torch.randn(4, 2):
            state = cell(x_t, state)
        state[0].sum().backward()
    assert trace["cell"].cell.shape == (4, 1, 3)
    assert trace["cell"].grad_norm.shape == (4, 1)


def test_only_calls_that_hand_the_state_on_are_joined():
    cell = nn.GRUCell(1, 2)
    with rv.record(cell) as trace:
        a = cell(torch.zeros(1, 1))
        b = cell(torch.ones(1, 1))  # a second sequence, interleaved with the first
        a = cell(torch.zeros(1, 1), a)
        b = cell(torch.ones(1, 1), b)
        cell(torch.ones(1, 1), b.detach())  # cut: gradients do not pass, so it is a new sequence
        cell(torch.ones(1, 1), a * 1)  # changed on the way
    calls = trace.calls("cell")
    assert [len(call.hidden) for call in calls] == [2, 2, 1, 1]
    assert calls[0].input.sum() == 0
    assert calls[1].input.sum() == 2
    torch.testing.assert_close(calls[2].initial_hidden, calls[1].hidden[-1])


def test_an_optimizer_step_ends_a_sequence():
    cell = nn.GRUCell(1, 2)
    optimizer = torch.optim.SGD(cell.parameters(), lr=1.0)
    with rv.record(cell) as trace:
        h = cell(torch.ones(1, 1))
        h.sum().backward()
        optimizer.step()
        cell(torch.ones(1, 1), h)
    first, second = trace.calls("cell")
    assert not torch.equal(first.weights.weight_ih, second.weights.weight_ih)


def test_a_finished_loop_keeps_no_graph_alive():
    cell = nn.RNNCell(1, 2)
    alive = weakref.WeakSet()

    class Watched(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            alive.add(ctx)
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return grad

    with rv.record(cell):
        for _ in range(3):
            h = None
            for _ in range(4):
                h = cell(Watched.apply(torch.ones(1, 1, requires_grad=True)), h)
        gc.collect()
        assert len(alive) == 4  # the graph of the last loop only


def test_sequences_of_a_cell():
    torch.manual_seed(0)
    cell = nn.LSTMCell(2, 3)
    x = torch.randn(4, 5, 2)
    traces = []
    for sequences in (None, [4, 1]):
        with rv.record(cell, sequences) as trace:
            state = None
            for x_t in x:
                state = cell(x_t, state)
            state[0].square().sum().backward()
        traces.append(trace["cell"].arrays())
    for name, values in traces[1].items():
        torch.testing.assert_close(values, traces[0][name][:, [4, 1]])


@pytest.mark.parametrize("change", ["hidden", "input"])
def test_in_place_changes_in_a_loop_are_detected(change):
    cell = nn.GRUCell(1, 2)
    x = torch.zeros(1, 1)
    with rv.record(cell) as trace, torch.no_grad():
        h = cell(x)
    (h if change == "hidden" else x).add_(1)
    with pytest.raises(RuntimeError, match=f"{change}.* step 0 of cell was changed in place"):
        trace["cell"].hidden  # noqa: B018


@pytest.mark.parametrize("kind", TORCH_CELLS)
def test_teaching_cells_equal_torch(kind):
    torch.manual_seed(0)
    cell = kind(2, 3).double()
    layer = twin(cell)
    ours = TEACHING[kind.__name__](2, 3, batch_first=True).double()
    ours.load_state_dict(cell.state_dict())
    x = torch.randn(6, 4, 2).double()
    traces = []
    for model, name, data in ((ours, "cell", x.transpose(0, 1)), (layer, "l0", x)):
        with rv.record(model) as trace:
            _, final = model(data)
            sum(state.square().sum() for state in final).backward()
        traces.append(trace[name])
    torch.testing.assert_close(ours.weight_hh.grad, layer.weight_hh_l0.grad)
    assert_same(*traces)
    assert torch.equal(traces[0].weights.bias_hh, cell.bias_hh)


# ----------------------------------------------------------------------------------------------- cells of
# your own


@pytest.mark.parametrize("kind", [PeepholeLSTM, LayerNormLSTM, MinimalGatedUnit])
def test_a_cell_of_your_own_is_recorded_exactly(kind):
    torch.manual_seed(0)
    cell = kind(2, 4).double()
    if kind is PeepholeLSTM:
        nn.init.normal_(cell.peephole)
    x = torch.randn(5, 3, 2).double()
    initial = tuple(torch.randn(3, 4).double() for _ in cell.states)

    state, steps = initial, []  # the same, by hand, every state keeping its gradient
    for x_t in x:
        state, named = cell.step(x_t, *state)
        state = state if isinstance(state, tuple) else (state,)
        for value in state:
            value.retain_grad()
        steps.append((state, named))
    (steps[2][0][0].square().sum() + state[-1].sin().sum()).backward()
    expected = [parameter.grad for parameter in cell.parameters()]
    cell.zero_grad()

    with rv.record(nn.ModuleDict({"mine": cell})) as trace:
        output, final = cell(x, initial if len(initial) > 1 else initial[0])
        last = final[-1] if isinstance(final, tuple) else final
        (output[2].square().sum() + last.sin().sum()).backward()
    layer = trace["mine"]
    assert layer.kind == kind.__name__
    assert list(layer.gates) == list(steps[0][1])
    for index, name in enumerate(cell.states):
        torch.testing.assert_close(getattr(layer, name), torch.stack([s[index] for s, _ in steps]).detach())
        gradient = torch.stack(
            [torch.zeros(3, 4) if s[index].grad is None else s[index].grad for s, _ in steps]
        )
        torch.testing.assert_close(getattr(layer, f"grad_{name}"), gradient, rtol=0, atol=1e-13)
        assert torch.equal(getattr(layer, f"initial_{name}"), initial[index])
    for name, values in layer.gates.items():
        assert torch.equal(values, torch.stack([named[name] for _, named in steps]))
    for parameter, gradient in zip(cell.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
    with pytest.raises(AttributeError, match="is a cell of your own"):
        layer.weights  # noqa: B018


def test_peepholes_change_the_gates():
    """With peepholes at zero the variant is a plain LSTM; opened, it is not."""
    torch.manual_seed(0)
    cell = PeepholeLSTM(2, 3).double()
    lstm = nn.LSTM(2, 3).double()
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(cell.from_input.weight)
        lstm.weight_hh_l0.copy_(cell.from_hidden.weight)
        lstm.bias_ih_l0.copy_(cell.from_input.bias)
        lstm.bias_hh_l0.zero_()
    x = torch.randn(5, 1, 2).double()
    torch.testing.assert_close(cell(x)[0], lstm(x)[0])
    nn.init.ones_(cell.peephole)
    assert (cell(x)[0] - lstm(x)[0]).abs().max() > 1e-3


def test_layer_norm_ignores_the_scale_of_the_weights():
    torch.manual_seed(0)
    cell = LayerNormLSTM(2, 8).double()
    larger = copy.deepcopy(cell)
    with torch.no_grad():
        larger.from_hidden.weight.mul_(100)
    x = torch.randn(5, 1, 2).double()
    torch.testing.assert_close(cell(x)[0], larger(x)[0], rtol=0, atol=2e-2)


def test_minimal_gated_unit_holds_its_state_when_the_gate_is_shut():
    cell = MinimalGatedUnit(2, 3)
    nn.init.constant_(cell.forget.bias, -50.0)
    start = torch.ones(1, 3)
    _, final = cell(torch.randn(7, 1, 2), start)
    torch.testing.assert_close(final, start)


class Wrong(rv.Cell):
    def __init__(self, result):
        super().__init__(1, 2)
        self.result = result

    def step(self, x, hidden):
        return self.result(hidden)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            lambda h: h,
            r"must return the new state and a dict of named tensors; it returned a tensor of shape",
        ),
        (lambda h: (h, h), "must return the new state and a dict"),
        (lambda h: ((h, h), {}), "the state has the parts hidden, but it returned"),
        (lambda h: (h[:, :1], {}), r"hidden must have shape \(3, 2\), not a tensor of shape \(3, 1\)"),
        (
            lambda h: (h, {"gate": 1.0}),
            "'gate' must be a tensor of 3 rows, one for each sequence, not a float",
        ),
        (lambda h: (h, {"hidden": h}), "'hidden' is taken by the trace"),
    ],
)
def test_a_wrong_step_is_explained(result, message):
    with pytest.raises(TypeError, match=message):
        Wrong(result)(torch.zeros(4, 3, 1))


def test_a_cell_without_a_step_says_what_to_write():
    class Empty(rv.Cell):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no step. Write `def step\(self, x, hidden\)`"):
        Empty(1, 1)(torch.zeros(2, 1, 1))


def test_wrong_shapes_are_explained():
    cell = MinimalGatedUnit(2, 3)
    with pytest.raises(ValueError, match=r"expects \(time, batch, feature\) with 2 features"):
        cell(torch.zeros(4, 1, 5))
    with pytest.raises(ValueError, match=r"it expects 1 \(hidden\) of shape \(1, 3\)"):
        cell(torch.zeros(4, 1, 2), torch.zeros(1, 4))


def test_a_cell_keeps_no_watcher_after_recording():
    cell = MinimalGatedUnit(2, 3)
    with pytest.raises(ZeroDivisionError), rv.record(cell):
        raise ZeroDivisionError
    assert cell._watchers == []
    output, final = cell(torch.zeros(4, 2))
    assert output.shape == (4, 3)
    assert final.shape == (3,)


def test_intermediates_named_in_some_steps_only_are_nan_elsewhere():
    class Sometimes(rv.Cell):
        def step(self, x, hidden):
            return hidden + x, {"late": hidden} if hidden.sum() > 1 else {}

    cell = Sometimes(1, 1)
    with rv.record(cell) as trace:
        cell(torch.ones(4, 1, 1))
    late = trace["cell"].gates["late"].flatten()
    assert late.isnan().tolist() == [True, True, False, False]
    assert late[2:].tolist() == [2.0, 3.0]


def test_a_sequence_without_steps_is_refused():
    with pytest.raises(
        RuntimeError, match=r"GRUCell got an input of shape \(0, 1, 2\), which has no time step"
    ):
        rv.GRUCell(2, 3)(torch.zeros(0, 1, 2))
