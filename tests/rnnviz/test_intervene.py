"""`rv.intervene`: equal to torch's kernels where nothing is held, and to a hand-written loop where something is."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv

KINDS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


def make(kind: str, **options: Any) -> Any:
    torch.manual_seed(3)
    return KINDS[kind](4, 6, **options)


def flatten(result: Any) -> list[Tensor]:
    output, final = result
    data = pad_packed_sequence(output)[0] if not isinstance(output, Tensor) else output
    return [data, *(final if isinstance(final, tuple) else (final,))]


@pytest.mark.parametrize(
    ("kind", "layers", "bidirectional", "shape"),
    list(
        itertools.product(
            KINDS, (1, 2), (False, True), ("plain", "batch_first", "unbatched", "packed", "states")
        )
    ),
)
def test_with_nothing_held_it_is_the_untouched_layer(
    kind: str, layers: int, bidirectional: bool, shape: str
) -> None:
    rnn = make(kind, num_layers=layers, bidirectional=bidirectional, batch_first=shape == "batch_first")
    arguments: tuple[Any, ...] = (torch.randn(7, 3, 4),)
    if shape == "unbatched":
        arguments = (torch.randn(7, 4),)
    elif shape == "packed":
        arguments = (pack_padded_sequence(arguments[0], torch.tensor([4, 7, 1]), enforce_sorted=False),)
    elif shape == "states":
        states = tuple(
            torch.randn(layers * (1 + bidirectional), 3, 6) for _ in range(2 if kind == "LSTM" else 1)
        )
        arguments = (arguments[0], states if kind == "LSTM" else states[0])
    plain = flatten(rnn(*arguments))
    gate = "hidden"
    with rv.intervene(rnn, layer="l0", gate=gate, steps=[], value=0.0):
        ours = flatten(rnn(*arguments))
    for one, other in zip(plain, ours, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)
    after = flatten(rnn(*arguments))
    assert all(torch.equal(one, other) for one, other in zip(plain, after, strict=True))


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_projections_and_relu_and_no_bias() -> None:
    x = torch.randn(5, 2, 4)
    for rnn in (
        nn.LSTM(4, 6, proj_size=3, num_layers=2),
        nn.RNN(4, 6, nonlinearity="relu", bias=False),
        rv.GRU(4, 6, bidirectional=True),
        rv.LSTM(4, 6),
    ):
        plain = flatten(rnn(x))
        with rv.intervene(rnn, layer="l0", gate="hidden", steps=[], value=0.0):
            for one, other in zip(plain, flatten(rnn(x)), strict=True):
                torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize("packed", [False, True])
def test_dropout_between_layers_drops_the_same_units(packed: bool) -> None:
    rnn = make("LSTM", num_layers=3, dropout=0.5)
    x: Any = torch.randn(7, 3, 4)
    if packed:
        x = pack_padded_sequence(x, torch.tensor([7, 4, 2]))
    torch.manual_seed(1)
    plain = flatten(rnn(x))
    torch.manual_seed(1)
    with rv.intervene(rnn, layer="l0", gate="cell", steps=[], value=0.0):
        ours = flatten(rnn(x))
    for one, other in zip(plain, ours, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def run_by_hand(rnn: nn.LSTM, x: Tensor, hold: dict[tuple[str, int], float], unit: int) -> Tensor:
    """An LSTM written out here once more, with a dictionary of what is held of one unit."""
    h = c = x.new_zeros(x.shape[1], 6)
    states = []
    for t in range(len(x)):
        z = x[t] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + h @ rnn.weight_hh_l0.T + rnn.bias_hh_l0
        i, f, g, o = z.split(6, -1)
        named = {"input": i.sigmoid(), "forget": f.sigmoid(), "candidate": g.tanh(), "output": o.sigmoid()}

        def put(name: str, value: Tensor, t: int = t) -> Tensor:
            if (name, t) not in hold:
                return value
            mask = torch.arange(6) == unit
            return torch.where(mask, torch.tensor(hold[name, t], dtype=x.dtype), value)

        i, f, g, o = (put(name, value) for name, value in named.items())
        c = put("cell", f * c + i * g)
        h = put("hidden", o * c.tanh())
        states.append(h)
    return torch.stack(states)


@pytest.mark.parametrize("gate", ["input", "forget", "candidate", "output", "cell", "hidden"])
def test_what_is_held_and_its_gradients_are_those_of_a_loop(gate: str) -> None:
    rnn = make("LSTM").double()
    x = torch.randn(6, 2, 4, dtype=torch.double)
    hold = {(gate, 2): 0.3, (gate, 5): 0.3}
    expected = run_by_hand(rnn, x, hold, unit=4)
    expected.square().sum().backward()  # type: ignore[no-untyped-call]
    wanted = {name: value.grad.clone() for name, value in rnn.named_parameters()}
    rnn.zero_grad()
    with rv.intervene(rnn, gate=gate, units=4, steps=[2, -1], value=0.3) as held:
        output, _ = rnn(x)
        output.square().sum().backward()
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)
    for name, value in rnn.named_parameters():
        torch.testing.assert_close(value.grad, wanted[name], rtol=0, atol=1e-12)
    assert (held.arrays[gate][[2, 5], :, 4] == 0.3).all()
    assert not (held.arrays[gate][:, :, 3] == 0.3).any()
    assert held.arrays["hidden"].shape == (6, 2, 6)


def test_an_update_gate_held_open_keeps_the_state() -> None:
    gru = make("GRU")
    start = torch.randn(1, 2, 6)
    with rv.intervene(gru, gate="update", value=1.0):
        output, final = gru(torch.randn(5, 2, 4), start)
    torch.testing.assert_close(output, start.expand(5, 2, 6))
    torch.testing.assert_close(final, start)


def test_several_are_held_at_once_and_let_go_one_by_one() -> None:
    lstm = make("LSTM", num_layers=2)
    x = torch.randn(5, 2, 4)
    with rv.intervene(lstm, layer="l0", gate="forget", value=1.0) as below:
        with rv.intervene(lstm, layer="l1", gate="output", units=slice(0, 2), value=0.0):
            output, _ = lstm(x)
            assert (output[..., :2] == 0).all()
            assert (output[..., 2:] != 0).all()
        output, _ = lstm(x)
        assert (output != 0).all()
        assert (below.arrays["forget"] == 1).all()


def test_steps_from_the_end_are_each_sequences_own() -> None:
    rnn = make("RNN", bidirectional=True)
    packed = pack_padded_sequence(torch.randn(7, 3, 4), torch.tensor([4, 7, 2]), enforce_sorted=False)
    with rv.intervene(rnn, layer="l0_reverse", gate="hidden", steps=-1, value=9.0):
        output, _ = pad_packed_sequence(rnn(packed)[0])
    at = (output[..., 6:] == 9).all(-1).nonzero().tolist()
    assert sorted(map(tuple, at)) == [(1, 2), (3, 0), (6, 1)]
    assert not (output[..., :6] == 9).any()
    with rv.intervene(rnn, layer="l0", gate="hidden", steps=5, sequences=[0, 1], value=9.0):
        output, _ = pad_packed_sequence(rnn(packed)[0])
    # Sequence 0 has ended by then.
    assert (output[..., :6] == 9).all(-1).nonzero().tolist() == [[5, 1]]


def test_values_may_be_tensors_and_functions() -> None:
    lstm = make("LSTM")
    x = torch.randn(5, 2, 4)
    own = torch.tensor([0.1, 0.2], requires_grad=True)
    with rv.intervene(lstm, gate="cell", units=[0, 3], steps=[4], value=own) as held:
        output, _ = lstm(x)
        output[-1].sum().backward()
    torch.testing.assert_close(held.arrays["cell"][4, :, [0, 3]], own.detach().expand(2, 2))
    assert own.grad is not None
    with rv.intervene(lstm, gate="forget", value=lambda f: 0.5 * f) as half:
        lstm(x)
    assert (half.arrays["forget"] < 0.5).all()
    with (
        rv.intervene(lstm, gate="forget", value=torch.zeros(3, 7)),
        pytest.raises(ValueError, match=r"\(2, 6\)"),
    ):
        lstm(x)


def test_the_layer_is_restored_after_an_exception() -> None:
    lstm = make("LSTM")
    x = torch.randn(5, 2, 4)
    plain = lstm(x)[0]
    with pytest.raises(ZeroDivisionError), rv.intervene(lstm, gate="forget", value=0.0):
        raise ZeroDivisionError
    assert torch.equal(lstm(x)[0], plain)
    assert "forward" not in vars(lstm)
    assert "_held" not in vars(lstm)
    with rv.record(lstm) as trace:
        lstm(x)
    assert trace.layers == ("l0",)


class Odd(nn.LSTM):
    def forward(self, input: Any, hx: Any = None) -> Any:
        return super().forward(2 * input, hx)


@pytest.mark.parametrize(
    ("model", "options", "error", "says"),
    [
        (3, {"gate": "forget"}, TypeError, "torch.nn.Module"),
        (nn.Linear(2, 2), {"gate": "forget"}, KeyError, "holds no torch.nn.RNN"),
        (nn.LSTM(2, 3, 2), {"gate": "forget"}, ValueError, "'l0', 'l1'"),
        (nn.LSTM(2, 3), {"gate": "forget", "layer": "l1"}, KeyError, "it has 'l0'"),
        (nn.LSTM(2, 3), {"gate": "reset"}, KeyError, "'input', 'forget'"),
        (nn.RNN(2, 3), {"gate": "cell"}, KeyError, "it has 'hidden'"),
        (nn.LSTM(2, 3), {"gate": "cell", "units": 3}, IndexError, "from 0 to 2"),
        (nn.LSTM(2, 4, proj_size=3), {"gate": "hidden", "units": 3}, IndexError, "from 0 to 2"),
        (Odd(2, 3), {"gate": "cell"}, TypeError, "overrides forward"),
        (nn.LSTM(2, 3), {"gate": "cell", "value": torch.zeros(2, 2, 2)}, ValueError, "at each step"),
    ],
)
def test_what_cannot_be_held_is_refused(
    model: Any, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says), rv.intervene(model, **{"value": 0.0, **options}):
        pass


def test_a_step_that_is_not_there_is_refused_when_it_runs() -> None:
    lstm = make("LSTM")
    with rv.intervene(lstm, gate="cell", steps=9, value=0.0), pytest.raises(IndexError, match="from 0 to 4"):
        lstm(torch.zeros(5, 1, 4))


def test_recording_with_something_held_is_refused() -> None:
    lstm = make("LSTM")
    with (
        rv.intervene(lstm, gate="cell", value=0.0),
        pytest.raises(TypeError, match="Record outside that block"),
        rv.record(lstm),
    ):
        lstm(torch.zeros(5, 1, 4))


@pytest.mark.parametrize(
    ("kind", "gate"),
    [
        ("LSTM", "forget"),
        ("LSTM", "cell"),
        ("LSTM", "hidden"),
        ("GRU", "update"),
        ("GRU", "candidate"),
        ("RNN", "hidden"),
    ],
)
@pytest.mark.parametrize("places", [(None, None), ([1, 2], [3]), (slice(0, 4), slice(1, 5, 2)), (5, -1)])
def test_the_script_computes_the_same(kind: str, gate: str, places: Any) -> None:
    rnn = make(kind, num_layers=2)
    x = torch.randn(6, 3, 4)
    units, steps = places
    with rv.intervene(rnn, layer="l1", gate=gate, units=units, steps=steps, value=0.25) as held:
        output, _ = rnn(x)
    script: dict[str, Any] = {}
    exec(held.to_code(), script)  # the point of it is to run
    with torch.no_grad():
        again, _ = script["run_held"](rnn, x)
    torch.testing.assert_close(again, output, rtol=0, atol=1e-6)


def test_a_script_that_would_be_long_is_refused() -> None:
    for rnn, value in ((make("LSTM", bidirectional=True), 0.0), (make("LSTM"), torch.zeros(1))):
        with (
            rv.intervene(rnn, layer="l0", gate="cell", value=value) as held,
            pytest.raises(ValueError, match="script"),
        ):
            held.to_code()
