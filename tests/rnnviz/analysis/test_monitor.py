"""A recording in a few numbers, and those numbers in TensorBoard's own files."""

import math

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.tensorboard import SummaryWriter

import rnnviz as rv
from rnnviz.analysis.monitor import find_gaps, summarise, write_tensorboard


def record_lstm(calls=1, lengths=(7, 4, 2)):
    torch.manual_seed(0)
    model = nn.LSTM(3, 5, bidirectional=True)
    with rv.record(model) as trace:
        for _ in range(calls):
            x = pack_padded_sequence(3 * torch.randn(7, 3, 3), torch.tensor(lengths))
            model(x)[0].data.square().sum().backward()
    return trace


def test_numbers_are_means_over_what_is_not_padding():
    trace = record_lstm()
    numbers = summarise(trace)
    assert {name.split("/")[0] for name in numbers} == {"l0", "l0_reverse"}
    layer = trace["l0_reverse"]
    norms = [layer.grad_norm[t, b] for b, length in enumerate((7, 4, 2)) for t in range(length)]
    assert numbers["l0_reverse/grad_norm"] == pytest.approx(float(torch.stack(norms).mean()))
    # A reverse layer takes its first step at the end of each sequence.
    ends = torch.stack([layer.grad_norm[length - 1, b] for b, length in enumerate((7, 4, 2))])
    assert numbers["l0_reverse/grad_norm_first"] == pytest.approx(float(ends.mean()))
    assert numbers["l0_reverse/grad_norm_last"] == pytest.approx(float(layer.grad_norm[0].mean()))
    for gate in ("input", "forget", "output"):
        values = layer.gates[gate][layer.mask]
        assert numbers[f"l0_reverse/saturated_{gate}"] == pytest.approx(
            float(((values < 0.1) | (values > 0.9)).float().mean())
        )


def test_several_calls_count_by_their_steps():
    trace = record_lstm(calls=2)
    norms = torch.cat([layer.grad_norm[layer.mask] for layer in trace.calls("l0")])
    assert summarise(trace)["l0/grad_norm"] == pytest.approx(float(norms.mean()))


def test_without_a_backward_pass_there_are_no_gradients():
    model = nn.RNN(2, 3)
    with rv.record(model) as trace:
        model(torch.zeros(4, 1, 2))
    assert list(summarise(trace)) == ["l0/saturated_hidden"]
    assert find_gaps(trace) == ["l0: no backward pass has reached it, so nothing of its gradients is logged."]


def test_what_was_not_seen_is_said():
    with pytest.warns(RuntimeWarning, match=r"Nothing was recorded.*layer\.forward\(x\)"):
        assert summarise(rv.Trace()) == {}

    class Past(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.gru = nn.LSTM(2, 4), nn.GRU(4, 3)

        def forward(self, x):
            return self.gru(self.lstm.forward(x)[0])

    model = Past()
    with rv.record(model) as trace:
        model(torch.randn(5, 2, 2))[0].sum().backward()
    with pytest.warns(RuntimeWarning, match=r"lstm\.l0: it did not run, or layer\.forward\(x\)"):
        assert all(name.startswith("gru.l0/") for name in summarise(trace))


def test_single_steps_have_no_first_and_last():
    gru = nn.GRU(2, 3)
    with rv.record(gru) as trace:
        for _ in range(3):
            gru(torch.randn(1, 2, 2))[0].sum().backward()
    assert "l0/grad_norm" in summarise(trace)
    assert "l0/grad_norm_first" not in summarise(trace)
    (gap,) = find_gaps(trace)
    assert gap.startswith("l0: each of its 3 calls is one step")


def test_tensorboard_is_told_what_is_missing(tmp_path):
    with SummaryWriter(tmp_path) as writer, pytest.warns(RuntimeWarning, match="Nothing was recorded"):
        write_tensorboard(writer, rv.Trace(), 0)


def test_tensorboard_reads_what_was_written(tmp_path):
    trace = record_lstm(calls=2)
    with SummaryWriter(tmp_path) as writer:
        write_tensorboard(writer, trace, 3, prefix="encoder", histograms=True)
        write_tensorboard(writer, trace, 7, prefix="encoder")
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    numbers = summarise(trace)
    assert set(events.Tags()["scalars"]) == {f"encoder/{name}" for name in numbers}
    written = events.Scalars("encoder/l0/grad_norm")
    assert [event.step for event in written] == [3, 7]
    assert written[0].value == pytest.approx(numbers["l0/grad_norm"], rel=1e-6)
    (histogram,) = events.Histograms("encoder/l0/forget")
    assert histogram.histogram_value.num == 2 * 13 * 5
    assert math.isclose(
        histogram.histogram_value.max,
        max(float(call.gates["forget"].max()) for call in trace.calls("l0")),
        rel_tol=1e-6,
    )


def test_something_else_than_a_writer_is_refused():
    with pytest.raises(TypeError, match=r"given a str; it writes to a SummaryWriter.*rnnviz\[tensorboard\]"):
        write_tensorboard("runs", record_lstm(), 0)


def test_a_run_that_has_gone_wrong_is_still_written(tmp_path):
    torch.manual_seed(0)
    gru, x = nn.GRU(2, 3), torch.randn(5, 2, 2)
    x[3, 1] = math.nan
    with rv.record(gru) as trace:
        gru(x)[0].sum().backward()
    broken = nn.RNN(2, 3)
    with torch.no_grad():
        broken.weight_hh_l0.fill_(math.nan)
    with rv.record(broken) as lost:
        broken(x)
    with SummaryWriter(tmp_path) as writer:
        write_tensorboard(writer, trace, 0, histograms=True)
        with pytest.warns(RuntimeWarning, match="no backward pass has reached it"):
            write_tensorboard(writer, lost, 0, prefix="lost", histograms=True)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    (hidden,) = events.Histograms("rnnviz/l0/hidden")
    assert hidden.histogram_value.num == (10 - 2) * 3
    assert "lost/l0/hidden" not in events.Tags()["histograms"]
