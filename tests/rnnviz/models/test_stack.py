"""Stacks: equal to torch's own, of mixed kinds, both ways, recorded, and carried on from their state."""

from __future__ import annotations

import pytest
import torch

import rnnviz as rv
from rnnviz.models import Floor, Stack, StackForecaster, StackLabeller


@pytest.mark.parametrize(
    ("cell", "build"), [("rnn", torch.nn.RNN), ("gru", torch.nn.GRU), ("lstm", torch.nn.LSTM)]
)
@pytest.mark.parametrize("both", [False, True])
def test_equal_layers_are_torchs_own_stack(cell: str, build: type[torch.nn.RNN], both: bool) -> None:
    stack = Stack(3, [Floor(4, cell, both), Floor(4, cell, both)]).double()
    theirs = build(3, 4, num_layers=2, bidirectional=both).double()
    for at, layer in enumerate(stack.layers):
        for name, value in layer.state_dict().items():
            getattr(theirs, name.replace("l0", f"l{at}")).data.copy_(value)
    inputs = torch.randn(6, 2, 3, dtype=torch.float64)
    hidden, state = stack(inputs)
    outputs, last = theirs(inputs)
    torch.testing.assert_close(hidden, outputs, rtol=0, atol=1e-12)
    for part, whole in enumerate(last if isinstance(last, tuple) else (last,)):
        mine = torch.cat([one[part] for one in state])
        torch.testing.assert_close(mine, whole, rtol=0, atol=1e-12)


MIXED = [Floor(5, "lstm"), Floor(4, "gru"), Floor(3, "rnn")]


def test_it_goes_on_from_its_state() -> None:
    stack, inputs = Stack(2, MIXED), torch.randn(7, 3, 2)
    whole, _ = stack(inputs)
    first, state = stack(inputs[:4])
    assert [tuple(one.shape) for one in state] == [(2, 1, 3, 5), (1, 1, 3, 4), (1, 1, 3, 3)]
    second, _ = stack(inputs[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


def test_the_recorder_knows_its_layers_and_what_each_reads() -> None:
    stack = Stack(2, [Floor(5, "lstm"), Floor(4, "gru", both_ways=True), Floor(3, "rnn")])
    with rv.record(stack) as trace:
        stack(torch.randn(6, 2, 2))[0].sum().backward()
    names = list(trace.layers)
    assert names == ["layers.0.l0", "layers.1.l0", "layers.1.l0_reverse", "layers.2.l0"]
    assert [origin.layer for origin in trace[names[1]].reads.sources] == names[:1]
    assert [origin.layer for origin in trace[names[3]].reads.sources] == names[1:3]
    assert all(trace[name].has_gradients for name in names)


def test_dropout_acts_between_layers_in_training_alone() -> None:
    stack, inputs = Stack(2, [6, 6], dropout=0.5), torch.randn(5, 2, 2)
    lower = stack.layers[0](inputs)[0]
    torch.manual_seed(0)
    trained, state = stack.train()(inputs)
    torch.testing.assert_close(state[0][0, 0], lower[-1])
    used, _ = stack.eval()(inputs)
    assert not torch.allclose(trained, used)
    torch.testing.assert_close(used, stack.layers[1](lower)[0])
    one, _ = Stack(2, [6], dropout=0.5).train()(inputs)
    torch.testing.assert_close(one, Stack(2, [6])(inputs)[0])


def test_seeds_leave_torchs_generator_alone() -> None:
    before = torch.get_rng_state()
    a, b, c = (
        StackForecaster(2, [4], seed=1),
        StackForecaster(2, [4], seed=1),
        StackForecaster(2, [4], seed=2),
    )
    assert torch.equal(before, torch.get_rng_state())
    x = torch.randn(3, 1, 2)
    assert torch.equal(a(x), b(x))
    assert not torch.equal(a(x), c(x))


def test_a_forecast_reads_its_own_output() -> None:
    model, history = StackForecaster(2, MIXED, hidden=6), torch.randn(5, 3, 2)
    said = model.forecast(history, 3)
    by_hand = history
    for _ in range(3):
        by_hand = torch.cat([by_hand, model(by_hand)[-1:]])
    torch.testing.assert_close(said, by_hand[5:])
    steady = StackForecaster(2, [4], steady=True)
    torch.testing.assert_close(steady(history), history + steady.project(steady.stack(history)[0]))


def test_a_label_of_the_whole_has_read_it_both_ways() -> None:
    model = StackLabeller(2, [Floor(4, "gru", both_ways=True)], 3, whole=True)
    x = torch.randn(6, 2, 2)
    hidden, _ = model.stack(x)
    ends = torch.cat([hidden[-1, :, :4], hidden[0, :, 4:]], -1)
    torch.testing.assert_close(model(x), model.decide(ends))
    assert StackLabeller(2, [4], 3)(x).shape == (6, 2, 3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Stack(2, []), "0 layers"),
        (lambda: Stack(0, [3]), "inputs is 0"),
        (lambda: Stack(2, [3], dropout=1.0), "dropout is 1.0"),
        (lambda: Floor(3, "lst"), "cell is 'lst'"),
        (lambda: Floor(0), "units is 0"),
        (lambda: Stack(2, [3, 3])(torch.zeros(2, 1, 2), [torch.zeros(2, 1, 1, 3)]), "1 tensors"),
        (lambda: StackForecaster(2, [3], hidden=-1), "hidden -1"),
        (lambda: StackLabeller(2, [3], 0), "classes is 0"),
    ],
)
def test_what_does_not_fit_is_refused(make: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()  # type: ignore[operator]
