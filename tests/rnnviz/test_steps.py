"""The three step functions against torch's own cells, values and gradients."""

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.steps import Weights


def weights_of(cell: nn.RNNCellBase) -> Weights:
    return Weights(cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["tanh", "relu", "GRU", "LSTM"])
def test_step_equals_torch_cell(kind, bias):
    torch.manual_seed(1)
    x, h, c = (torch.randn(3, n, dtype=torch.float64, requires_grad=True) for n in (4, 5, 5))
    if kind == "LSTM":
        cell = nn.LSTMCell(4, 5, bias).double()
        ours = rv.lstm_step(x, h, c, weights_of(cell))
        ours, theirs = torch.cat([ours.hidden, ours.cell]), torch.cat(cell(x, (h, c)))
    elif kind == "GRU":
        cell = nn.GRUCell(4, 5, bias).double()
        ours, theirs = rv.gru_step(x, h, weights_of(cell)).hidden, cell(x, h)
    else:
        cell = nn.RNNCell(4, 5, bias, nonlinearity=kind).double()
        ours, theirs = rv.rnn_step(x, h, weights_of(cell), kind).hidden, cell(x, h)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)
    direction = torch.randn_like(ours)
    leaves = [x, h, *cell.parameters()]
    for a, b in zip(
        torch.autograd.grad((ours * direction).sum(), leaves),
        torch.autograd.grad((theirs * direction).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-13)


def test_unknown_nonlinearity_is_named():
    with pytest.raises(ValueError, match=r'\'gelu\'.*"tanh" and "relu"'):
        rv.rnn_step(torch.zeros(1, 1), torch.zeros(1, 1), Weights(torch.ones(1, 1), torch.ones(1, 1)), "gelu")


def test_weights_show_their_shapes():
    assert repr(Weights(torch.ones(2, 3), torch.ones(2, 2))) == "Weights(weight_ih (2, 3), weight_hh (2, 2))"
