"""What recording promises beyond exact numbers: it disturbs nothing, and refuses what it cannot do."""

import contextlib
import copy
import io
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.variants import PeepholeLSTM


class Forecaster(nn.Module):
    """Several recurrent modules, one of them nested deep, over padded sequences."""

    def __init__(self, dropout=0.3):
        super().__init__()
        self.encoder = nn.ModuleDict({"rnn": nn.GRU(3, 6, num_layers=2, dropout=dropout, batch_first=True)})
        self.lstm = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
        self.head = nn.Linear(10, 1)

    def forward(self, x):
        encoded, _ = self.encoder["rnn"](x)
        return self.head(self.lstm(encoded)[0][:, -1])


def train(model, steps, watch):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    torch.manual_seed(1)
    losses = []
    for _ in range(steps):
        x = torch.randn(4, 7, 3)
        optimizer.zero_grad()
        if watch:
            with rv.record(model) as trace:
                loss = (model(x) - x.sum((1, 2))[:, None]).square().mean()
                loss.backward()
            for name in trace.layers:
                trace[name].arrays()
        else:
            loss = (model(x) - x.sum((1, 2))[:, None]).square().mean()
            loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_training_is_the_same_bit_for_bit():
    torch.manual_seed(0)
    plain = Forecaster()
    watched = copy.deepcopy(plain)
    assert train(plain, 6, watch=False) == train(watched, 6, watch=True)
    for a, b in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a.grad, b.grad)


def test_names_follow_the_modules():
    model = Forecaster()
    with rv.record(model) as trace:
        assert trace.layers == ()
        model(torch.zeros(2, 3, 3))
    assert trace.layers == ("encoder.rnn.l0", "encoder.rnn.l1", "lstm.l0", "lstm.l0_reverse")
    assert list(trace) == list(trace.layers)
    assert len(trace) == 4
    assert "lstm.l0" in trace
    assert "lstm.l1" not in trace
    assert trace["lstm.l0"].kind == "LSTM"
    assert list(trace["encoder.rnn.l1"].gates) == ["reset", "update", "candidate"]
    assert repr(trace["lstm.l0_reverse"]) == "LayerTrace('lstm.l0_reverse', LSTM, time=3, batch=2, unit=5)"
    assert "'lstm.l0', LSTM, time=3, batch=2, unit=5" in repr(trace)


def test_weights_are_those_of_the_forward_pass():
    lstm = nn.LSTM(2, 3)
    before = lstm.weight_hh_l0.detach().clone()
    with rv.record(lstm) as trace:
        output, _ = lstm(torch.randn(4, 1, 2))
        output.sum().backward()
    torch.optim.SGD(lstm.parameters(), lr=1.0).step()
    assert not torch.equal(lstm.weight_hh_l0, before)
    assert torch.equal(trace["l0"].weights.weight_hh, before)
    trace["l0"].arrays()  # derived from the copies, after the step


@pytest.mark.parametrize("kind", [nn.LSTM, rv.LSTM, nn.GRUCell])
def test_changing_the_weights_of_a_trace_changes_nothing_else(kind):
    """Two calls share one copy inside; neither they nor what is derived may see what somebody writes."""
    torch.manual_seed(0)
    module = kind(2, 3)
    x = torch.randn(1, 2) if kind is nn.GRUCell else torch.randn(4, 1, 2)
    with rv.record(module) as trace:
        for _ in range(2):
            result = module(x)
            (result if kind is nn.GRUCell else result[0]).square().sum().backward()
    (name,) = trace.layers
    first, second = trace.calls(name)
    expected = {array: values.clone() for array, values in second.arrays().items()}
    used = module.weight_hh if kind is nn.GRUCell else module.weight_hh_l0
    for value in vars(first.weights).values():
        if value is not None:
            value.zero_()
    for call in (first, second):
        assert torch.equal(call.weights.weight_hh, used)
        for array, values in call.arrays().items():
            assert torch.equal(values, expected[array])
        whole = [flow.weight_contributions(c).weight_hh.sum(0) for c in (call, second)]
        assert torch.equal(*whole)


