"""torch's own fused kernel, for one layer in one direction."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.steps import Weights

__all__ = ["name_kernel", "run_kernel"]

_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
    "GRU": torch.gru,
    "LSTM": torch.lstm,
}


def name_kernel(kind: str, nonlinearity: str | None) -> str:
    """Return torch's name of the kernel for a kind of layer: "GRU", "LSTM", "RNN_TANH" or "RNN_RELU"."""
    return f"RNN_{(nonlinearity or 'tanh').upper()}" if kind == "RNN" else kind


def run_kernel(
    mode: str,
    x: Tensor | PackedSequence,
    initial_hidden: Tensor,
    initial_cell: Tensor | None,
    weights: Weights,
    *,
    train: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Run torch's own fused kernel over one layer in one direction.

    Parameters
    ----------
    mode : {"RNN_TANH", "RNN_RELU", "GRU", "LSTM"}
    x : Tensor of shape (time, batch, feature), or PackedSequence
    initial_hidden, initial_cell : Tensor, shape (batch, unit)
        ``initial_cell`` is None except for an LSTM. In the order of the packed sequences.
    weights : Weights
    train : bool
        Whether the result is to be differentiated; cuDNN has to know.

    Returns
    -------
    Tensor, shape (time, batch, unit)
        All h_t; for packed sequences the packed rows.
    Tensor or None, shape (batch, unit)
        c_n, of an LSTM.
    """
    parameters = [value for value in vars(weights).values() if value is not None]
    hidden = initial_hidden[None]
    initial = hidden if initial_cell is None else (hidden, initial_cell[None])
    data, *sizes = (x.data, x.batch_sizes) if isinstance(x, PackedSequence) else (x,)
    # One layer, no dropout, one direction; time first, which packed sequences are in any case.
    options = (weights.bias_ih is not None, 1, 0.0, train, False, *(() if sizes else (False,)))
    with warnings.catch_warnings() if data.is_cuda else nullcontext():
        # cuDNN wants a module's weights in one block of memory, and says so of a part of them.
        if data.is_cuda:
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single contig")
        output, *final = _KERNELS[mode](data, *sizes, initial, parameters, *options)
    return output, None if initial_cell is None else final[1][0]
