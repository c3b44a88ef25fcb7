"""Gates, cell states and gradients without a loop over steps, as on a GPU: the same numbers, on the CPU."""

import itertools
import types

import pytest
import torch
from test_layers import make_recording_layers
from test_record import KINDS, LAYOUTS, LOSSES, check, make
from torch import nn

import rnnviz as rv
from rnnviz.arithmetic import adjoint, gru, kernels, lstm, replay, rnn
from rnnviz.recording import layers


@pytest.fixture(autouse=True)
def without_loops(monkeypatch):
    """Have the recorder take the way it takes on a GPU, and count how often it does."""
    taken = types.SimpleNamespace(backwards=0)
    recurrent_gradient = replay.recurrent_gradient

    def count(*arguments):
        taken.backwards += 1
        return recurrent_gradient(*arguments)

    for module in (lstm, adjoint, kernels, layers):
        monkeypatch.setattr(module, "prefers_scan", lambda tensor: True)
    for kind in (rnn, gru, lstm):
        monkeypatch.setattr(kind, "adjoint", None)
    for kind in (rnn, gru):
        monkeypatch.setattr(kind, "forward", None)
    monkeypatch.setattr(adjoint, "recurrent_gradient", count)
    return taken


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_structure_is_exact(kind, layout, without_loops):
    torch.manual_seed(3)
    for count, bidirectional, bias in itertools.product((1, 2), (False, True), (True, False)):
        module = make(kind, count, bidirectional=bidirectional, bias=bias, layout=layout)
        check(module, layout, "mixed", given_state=bias)
    assert without_loops.backwards == 2 * (1 + 2 + 2 + 4)  # once for each layer and direction


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_loss_is_exact(kind, loss):
    if loss == "c_n" and not kind.startswith("LSTM"):
        pytest.skip("only an LSTM has a cell state")
    torch.manual_seed(4)
    for bidirectional, layout in itertools.product((False, True), LAYOUTS):
        check(make(kind, 2, bidirectional=bidirectional, layout=layout), layout, loss, given_state=True)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_recording_layers_are_exact(kind, dropout, without_loops):
    torch.manual_seed(5)
    module = make_recording_layers(kind, 2, bidirectional=True, dropout=dropout, units=6)
    # Only where the masks of dropout have to be known do they run themselves.
    assert module.runs_here(torch.zeros(4, 3, 2, dtype=torch.float64)) == (dropout > 0)
    check(module, "time first", "mixed", given_state=True)
    assert without_loops.backwards


def test_a_trace_can_be_read_in_inference_mode():
    torch.manual_seed(6)
    lstm, x = nn.LSTM(2, 3, num_layers=2), torch.randn(5, 4, 2)
    with rv.record(lstm) as trace:
        lstm(x)[0].square().sum().backward()
    with torch.inference_mode():
        read = trace["l0"].grad_hidden.clone()
    with rv.record(lstm) as again:
        lstm(x)[0].square().sum().backward()
    torch.testing.assert_close(read, again["l0"].grad_hidden)


def test_an_empty_batch():
    gru = nn.GRU(2, 3)
    with rv.record(gru) as trace:
        gru(torch.zeros(5, 0, 2))[0].sum().backward()
    assert trace["l0"].grad_hidden.shape == (5, 0, 3)