def test_the_trap_of_direct_gradients():
    """A loss on the last step reaches the outputs only there; the states before it have gradients all the
    same."""
    torch.manual_seed(0)
    rnn = nn.RNN(1, 4)
    with rv.record(rnn) as trace:
        output, _ = rnn(torch.randn(6, 1, 1))
        output.retain_grad()
        output[-1].sum().backward()
    assert not output.grad[:-1].any()
    assert (trace["l0"].grad_norm > 0).all()


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("packed", [False, True])
def test_chosen_sequences_equal_those_of_the_whole_batch(kind, packed):
    torch.manual_seed(2)
    model = kind(2, 4, num_layers=3, bidirectional=True, dropout=0.4, batch_first=True).double()
    x = torch.randn(5, 6, 2).double()
    traces = []
    for sequences in (None, [3, 0]):
        torch.manual_seed(7)
        data = pack_padded_sequence(x, torch.tensor([2, 6, 3, 5, 6]), True, False) if packed else x
        with rv.record(model, sequences=sequences) as trace:
            output, final = model(data)
            (output.data.square().sum() + sum(state.sum() for state in final)).backward()
        traces.append(trace)
    whole, part = traces
    for name in whole.layers:
        arrays = whole[name].arrays()
        for array, values in part[name].arrays().items():
            torch.testing.assert_close(values, arrays[array][:, [3, 0]], rtol=0, atol=1e-12)
        assert torch.equal(part[name].lengths, whole[name].lengths[[3, 0]])


@pytest.mark.parametrize("layers", [1, 3])
def test_dropout_masks_of_packed_sequences(layers):
    """torch draws the mask for the packed rows; rebuilt by running the stack by hand with the same
    generator."""
    torch.manual_seed(0)
    model = nn.GRU(2, 4, num_layers=layers, dropout=0.5 if layers > 1 else 0.0).double()
    packed = pack_padded_sequence(
        torch.randn(5, 3, 2).double(), torch.tensor([5, 2, 4]), enforce_sorted=False
    )
    torch.manual_seed(9)
    with rv.record(model) as trace:
        output, _ = model(packed)
        output.data.square().sum().backward()
    singles = [nn.GRU(2 if layer == 0 else 4, 4).double() for layer in range(layers)]
    for layer, single in enumerate(singles):
        parameters = model.state_dict().items()
        single.load_state_dict({f"{k[:-1]}0": v for k, v in parameters if k.endswith(f"l{layer}")})
    torch.manual_seed(9)
    expected = packed
    for layer, single in enumerate(singles):
        expected, _ = single(expected)
        padded, _ = nn.utils.rnn.pad_packed_sequence(expected)
        torch.testing.assert_close(trace[f"l{layer}"].hidden, padded, rtol=0, atol=1e-12)
        if layer < layers - 1:
            expected = expected._replace(data=nn.functional.dropout(expected.data, 0.5))
    trace["l0"].grad_hidden  # noqa: B018  (derives through the masks)


# ------------------------------------------------------------------------------------------------------
# gradient rules


def test_gradients_before_any_backward_are_refused():
    gru = nn.GRU(2, 3)
    with rv.record(gru) as trace:
        output, _ = gru(torch.randn(4, 1, 2))
    assert not trace["l0"].has_gradients
    assert "grad_hidden" not in trace["l0"].arrays()
    with pytest.raises(RuntimeError, match=r"no backward pass has reached it. Call loss.backward\(\) first"):
        trace["l0"].grad_hidden  # noqa: B018
    output.sum().backward()
    assert trace["l0"].grad_hidden.any()


def test_gradients_without_autograd_are_explained():
    gru = nn.GRU(2, 3).eval()
    for context in (torch.no_grad(), torch.inference_mode()):
        with rv.record(gru) as trace, context:
            gru(torch.randn(4, 1, 2))
        assert set(trace["l0"].arrays()) == {"hidden", "reset", "update", "candidate"}
        with pytest.raises(RuntimeError, match="ran without autograd"):
            trace["l0"].grad_norm  # noqa: B018


def test_several_backward_passes_add_up():
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3).double()
    x = torch.randn(4, 2, 2).double()
    with rv.record(lstm) as both:
        output, (h_n, c_n) = lstm(x)
    output.sum().backward(retain_graph=True)
    first = both["l0"].grad_hidden.clone()
    (c_n.square().sum() + h_n.sum()).backward()
    with rv.record(lstm) as once:
        output, (h_n, c_n) = lstm(x)
    (output.sum() + c_n.square().sum() + h_n.sum()).backward()
    torch.testing.assert_close(both["l0"].grad_hidden, once["l0"].grad_hidden, rtol=0, atol=1e-14)
    torch.testing.assert_close(both["l0"].grad_cell, once["l0"].grad_cell, rtol=0, atol=1e-14)
    assert not torch.equal(first, both["l0"].grad_hidden)


def test_gradients_of_autograd_grad_count_too():
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3, num_layers=2).double()
    x = torch.randn(4, 2, 2).double().requires_grad_()
    with rv.record(lstm) as trace:
        torch.autograd.grad(lstm(x)[0].square().sum(), x)
    with rv.record(lstm) as expected:
        lstm(x)[0].square().sum().backward()
    for name in expected.layers:
        assert torch.equal(trace[name].grad_hidden, expected[name].grad_hidden)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM, rv.RNN, rv.GRU, rv.LSTM])
