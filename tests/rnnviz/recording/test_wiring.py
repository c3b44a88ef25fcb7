"""What the trace says of how modules hang together, against how they were put together."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from rnnviz.recording.wiring import Origin, Reads, Start


class Pair(nn.Module):
    """Two recurrent modules, and what its maker puts between them."""

    def __init__(self, first: nn.Module, second: nn.Module, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.second = first, second
        self.between = between if isinstance(between, nn.Module) else None
        self._call = between

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.second(self._call(self.first(x)[0]))[0]
        return output


def record(model: nn.Module, *inputs: Any, **options: Any) -> rv.Trace:
    with rv.record(model, **options) as trace:
        model(*inputs)
    return trace


def names(reads: Reads) -> list[str]:
    return [origin.layer for origin in reads.sources]


def swap_and_back(x: Tensor) -> Tensor:
    return x.transpose(0, 1).contiguous().transpose(0, 1)


BETWEEN: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "nothing": (nn.Identity(), "nothing"),
    "copies and views": (swap_and_back, "nothing"),
    "detached": (Tensor.detach, "nothing"),
    "eval-mode dropout": (nn.Dropout(0.5).eval(), "nothing"),
    "dropout": (nn.Dropout(0.5), "dropout"),
    "a norm": (nn.LayerNorm(4), "unknown"),
    "a projection": (nn.Linear(4, 4, bias=False), "unknown"),
    "a residual sum": (lambda x: x + x.flip(0), "unknown"),
    "a number": (lambda x: 2 * x, "unknown"),
    "a mask of one's own": (lambda x: x * torch.rand_like(x), "unknown"),
    "the steps in another order": (lambda x: x.flip(0), "unknown"),
    "some of the steps": (lambda x: x[1:], "unknown"),
}


@pytest.mark.parametrize("what", BETWEEN)
@pytest.mark.parametrize("batch_first", [False, True])
def test_what_lies_between_two_modules_is_told(what: str, batch_first: bool) -> None:
    between, through = BETWEEN[what]
    first, second = nn.GRU(2, 4, batch_first=batch_first), nn.LSTM(4, 3, batch_first=batch_first)
    trace = record(Pair(first, second, between), torch.randn(5, 5, 2))
    assert (trace["first.l0"].reads.sources, trace["first.l0"].reads.through) == ((), "nothing")
    reads = trace["second.l0"].reads
    assert (names(reads), reads.through) == (["first.l0"], through)
    assert (reads.mask is not None) == (through == "dropout")
    if reads.mask is not None:
        torch.testing.assert_close(trace["first.l0"].hidden * reads.mask, trace["second.l0"].input)


def test_a_module_says_what_it_is_and_what_its_layers_read() -> None:
    trace = record(nn.LSTM(2, 3, num_layers=2, dropout=0.5), torch.randn(5, 2, 2))
    (module,) = trace.modules
    assert (module.path, module.kind, module.layers) == ("", "torch.nn.LSTM", ("l0", "l1"))
    assert (module.options["num_layers"], module.options["dropout"], module.training) == (2, 0.5, True)
    reads = module.reads["l1"]
    assert (names(reads), reads.through) == (["l0"], "dropout")
    assert reads.mask is not None
    torch.testing.assert_close(trace["l0"].hidden * reads.mask, trace["l1"].input)
    assert module.starts == {"l0": Start(), "l1": Start()}


def test_a_mask_of_dropout_covers_also_what_is_zero() -> None:
    model = Pair(nn.RNN(2, 8, nonlinearity="relu"), nn.GRU(8, 3), nn.Dropout(0.5))
    trace = record(model, torch.randn(6, 2, 2))
    zero = trace["first.l0"].hidden == 0
    mask = trace["second.l0"].reads.mask
    assert zero.any()
    assert mask is not None
    assert set(mask[zero].unique().tolist()) == {0.0, 2.0}


def test_both_directions_lie_side_by_side() -> None:
    trace = record(nn.GRU(2, 3, num_layers=2, bidirectional=True), torch.randn(5, 2, 2))
    assert names(trace["l1_reverse"].reads) == ["l0", "l0_reverse"]
    assert trace["l0"].reads.data == trace["l0_reverse"].reads.data is not None
    one_way = Pair(nn.GRU(2, 3, bidirectional=True), nn.RNN(3, 2), lambda x: x[..., 3:])
    assert names(record(one_way, torch.randn(5, 2, 2))["second.l0"].reads) == ["first.l0_reverse"]


def test_modules_that_share_their_input_share_its_number_and_others_do_not() -> None:
    left, right, other = nn.GRU(2, 3), nn.LSTM(2, 3), nn.RNN(2, 3)
    x = torch.randn(4, 1, 2)
    with rv.record(nn.ModuleList([left, right, other])) as trace:
        left(x), right(x), other(x.clone())
    data = [trace[name].reads.data for name in trace.layers]
    assert data[0] == data[1] != data[2]


def test_two_modules_side_by_side_are_read_in_their_order() -> None:
    left, right, top = nn.GRU(2, 3), nn.LSTM(2, 4), nn.RNN(7, 2)
    x = torch.randn(4, 1, 2)
    with rv.record(nn.ModuleList([left, right, top])) as trace:
        top(torch.cat([right(x)[0], left(x)[0]], -1))
    assert names(trace["2.l0"].reads) == ["1.l0", "0.l0"]


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_loops_over_cells(dropout: float) -> None:
    lower, upper, drop = nn.GRUCell(2, 4), nn.LSTMCell(4, 3), nn.Dropout(dropout)
    with rv.record(nn.ModuleList([lower, upper])) as trace:
        h, state = torch.zeros(2, 4), None
        for x in torch.randn(6, 2, 2):
            h = lower(x, h)
            state = upper(drop(h), state)
    reads = trace["1"].reads
    assert (names(reads), reads.through) == (["0"], "dropout" if dropout else "nothing")
    assert (trace["0"].start.kind, trace["1"].start.kind) == ("given", "zeros")
    if reads.mask is not None:
        torch.testing.assert_close(trace["0"].hidden * reads.mask, trace["1"].input)


def test_a_fused_layer_over_the_steps_of_a_cell() -> None:
    cell, top = nn.GRUCell(2, 4), nn.RNN(4, 3)
    with rv.record(nn.ModuleList([cell, top])) as trace:
        h, outputs = torch.zeros(2, 4), []
        for x in torch.randn(6, 2, 2):
            h = cell(x, h)
            outputs.append(h)
        top(torch.stack(outputs))
    assert (names(trace["1.l0"].reads), trace["1.l0"].reads.through) == (["0"], "nothing")


def test_packed_and_padded_again() -> None:
    first, second = nn.GRU(2, 3), nn.GRU(3, 3)
    with rv.record(nn.ModuleList([first, second])) as trace:
        packed = pack_padded_sequence(torch.randn(4, 2, 2), [2, 4], enforce_sorted=False)
        output, state = first(packed)
        again = pack_padded_sequence(pad_packed_sequence(output)[0], [2, 4], enforce_sorted=False)
        second(again, state)
    assert (names(trace["1.l0"].reads), trace["1.l0"].reads.through) == (["0.l0"], "nothing")
    assert trace["1.l0"].start == Start("continues", (Origin("0.l0"),), ("hidden",))


class TestStarts:
    """Where a layer goes on from."""

    def decode(
        self, hand: Callable[[Any], Any], kind: type[nn.RNNBase] = nn.LSTM, **options: Any
    ) -> rv.Trace:
        reader, writer = kind(2, 3, **options), nn.LSTM(1, 3, num_layers=options.get("num_layers", 1))
        with rv.record(nn.ModuleList([reader, writer])) as trace:
            _, state = reader(torch.randn(4, 2, 2))
            writer(torch.zeros(3, 2, 1), hand(state))
        return trace

    def test_both_states_of_every_layer(self) -> None:
        trace = self.decode(lambda state: state, num_layers=2)
        for number in range(2):
            origin = (Origin(f"0.l{number}"),)
            assert trace[f"1.l{number}"].start == Start("continues", origin, ("hidden", "cell"))

    def test_one_direction_of_two(self) -> None:
        trace = self.decode(
            lambda state: (state[0][1::2].clone(), state[1][[1, 3]]), num_layers=2, bidirectional=True
        )
        assert trace["1.l1"].start.sources == (Origin("0.l1_reverse"),)

    def test_the_hidden_state_alone(self) -> None:
        trace = self.decode(lambda state: (state, torch.zeros_like(state)), nn.GRU)
        assert trace["1.l0"].start == Start("continues", (Origin("0.l0"),), ("hidden",))

    def test_detached_and_without_gradients(self) -> None:
        trace = self.decode(lambda state: tuple(part.detach() for part in state))
        assert trace["1.l0"].start.kind == "continues"
        with torch.no_grad():
            assert self.decode(lambda state: state)["1.l0"].start.kind == "continues"

    def test_a_bridge_is_unknown(self) -> None:
        trace = self.decode(lambda state: (state[0].tanh(), state[1]))
        assert trace["1.l0"].start == Start("unknown", (Origin("0.l0"),))

    def test_equal_numbers_are_no_descent(self) -> None:
        trace = self.decode(lambda state: tuple(torch.tensor(part.tolist()) for part in state))
        assert trace["1.l0"].start == Start("given")

    def test_a_state_carried_from_pass_to_pass(self) -> None:
        class Carrying(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.GRU(2, 3)
                self.state: Tensor | None = None

            def forward(self, x: Tensor) -> Tensor:
                output, state = self.rnn(x, self.state)
                self.state = state.detach()
                return output

        model = Carrying()
        with rv.record(model) as trace:
            for _ in range(3):
                model(torch.randn(4, 1, 2)).sum().backward()
        starts = [call.start for call in trace.calls("rnn.l0")]
        assert [start.kind for start in starts] == ["zeros", "continues", "continues"]
        assert starts[2].sources == (Origin("rnn.l0", 1),)


def test_without_gradients_what_is_not_followed_is_not_called_data() -> None:
    model = Pair(nn.GRU(2, 4), nn.LSTM(4, 3), nn.LayerNorm(4))
    with torch.no_grad():
        trace = record(model, torch.randn(5, 2, 2))
    assert trace["first.l0"].reads.through == "nothing"
    assert (trace["second.l0"].reads.sources, trace["second.l0"].reads.through) == ((), "unknown")


def test_a_module_used_twice_reads_itself() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            output: Tensor = self.rnn(self.rnn(x)[0])[0]
            return output

    trace = record(Twice(), torch.randn(4, 1, 3))
    first, second = trace.calls("rnn.l0")
    assert second.reads.sources == (Origin("rnn.l0", 0),)
    assert first.reads.sources == ()
    assert len(trace.modules) == 1


def test_dropout_under_checkpointing_runs_nothing_twice() -> None:
    drawn = 0

    class Counted(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            nonlocal drawn
            drawn += 1
            return nn.functional.dropout(x, 0.5)

    block = Counted()

    def between(x: Tensor) -> Tensor:
        found: Tensor = torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)
        return found

    trace = record(Pair(nn.GRU(2, 4), nn.LSTM(4, 3), between), torch.randn(5, 2, 2))
    assert trace["second.l0"].reads.through == "unknown"
    assert drawn == 1


def test_our_own_layers_and_a_students_cell() -> None:
    class Leaky(rv.Cell):
        def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            return 0.5 * hidden + x, {}

    model = Pair(rv.GRU(2, 3, num_layers=2, dropout=0.3), Leaky(3, 3), nn.Identity())
    trace = record(model, torch.randn(5, 2, 2))
    assert [module.kind for module in trace.modules] == ["rnnviz.GRU", "Leaky"]
    assert trace["first.l1"].reads.through == "dropout"
    assert names(trace["second"].reads) == ["first.l1"]


@pytest.mark.parametrize("what", BETWEEN)
def test_a_saved_trace_tells_the_same(what: str, tmp_path: Path) -> None:
    model = Pair(nn.GRU(2, 4, num_layers=2, dropout=0.2), nn.LSTM(4, 3), BETWEEN[what][0])
    trace = record(model, torch.randn(5, 2, 2))
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    assert [(m.path, m.kind, dict(m.options), m.layers, m.training) for m in trace.modules] == [
        (m.path, m.kind, dict(m.options), m.layers, m.training) for m in loaded.modules
    ]
    for name in trace.layers:
        old, new = trace[name], loaded[name]
        assert old.start == new.start
        assert (old.reads.sources, old.reads.through, old.reads.data) == (
            new.reads.sources,
            new.reads.through,
            new.reads.data,
        )
        if old.reads.mask is not None:
            assert new.reads.mask is not None
            assert torch.equal(old.reads.mask, new.reads.mask)


def test_old_files_open_and_claim_nothing() -> None:
    old = rv.load(Path(__file__).parent / "traces" / "format-1.nc")
    assert old.modules == ()
    for name in old.layers:
        for call in old.calls(name):
            assert call.module is None
            assert call.reads.through in ("nothing", "dropout", "unknown")


def test_passes_that_were_dropped_are_not_kept_alive() -> None:
    rnn, state = nn.GRU(2, 3), None
    passes = []
    with rv.record(rnn, keep=1) as trace:
        for _ in range(4):
            _, state = rnn(torch.randn(3, 1, 2), state)
            state = state.detach()
            passes.append(weakref.ref(trace["l0"]))
    assert [one() is not None for one in passes] == [False, False, False, True]
    assert trace["l0"].start == Start("given")
