"""The recorder on a GPU: torch's kernels there are cuDNN's, and everything stays on the device.

Skipped where there is none.
"""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.arithmetic import gru, lstm, rnn
from rnnviz.bench.__main__ import main

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.fixture(autouse=True)
def without_loops(monkeypatch):
    """Nothing that is derived of torch's layers may go step by step here."""
    for kind in (rnn, gru, lstm):
        monkeypatch.setattr(kind, "adjoint", None)
    for kind in (rnn, gru):
        monkeypatch.setattr(kind, "forward", None)


KINDS = [nn.RNN, nn.GRU, nn.LSTM, rv.RNN, rv.GRU, rv.LSTM]
LENGTHS = torch.tensor([4, 7, 2])


def record(kind, device, sequences=None, **options):
    """One training step of two layers in both directions over packed sequences, in float64."""
    torch.manual_seed(0)
    layer = kind(2, 5, num_layers=2, bidirectional=True, **options).double()
    x = torch.randn(7, 3, 2).double()
    layer, x = layer.to(device), x.to(device)
    with rv.record(layer, sequences) as trace:
        output, final = layer(pack_padded_sequence(x, LENGTHS, enforce_sorted=False))
        loss = output.data.square().sum()
        for state in final if isinstance(final, tuple) else (final,):
            loss = loss + state.sin().sum()
        loss.backward()
    return trace


@pytest.mark.parametrize("sequences", [None, [2, 0]])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_equals_the_recording_on_the_processor(kind, sequences):
    here, there = record(kind, "cpu", sequences), record(kind, "cuda", sequences)
    assert here.layers == there.layers
    for name in here.layers:
        ours, theirs = here[name].arrays(), there[name].arrays()
        for array, values in ours.items():
            assert theirs[array].is_cuda
            torch.testing.assert_close(theirs[array].cpu(), values, rtol=1e-9, atol=1e-9)
        assert there[name].mask.is_cuda
        for function in (flow.gradient_flow, flow.influence, flow.jacobians, flow.memory_horizon):
            found = function(there[name])
            assert found.is_cuda
            torch.testing.assert_close(found.cpu(), function(here[name]), rtol=1e-8, atol=1e-9)
    findings = [[(f.layer, f.what) for f in rv.diagnose(trace)] for trace in (here, there)]
    assert findings[0] == findings[1]


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_cells_in_a_loop(kind):
    found = []
    for device in ("cpu", "cuda"):
        torch.manual_seed(0)
        cell, x = kind(2, 3).double(), torch.randn(5, 4, 2).double()
        cell, x = cell.to(device), x.to(device)
        with rv.record(cell, [3, 1]) as trace:
            state, loss = None, 0
            for x_t in x:
                state = cell(x_t, state)
                loss = loss + (state[0] if kind is nn.LSTMCell else state).square().sum()
            loss.backward()
        found.append(trace["cell"].arrays())
    for array, values in found[0].items():
        torch.testing.assert_close(found[1][array].cpu(), values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [nn.GRU, rv.LSTM])
def test_a_file_of_a_recording(kind, tmp_path):
    trace = record(kind, "cuda")
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    for name in trace.layers:
        for array, values in trace[name].arrays().items():
            torch.testing.assert_close(loaded[name].arrays()[array], values.cpu())


def test_dropout_between_layers_is_refused():
    lstm = nn.LSTM(2, 3, num_layers=2, dropout=0.5).cuda()
    with rv.record(lstm) as trace:
        with pytest.raises(RuntimeError, match="applies dropout between its layers on cuda"):
            lstm(torch.zeros(4, 1, 2, device="cuda"))
        lstm.eval()
        lstm(torch.zeros(4, 1, 2, device="cuda"))
    assert trace.layers == ("l0", "l1")


def test_our_layers_run_there_where_the_masks_of_dropout_must_be_known():
    torch.manual_seed(0)
    gru = rv.GRU(2, 3, num_layers=2, dropout=0.5).double().cuda()
    x = torch.randn(4, 2, 2).double().cuda()
    with rv.record(gru) as trace:
        gru(x)[0].square().sum().backward()
    below, above = trace["l0"], trace["l1"]
    dropped = above.input / below.hidden
    assert set(dropped.round(decimals=6).unique().tolist()) <= {0.0, 2.0}
    weights = below.weights
    expected = rv.gru_step(x[0], torch.zeros(2, 3).double().cuda(), weights).hidden
    torch.testing.assert_close(below.hidden[0], expected)
    total = flow.weight_contributions(below).weight_hh.sum(0)
    torch.testing.assert_close(total, gru.weight_hh_l0.grad, rtol=1e-9, atol=1e-9)


def test_the_table_against_cudnn(capsys):
    assert main(["--device", "cuda", "--threads", "1", "--seconds", "0.1", "--sizes", "1"]) == 0
    assert "Jacobians" in capsys.readouterr().out