def test_a_batch_of_no_sequences(kind):
    layer = kind(2, 3)
    with rv.record(layer) as trace:
        layer(torch.zeros(4, 0, 2))[0].sum().backward()
    assert all(array.shape == (4, 0, 3) for array in trace["l0"].arrays().values())


def test_frozen_layer_with_gradients_passing_through():
    torch.manual_seed(0)
    rnn = nn.RNN(2, 3).double().requires_grad_(False)
    x = torch.randn(4, 1, 2).double().requires_grad_()
    with rv.record(rnn) as trace:
        output, _ = rnn(x)
        output[-1].sum().backward()
    layer = trace["l0"]
    slope = 1 - layer.hidden**2
    torch.testing.assert_close(x.grad, (layer.grad_hidden * slope) @ layer.weights.weight_ih)


def test_gradients_are_those_after_the_users_own_hooks():
    """Clipping the gradient of the output changes what flows back, and the record shows what flowed."""
    rnn = nn.RNN(1, 2).double()
    x = torch.randn(3, 1, 1).double()
    with rv.record(rnn) as trace:
        output, _ = rnn(x)
        output.register_hook(lambda grad: grad.clamp(-0.1, 0.1))
        output.sum().backward()
    torch.testing.assert_close(trace["l0"].grad_hidden[-1], torch.full((1, 2), 0.1).double())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_lower_precision_is_as_close_as_it_can_be(kind, dtype):
    torch.manual_seed(0)
    model = kind(3, 8, num_layers=2).to(dtype)
    x = torch.randn(10, 4, 3).to(dtype)
    arrays = []
    for precision in (dtype, torch.float64):
        twin = copy.deepcopy(model).to(precision)
        with rv.record(twin) as trace:
            output, _ = twin(x.to(precision))
            output[-1].sum().backward()
        arrays.append({name: trace[name].arrays() for name in trace.layers})
    for name, exact in arrays[1].items():
        for array, values in exact.items():
            seen = arrays[0][name][array]
            assert seen.dtype == torch.float32
            error = (seen - values).abs().max() / values.abs().max()
            assert error < (1e-5 if dtype == torch.float32 else 0.05), (name, array)


# ------------------------------------------------------------------------------------------------------
# repeated calls


def test_calls_are_kept_apart():
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3)
    with rv.record(lstm) as trace:
        state = None
        for _ in range(3):
            output, state = lstm(torch.randn(4, 1, 2), state)
        output.sum().backward()
    with pytest.raises(LookupError, match=r"l0 ran 3 times.*trace.calls\('l0'\)\[0\] is the first"):
        trace["l0"]
    calls = trace.calls("l0")
    assert len(calls) == 3
    torch.testing.assert_close(calls[0].hidden[-1], calls[1].initial_hidden)
    torch.testing.assert_close(calls[1].cell[-1], calls[2].initial_cell)
    first, last = (call.source.states().weights.weight_hh for call in (calls[0], calls[2]))
    assert first is last  # copied once
    assert all(call.grad_norm.min() > 0 for call in calls)  # through the states from call to call
    assert "3 calls" in repr(trace)


def test_every_and_keep_bound_a_long_run():
    gru = nn.GRU(1, 2)
    with rv.record(gru, every=3, keep=2) as trace:
        for step in range(10):
            gru(torch.full((2, 1, 1), float(step)))
    assert trace.steps == (6, 9)
    assert [float(call.input[0, 0, 0]) for call in trace.calls("l0")] == [6.0, 9.0]
    assert float(trace.at(9)["l0"].input[0, 0, 0]) == 9.0
    with pytest.raises(LookupError, match=r"trace.at\(9\)"):
        trace["l0"]
    with pytest.raises(KeyError, match="forward pass 3 is not held; those that are: 6, 9"):
        trace.at(3)


@pytest.mark.parametrize("kind", [nn.LSTM, rv.LSTM])
def test_calls_of_a_layer_are_counted_where_nothing_goes_through_the_model(kind):
    """As in learners that call the parts of a policy themselves: an actor and a critic, at different rates."""
    torch.manual_seed(0)
    model = nn.ModuleDict({"actor": kind(1, 3), "critic": kind(1, 2)})
    with rv.record(model, every=3, keep=2) as trace:
        for number in range(11):
            x = torch.full((4, 1, 1), float(number))
            output, _ = model["actor"](x)
            output.square().sum().backward()
            if number % 2 == 0:
                with torch.no_grad():
                    model["critic"](x)
    # Of the actor's calls, 0 to 10, every third are 0, 3, 6, 9; of the critic's, 0 to 5, they are 0 and 3.
    assert [float(call.input[0, 0, 0]) for call in trace.calls("actor.l0")] == [6.0, 9.0]
    assert [float(call.input[0, 0, 0]) for call in trace.calls("critic.l0")] == [0.0, 6.0]
    assert trace.steps == (0, 3, 6, 9)
    assert trace.at(3).layers == ("critic.l0",)
    _, latest = trace.calls("actor.l0")
    twin = copy.deepcopy(model["actor"])
    with rv.record(twin) as plain:
        output, _ = twin(torch.full((4, 1, 1), 9.0))
        output.square().sum().backward()
    torch.testing.assert_close(latest.grad_hidden, plain["l0"].grad_hidden)


