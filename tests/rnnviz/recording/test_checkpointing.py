"""Recording a model that throws states away and computes them again in the backward pass."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import rnnviz as rv
from rnnviz.variants import MinimalGatedUnit


class Checkpointed(nn.Module):
    """A recurrent layer in a checkpointed part, as its last step or with more behind it."""

    def __init__(self, layer, *, last, reentrant):
        super().__init__()
        self.layer, self.head = layer, nn.Linear(4, 4)
        self.last, self.reentrant = last, reentrant

    def part(self, x):
        if isinstance(self.layer, nn.RNNCellBase):
            state, states = None, []
            for x_t in x:
                state = self.layer(x_t, state)
                states.append(state[0] if isinstance(state, tuple) else state)
            output = torch.stack(states)
        else:
            output = self.layer(x)[0]
        return output if self.last else torch.tanh(self.head(output))

    def forward(self, x, *, plain=False):
        return self.part(x) if plain else checkpoint(self.part, x, use_reentrant=self.reentrant)


LAYERS = {
    "torch": lambda: nn.LSTM(3, 4, num_layers=2, dropout=0.5),
    "own": lambda: rv.LSTM(3, 4, num_layers=2, dropout=0.5),
    "cell": lambda: nn.LSTMCell(3, 4),
    "teaching": lambda: rv.GRUCell(3, 4),
    "student": lambda: MinimalGatedUnit(3, 4),
}


def make(layer, *, last, reentrant):
    torch.manual_seed(0)
    model = Checkpointed(LAYERS[layer](), last=last, reentrant=reentrant).double()
    return model, torch.randn(5, 2, 3).double().requires_grad_()


def step(model, x, **how):
    torch.manual_seed(1)
    model.zero_grad()
    loss = model(x, **how).square().sum()
    loss.backward()
    return loss


def expected_gradients(model, x):
    with rv.record(model) as trace:
        step(model, x, plain=True)
    return {name: trace[name].arrays() for name in trace.layers}


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("layer", LAYERS)
def test_there_is_one_record_with_its_gradients(layer, last):
    model, x = make(layer, last=last, reentrant=False)
    expected = expected_gradients(model, x)
    with rv.record(model) as trace:
        step(model, x)
    assert trace.layers == tuple(expected)
    for name, arrays in expected.items():
        for array, values in trace[name].arrays().items():
            torch.testing.assert_close(values, arrays[array])


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("layer", LAYERS)
def test_reentrant_there_are_two_the_second_with_gradients(layer, last):
    model, x = make(layer, last=last, reentrant=True)
    expected = expected_gradients(model, x)
    with rv.record(model) as trace:
        step(model, x)
    for name, arrays in expected.items():
        first, second = trace.calls(name)
        assert not first.has_gradients
        for array, values in second.arrays().items():
            torch.testing.assert_close(values, arrays[array])


@pytest.mark.parametrize("reentrant", [True, False])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_long_run_goes_on_with_every_and_keep(layer, last, reentrant):
    model, x = make(layer, last=last, reentrant=reentrant)
    twin = copy.deepcopy(model)
    losses = [step(twin, x) for _ in range(5)]
    with rv.record(model, every=2, keep=2) as trace:
        assert [step(model, x) for _ in range(5)] == losses
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        assert ours.grad is None or torch.equal(ours.grad, theirs.grad)
    assert trace.steps == (2, 4)
    for name in trace.at(4).layers:
        calls = trace.at(4).calls(name)
        assert len(calls) == 1 + reentrant
        assert calls[-1].has_gradients


@pytest.mark.parametrize("alone", [True, False], ids=["a layer", "a model"])
@pytest.mark.parametrize("layer", ["torch", "own", "teaching", "student"])
def test_the_recorded_module_itself_runs_again_with_its_gradients(layer, alone):
    torch.manual_seed(0)
    model = LAYERS[layer]().double()
    if not alone:
        model = nn.Sequential(model)
    data = torch.randn(5, 2, 3).double().requires_grad_()

    def run(forward):
        torch.manual_seed(1)
        forward()[0].square().sum().backward()

    with rv.record(model) as trace:
        run(lambda: model(data))
    expected = {name: trace[name].arrays() for name in trace.layers}
    with rv.record(model) as trace:
        run(lambda: checkpoint(model, data, use_reentrant=True))
    assert trace.steps == (0,)
    for name, arrays in expected.items():
        first, second = trace.calls(name)
        assert not first.has_gradients
        for array, values in second.arrays().items():
            torch.testing.assert_close(values, arrays[array])
    with rv.record(model, every=2, keep=2) as trace:
        for _ in range(5):
            run(lambda: checkpoint(model, data, use_reentrant=True))
    assert trace.steps == (2, 4)
    assert all(trace.at(step).calls(name)[-1].has_gradients for step in (2, 4) for name in trace.layers)
    with rv.record(model, every=2) as trace:
        for _ in range(5):
            run(lambda: checkpoint(model, data, use_reentrant=False))
    assert trace.steps == (0, 2, 4)
    assert all(trace.at(step)[name].has_gradients for step in (0, 2, 4) for name in trace.layers)


@pytest.mark.parametrize("plain_first", [True, False])
def test_a_layer_that_also_runs_plainly_keeps_the_gradients_of_both(plain_first):
    torch.manual_seed(0)
    gru, x = nn.GRU(3, 4).double(), torch.randn(5, 2, 3).double().requires_grad_()

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = gru

        def forward(self, x):
            ways = [
                lambda: self.gru(x)[0],
                lambda: checkpoint(lambda x: self.gru(x)[0], x, use_reentrant=True),
            ]
            outputs = [way() for way in (ways if plain_first else ways[::-1])]
            return outputs[0].square().sum() + outputs[1].square().sum()

    with rv.record(model := Twice()) as trace:
        model(x).backward()
    with_gradients = [call for call in trace.calls("gru.l0") if call.has_gradients]
    assert len(trace.calls("gru.l0")) == 3
    first, second = with_gradients
    torch.testing.assert_close(first.grad_hidden, second.grad_hidden)