def test_calls_beside_the_model_have_numbers_of_their_own():
    model = Forecaster()
    with rv.record(model, every=2) as trace:
        for _ in range(3):
            model.lstm(torch.zeros(1, 2, 6))
        for _ in range(2):
            model(torch.zeros(1, 2, 3))
    assert trace.steps == (0, 2, 4)
    assert trace.at(2).layers == ("lstm.l0", "lstm.l0_reverse")
    assert "encoder.rnn.l0" in trace.at(4)


def test_a_cell_on_its_own_is_not_counted_by_its_steps():
    model = nn.ModuleDict({"cell": nn.GRUCell(1, 2)})
    with rv.record(model, every=2), pytest.raises(RuntimeError, match="cell was called on its own"):
        model["cell"](torch.zeros(1, 1))


# -----------------------------------------------------------------------------------------------------------
# refusals


def hooks(model):
    return [
        (module._forward_hooks, module._forward_pre_hooks)
        for module in model.modules()
        if module._forward_hooks or module._forward_pre_hooks
    ]


def test_in_place_changes_are_detected():
    for change, what in ((0, "input"), (1, "output")):
        gru = nn.GRU(2, 3)
        x = torch.randn(4, 2, 2)
        with rv.record(gru) as trace, torch.no_grad():
            output, _ = gru(x)
        trace["l0"].gates  # noqa: B018  (also what was derived before is refused)
        (x, output)[change].mul_(2)
        with pytest.raises(RuntimeError, match=f"The {what} of GRU was changed in place"):
            trace["l0"].hidden  # noqa: B018


def test_changes_behind_autograds_back_are_detected():
    lstm = nn.LSTM(2, 3)
    with rv.record(lstm) as trace:
        output, _ = lstm(torch.randn(4, 2, 2))
        output.data[2] += 1
    with pytest.raises(RuntimeError, match=r"differ by up to .* from what its equations give"):
        trace["l0"].gates  # noqa: B018


def test_the_callers_own_state_may_be_overwritten():
    gru = nn.GRU(2, 3)
    state = torch.ones(1, 2, 3)
    with rv.record(gru) as trace, torch.no_grad():
        _, after = gru(torch.randn(4, 2, 2), state)
        state.copy_(after)
    assert (trace["l0"].initial_hidden == 1).all()


def test_an_exception_leaves_the_model_as_it_was():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(2, 3)

        def forward(self, x):
            self.gru(x)
            raise ZeroDivisionError

    model = Broken()
    with pytest.raises(ZeroDivisionError), rv.record(model):
        model(torch.zeros(2, 1, 2))
    assert hooks(model) == []
    with rv.record(model) as trace, pytest.raises(RuntimeError):
        model(torch.zeros(2, 1, 5))  # torch's own complaint about the width
    assert hooks(model) == []
    assert trace.layers == ()


class Doubling(nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(2 * x, hx)


def compiled_in_place():
    model = nn.Sequential(nn.LSTM(1, 1))
    model.compile()
    return model


def quantized():
    return nn.Sequential(torch.ao.nn.quantized.dynamic.LSTM(1, 1))


@pytest.mark.filterwarnings(
    *(
        f"ignore::{kind}"
        for kind in ("DeprecationWarning", "FutureWarning", "UserWarning", "torch.jit.TracerWarning")
    )
)
@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (lambda: nn.Linear(2, 2), ValueError, "Linear has no recurrent layer to record"),
        (lambda: [nn.LSTM(1, 1)], TypeError, "record was given a list"),
        (lambda: torch.jit.script(nn.LSTM(1, 1)), TypeError, "is scripted or traced"),
        (lambda: nn.Sequential(torch.jit.script(nn.GRU(1, 1))), TypeError, r"0 .* is scripted or traced"),
        (
            lambda: nn.Sequential(torch.compile(nn.LSTM(1, 1))),
            TypeError,
            r"0 \(OptimizedModule\) is compiled",
        ),
        (compiled_in_place, TypeError, "is compiled"),
        (quantized, TypeError, r"0 \(LSTM\) is quantized"),
        (lambda: nn.Sequential(Doubling(1, 1)), TypeError, r"0 \(Doubling\) overrides forward"),
        (lambda: nn.DataParallel(nn.GRU(1, 1)), TypeError, "Record model.module"),
        (
            lambda: torch.jit.trace(nn.GRU(1, 1), torch.zeros(2, 1, 1)),
            TypeError,
            "is scripted or traced",
        ),
        (
            lambda: nn.ModuleList([nn.GRU(1, 1), torch.jit.trace(PeepholeLSTM(1, 1), torch.zeros(2, 1, 1))]),
            TypeError,
            r"1 .* is scripted or traced",
        ),
    ],
)
def test_what_cannot_be_watched_is_refused_at_once(model, error, message):
    model = model()
    with pytest.raises(error, match=message), rv.record(model):
        pass
    if isinstance(model, nn.Module):
        assert hooks(model) == []


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sequences": 3}, TypeError, r"pass a list, as in sequences=\[3\]"),
        ({"sequences": []}, ValueError, "sequences is empty"),
        ({"every": 2.0}, TypeError, "every is 2.0; it must be a whole number"),
        ({"keep": "3"}, TypeError, "keep is '3'; it must be a whole number"),
        ({"sequences": [-1]}, ValueError, "0 or more"),
        ({"sequences": [1, 1]}, ValueError, "appear once"),
        ({"every": 0}, ValueError, "every is 0; it must be 1 or more"),
        ({"keep": 0}, ValueError, "keep is 0; it must be 1 or more"),
    ],
)
def test_wrong_arguments_are_explained(arguments, error, message):
    with pytest.raises(error, match=message), rv.record(nn.GRU(1, 1), **arguments):
        pass


def test_a_sequence_outside_the_batch_is_refused_before_the_forward_pass():
    gru = nn.GRU(1, 1)
    with rv.record(gru, sequences=[0, 4]) as trace:
        with pytest.raises(ValueError, match="asks for number 4, but GRU was given a batch of 3"):
            gru(torch.zeros(2, 3, 1))
        assert trace.layers == ()


def test_autocast_and_function_transforms_are_refused():
    gru = nn.GRU(1, 1)
    with rv.record(gru) as trace:
        with torch.autocast("cpu", torch.bfloat16), pytest.raises(RuntimeError, match="runs under autocast"):
            gru(torch.zeros(2, 3, 1))
        with pytest.raises(RuntimeError, match=r"inside a torch\.func transform"):
            torch.func.grad(lambda x: gru(x)[0].sum())(torch.zeros(2, 3, 1))
        assert trace.layers == ()


@pytest.mark.filterwarnings("ignore")  # torch's own, about itself
def test_tensors_without_data_are_refused():
    gru = nn.GRU(1, 1)
    with rv.record(gru) as trace:
        with pytest.raises(RuntimeError, match=r"tensors without data \(torch\.export, or the meta device\)"):
            torch.export.export(gru, (torch.zeros(2, 3, 1),))
        gru.to("meta")
        with pytest.raises(RuntimeError, match="Record a plain call"):
            gru(torch.zeros(2, 3, 1, device="meta"))
    assert trace.layers == ()


def test_gradients_that_accumulate_in_the_parameters_are_told_apart():
    """Several batches before one optimizer step: each call has its own part of what is in .grad."""
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3).double()
    with rv.record(lstm) as trace:
        for _ in range(3):
            lstm(torch.randn(4, 2, 2).double())[0].square().mean().backward()
    calls = trace.calls("l0")
    assert not torch.equal(calls[0].grad_hidden, calls[1].grad_hidden)
    for name in ("weight_ih", "weight_hh", "bias_hh"):
        parts = [getattr(flow.weight_contributions(call), name).sum(0) for call in calls]
        torch.testing.assert_close(sum(parts), getattr(lstm, f"{name}_l0").grad)


def test_partly_frozen_parameters():
    torch.manual_seed(0)
    lstm = nn.LSTM(2, 3).double()
    free = copy.deepcopy(lstm)
    lstm.weight_ih_l0.requires_grad_(False)
    x = torch.randn(4, 2, 2).double()
    grads = []
    for module in (lstm, free):
        with rv.record(module) as trace:
            module(x)[0].square().sum().backward()
        grads.append(trace["l0"].grad_cell)
    assert lstm.weight_ih_l0.grad is None
    assert torch.equal(*grads)
    # What each step would have added is known all the same.
    contributions = flow.weight_contributions(trace["l0"]).weight_ih.sum(0)
    torch.testing.assert_close(contributions, free.weight_ih_l0.grad)


@pytest.mark.parametrize("parametrize", ["weight_norm", "orthogonal"])
def test_parametrized_weights_are_recorded_as_they_were_used(parametrize):
    torch.manual_seed(0)
    rnn = nn.RNN(2, 3).double()
    getattr(nn.utils.parametrizations, parametrize)(rnn, "weight_hh_l0")
    with rv.record(rnn) as trace:
        output, _ = rnn(torch.randn(4, 1, 2).double())
        output[-1].sum().backward()
    assert torch.equal(trace["l0"].weights.weight_hh, rnn.weight_hh_l0)
    expected = torch.ones(3).double()
    for t in (3, 2, 1):
        expected = ((1 - output[t, 0] ** 2) * expected) @ rnn.weight_hh_l0
    torch.testing.assert_close(trace["l0"].grad_hidden[0, 0], expected.detach())


def test_two_recordings_of_one_model_do_not_meet():
    torch.manual_seed(0)
    gru = nn.GRU(2, 3)
    with rv.record(gru) as outer:
        with rv.record(gru, sequences=[1]) as inner:
            gru(torch.randn(4, 2, 2))[0].square().sum().backward()
        gru(torch.randn(4, 2, 2))
    assert torch.equal(outer.calls("l0")[0].grad_norm[:, 1:], inner["l0"].grad_norm)
    assert len(outer.calls("l0")) == 2
    assert len(gru._forward_hooks) == len(gru._forward_pre_hooks) == 0


def test_missing_layers_are_explained():
    model = Forecaster()
    with rv.record(model) as trace:
        with pytest.raises(KeyError, match="nothing ran inside the recorded block"):
            trace["lstm.l0"]
        model.lstm(torch.zeros(1, 2, 6))
    with pytest.raises(KeyError, match=r"did you mean 'lstm.l0'"):
        trace["lstm.l"]
    with pytest.raises(KeyError, match=r"encoder.rnn.l0' did not run; those that did: lstm.l0"):
        trace["encoder.rnn.l0"]


def test_a_gru_has_no_cell():
    with rv.record(nn.GRU(1, 1)) as trace:
        pass
    gru = nn.GRU(1, 1)
    with rv.record(gru) as trace:
        gru(torch.zeros(1, 1, 1))
    layer = trace["l0"]
    for attribute in ("cell", "grad_cell", "initial_cell"):
        with pytest.raises(AttributeError, match="l0 is of kind GRU, which has no cell state"):
            getattr(layer, attribute)
    with pytest.raises(AttributeError, match="only a plain RNN"):
        layer.nonlinearity  # noqa: B018


def test_arrays_handed_out_hold_no_graph():
    lstm = nn.LSTM(1, 2)
    with rv.record(lstm) as trace:
        output, _ = lstm(torch.zeros(3, 1, 1))
        output.sum().backward()
    assert not any(array.requires_grad for array in trace["l0"].arrays().values())


def test_import_pulls_in_no_plotting_or_notebook_package():
    forbidden = (
        "{'plotly', 'ipywidgets', 'anywidget', 'IPython', 'pandas', 'xarray', 'statsmodels', 'torch._dynamo'}"
    )
    code = f"import rnnviz, sys; found = {forbidden} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------------------------------------------
# what happens behind the recorder's back


def fused_adam(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    return optimizer.step


def sgd_through_data(model):
    def step():
        for parameter in model.parameters():
            parameter.data.add_(parameter.grad, alpha=-1e-4)

    return step


@pytest.mark.parametrize("make_step", [fused_adam, sgd_through_data])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, rv.LSTM, rv.GRU, nn.GRUCell, rv.GRUCell])
def test_weights_follow_optimizers_that_do_not_count_versions(kind, make_step):
    model = kind(2, 3)
    weight = model.weight_hh if isinstance(model, (nn.GRUCell, rv.GRUCell)) else model.weight_hh_l0
    step, expected = make_step(model), []
    x = torch.randn(4, 2) if kind is nn.GRUCell else torch.randn(4, 1, 2)
    with rv.record(model) as trace:
        for _ in range(3):
            model.zero_grad()
            expected.append(weight.detach().clone())
            result = model(x)
            (result if kind is nn.GRUCell else result[0]).sum().backward()
            step()
    calls = trace.calls(trace.layers[0])
    assert len(calls) == 3
    for call, weight_then in zip(calls, expected, strict=True):
        assert torch.equal(call.weights.weight_hh, weight_then)


def test_a_cells_sequence_ends_where_its_weights_change_unseen():
    cell = nn.RNNCell(2, 3)
    with rv.record(cell) as trace, torch.no_grad():
        state = cell(torch.randn(1, 2))
        cell.weight_hh.data.add_(1e-4)
        cell(torch.randn(1, 2), state)
    assert [call.hidden.shape[0] for call in trace.calls("cell")] == [1, 1]
    assert torch.equal(trace.calls("cell")[1].weights.weight_hh, cell.weight_hh)


def test_a_failed_call_leaves_no_record_for_the_next():
    layer = rv.GRU(2, 3)

    def fail(*_):
        raise ZeroDivisionError

    with rv.record(layer) as trace:
        handle = layer.register_forward_hook(fail, prepend=True)
        with pytest.raises(ZeroDivisionError):
            layer(torch.randn(5, 2, 2))
        handle.remove()
        with torch.no_grad():
            layer(torch.randn(7, 3, 2))
    assert trace["l0"].hidden.shape == (7, 3, 3)


@pytest.mark.parametrize("make", [copy.deepcopy, copy.copy, "pickle"])
@pytest.mark.parametrize("kind", [nn.LSTM, rv.LSTM, nn.LSTMCell, rv.LSTMCell])
def test_a_copy_made_while_recording_is_not_recorded(kind, make):
    model = nn.Sequential(kind(2, 3))
    x = torch.randn(4, 2) if kind is nn.LSTMCell else torch.randn(4, 1, 2)
    with rv.record(model) as trace:
        model(x)
        if make == "pickle":
            file = io.BytesIO()
            torch.save(model, file)
            file.seek(0)
            twin = torch.load(file, weights_only=False)
        else:
            twin = nn.Sequential(make(model[0]))
        twin(x)
        model(x)
    twin(x)
    assert len(trace.calls(trace.layers[0])) == 2


def test_a_deep_copy_of_the_whole_model_is_not_recorded():
    model = nn.GRU(2, 3)
    with rv.record(model, every=2) as trace:
        best = copy.deepcopy(model)
        for net in (model, best, best, model):
            net(torch.randn(4, 1, 2))
    assert trace.steps == (0,)


def test_nothing_is_kept_of_a_forward_pass_that_fails():
    class Failing(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.GRU(2, 3), nn.GRU(3, 3)

        def forward(self, x, fail):
            x, _ = self.a(x)
            if fail:
                raise ZeroDivisionError
            self.b(x)  # returns nothing, which is no failure

    model = Failing()
    with rv.record(model) as trace:
        for fail in (True, False, True):
            try:
                model(torch.randn(4, 1, 2), fail)
            except ZeroDivisionError:
                assert fail
    assert trace.steps == (1,)
    assert trace.layers == ("a.l0", "b.l0")
    assert len(trace.calls("a.l0")) == 1


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN, nn.GRUCell])
def test_batched_gradients_train_on_and_are_refused_on_reading(kind):
    torch.manual_seed(0)
    layer = kind(2, 3).double()
    x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    seen = []
    for watch in (False, True):
        with rv.record(layer) if watch else contextlib.nullcontext() as trace:
            result = layer(x)
            output = result if kind is nn.GRUCell else result[0]
            units = torch.eye(output.numel(), dtype=x.dtype).view(-1, *output.shape)
            seen.append(torch.autograd.grad(output, x, units, is_grads_batched=True)[0])
    assert torch.equal(*seen)
    with pytest.raises(RuntimeError, match="several losses at once"):
        trace[trace.layers[0]].grad_hidden  # noqa: B018


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell])
def test_writing_into_a_read_array_does_not_spoil_later_reads(kind):
    torch.manual_seed(0)
    layer = kind(2, 3) if kind is nn.LSTMCell else kind(2, 3, num_layers=2)
    x = torch.randn(4, 2) if kind is nn.LSTMCell else torch.randn(4, 1, 2)
    with rv.record(layer) as trace:
        layer(x)[0].sum().backward()
    for name in trace.layers:
        recorded = trace[name]
        before = {array: values.clone() for array, values in recorded.arrays().items()}
        for array in before:
            if array == "hidden" and name == "l1":
                continue  # the model's own output: reading it is refused after that
            recorded.arrays()[array].fill_(7)
            for again, values in recorded.arrays().items():
                assert torch.equal(values, before[again]), (name, array, again)


def test_gradients_are_those_that_arrived_also_when_a_leaf_takes_them_over():
    class Sum(rv.Cell):
        def step(self, x, hidden):
            return hidden + x, {}

    learnable = nn.Parameter(torch.zeros(3, 2))
    cell = Sum(2, 2)
    with rv.record(cell) as trace:
        cell(torch.randn(4, 3, 2), learnable)[0].square().sum().backward()
    before = trace["cell"].grad_hidden.clone()
    torch.nn.utils.clip_grad_norm_([learnable], 1e-3)
    assert torch.equal(trace["cell"].grad_hidden, before)


def test_a_cell_that_overwrites_its_own_tensors_is_refused():
    class Reusing(rv.Cell):
        def __init__(self):
            super().__init__(2, 2)
            self.register_buffer("seen", torch.zeros(1, 2))

        def step(self, x, hidden):
            self.seen.copy_(x)
            return hidden + x, {"seen": self.seen}

    class Overwriting(rv.Cell):
        def step(self, x, hidden):
            hidden.add_(x)
            return hidden.clone(), {}

    x = torch.randn(4, 1, 2)
    for cell, what in ((Reusing(), "'seen' of step 0"), (Overwriting(2, 2), "The hidden state of step 0")):
        with rv.record(cell) as trace:
            cell(x, torch.zeros(1, 2))
        with pytest.raises(RuntimeError, match=f"{what} of cell was changed in place"):
            trace["cell"].hidden  # noqa: B018
    one = Overwriting(2, 2)
    with rv.record(one) as trace:
        one(x[:1], torch.zeros(1, 2))
    assert not trace["cell"].initial_hidden.any()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    "wrap", [torch.jit.script, lambda head: torch.compile(head, backend="eager"), nn.DataParallel]
)
def test_a_part_that_holds_nothing_recurrent_may_be_anything(wrap):
    torch.manual_seed(0)
    lstm, head = nn.LSTM(2, 3), nn.Linear(3, 1)
    model, x = nn.ModuleList([lstm, wrap(head)]), torch.randn(5, 2, 2)
    with rv.record(model) as trace:
        model[1](lstm(x)[0][-1]).sum().backward()
    with rv.record(lstm) as plain:
        head(lstm(x)[0][-1]).sum().backward()
    torch.testing.assert_close(trace["0.l0"].grad_hidden, plain["l0"].grad_hidden)


def test_what_ran_where_no_hook_is_called_is_named():
    lstm = nn.LSTM(1, 1)
    with rv.record(lstm) as trace:
        pass
    with pytest.raises(KeyError, match=r"nothing ran inside the recorded block.*torch\.compile"):
        trace["l0"]


def test_a_state_in_a_list():
    torch.manual_seed(0)
    made, x = nn.LSTMCell(2, 3), torch.randn(4, 2, 2)
    with rv.record(made) as trace:
        state = [torch.zeros(2, 3), torch.zeros(2, 3)]
        for x_t in x:
            state = list(made(x_t, state))
        state[0].sum().backward()
    assert trace["cell"].hidden.shape == (4, 2, 3)
    assert trace["cell"].grad_cell[0].any()


def copied_by_pickle(trace):
    return pickle.loads(pickle.dumps(trace))


def copied_by_torch(trace):
    file = io.BytesIO()
    torch.save(trace, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("copy_", [copy.deepcopy, copied_by_pickle, copied_by_torch])
@pytest.mark.parametrize("kind", [nn.LSTM, rv.LSTM])
def test_a_copy_of_a_trace_holds_the_arrays_themselves(kind, copy_):
    torch.manual_seed(0)
    lstm, x = kind(2, 3, num_layers=2), torch.randn(5, 2, 2)
    with rv.record(lstm) as trace:
        output, _ = lstm(x)
        output.sum().backward()
    twin = copy_(trace)
    with torch.no_grad():
        x.zero_()  # what the recording refers to is lost
    assert twin.layers == trace.layers
    with rv.record(lstm) as again:
        torch.manual_seed(0)
        kind(2, 3, num_layers=2)
        lstm(torch.randn(5, 2, 2))[0].sum().backward()
    for name in twin.layers:
        for array, values in again[name].arrays().items():
            torch.testing.assert_close(twin[name].arrays()[array], values)
    torch.testing.assert_close(flow.gradient_flow(twin["l0"]), flow.gradient_flow(again["l0"]))


def test_an_empty_trace_can_be_copied():
    with rv.record(nn.GRU(1, 1)) as trace:
        pass
    assert copy.deepcopy(trace).layers == ()


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTMCell, rv.GRUCell])
def test_refuses_parameters_that_torch_func_transforms(kind):
    module = kind(2, 3)
    data = torch.randn(4, 2) if kind is nn.LSTMCell else torch.randn(5, 4, 2)

    def loss(parameters):
        return torch.func.functional_call(module, parameters, (data,))[0].sum()

    parameters = dict(module.named_parameters())
    with rv.record(module) as trace, pytest.raises(RuntimeError, match="Record a plain call"):
        torch.func.grad(loss)(parameters)
    assert trace.layers == ()
    assert set(torch.func.grad(loss)(parameters)) == set(parameters)  # and without recording all is as before
