"""The sequence classifier: a recurrent layer reads to the end, and its last state decides."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.models.forecaster import CELLS, initialise

__all__ = ["SequenceClassifier"]


class SequenceClassifier(nn.Module):
    """Reads a sequence to its end and then says which class it belongs to.

    A linear layer turns the last state of the topmost recurrent layer into one logit a class. The same linear layer
    can be asked earlier, see `read`: what would the answer be if the sequence ended here?

    Parameters
    ----------
    inputs : int
        Numbers a step: for an image that is read by rows, its columns.
    units : int
        Size of the state.
    classes : int
        Classes to choose from.
    layers : int, default 1
        Recurrent layers, one above the other.
    cell : {"rnn", "gru", "lstm"}
        Kind of recurrent layer.
    nonlinearity : {"tanh", "relu"}
        Of a plain ``"rnn"`` cell.
    seed : int, default 0
        Of the initial weights, see `rnnviz.models.forecaster.initialise`. Torch's own random numbers are left alone.

    Attributes
    ----------
    recurrent : torch.nn.RNN, GRU or LSTM
        What `rnnviz.record` records.
    decide : torch.nn.Linear
        From the state to the logits.

    Raises
    ------
    ValueError
        For an unknown cell or nonlinearity, or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import SequenceClassifier
    >>> model = SequenceClassifier(inputs=8, units=16, classes=10, cell="lstm")
    >>> rows = torch.zeros(8, 5, 8)  # (time, batch, feature)
    >>> model(rows).shape, model.read(rows).shape
    (torch.Size([5, 10]), torch.Size([8, 5, 10]))
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        classes: int,
        layers: int = 1,
        cell: str = "rnn",
        *,
        nonlinearity: str = "tanh",
        seed: int = 0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        if nonlinearity not in ("tanh", "relu") or (nonlinearity == "relu" and cell != "rnn"):
            raise ValueError(
                f"nonlinearity is {nonlinearity!r} with cell {cell!r}; it can be 'tanh', and 'relu' in an 'rnn'."
            )
        for name, size in {"inputs": inputs, "units": units, "classes": classes, "layers": layers}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}; it must be at least 1.")
        self.inputs, self.units, self.classes = inputs, units, classes
        options = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
        # Made without weights and then filled: torch's own initialisation would draw from the global generator.
        self.recurrent = CELLS[cell](inputs, units, layers, device="meta", **options).to_empty(device="cpu")
        self.decide = nn.Linear(units, classes, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Read to the end and decide.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
            What is read.
        lengths : Tensor of int, shape (batch,), optional
            How many steps of each sequence count, where some are padded; by default all.

        Returns
        -------
        Tensor, shape (batch, class)
            Logits, from the state after each sequence's own last step. `torch.nn.functional.cross_entropy` takes them
            as they are.

        Raises
        ------
        ValueError
            If the inputs have another shape, or the lengths do not fit them.
        """
        self._check(inputs, lengths)
        if lengths is None:
            hidden, _ = self.recurrent(inputs)
            logits: Tensor = self.decide(hidden[-1])
            return logits
        packed = pack_padded_sequence(inputs, lengths.cpu(), enforce_sorted=False)
        _, final = self.recurrent(packed)
        state = final[0] if isinstance(final, tuple) else final
        return self.decide(state[-1])  # type: ignore[no-any-return]

    def read(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Decide after every step, as if the sequence ended there, so that one can watch opinions change.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
            What is read.
        lengths : Tensor of int, shape (batch,), optional
            How many steps of each sequence count.

        Returns
        -------
        Tensor, shape (time, batch, class)
            Logits. Those at a sequence's last step are what calling the model gives; after its end the opinion stays.

        Raises
        ------
        ValueError
            If the inputs have another shape, or the lengths do not fit them.
        """
        self._check(inputs, lengths)
        if lengths is None:
            hidden, _ = self.recurrent(inputs)
        else:
            packed = pack_padded_sequence(inputs, lengths.cpu(), enforce_sorted=False)
            hidden, _ = pad_packed_sequence(self.recurrent(packed)[0], total_length=len(inputs))
            steps = torch.arange(len(inputs), device=hidden.device)[:, None]
            last = torch.minimum(steps, lengths.to(hidden.device)[None] - 1)
            hidden = hidden.gather(0, last[..., None].expand_as(hidden))
        logits: Tensor = self.decide(hidden)
        return logits

    def _check(self, inputs: Tensor, lengths: Tensor | None) -> None:
        if inputs.dim() != 3 or inputs.shape[2] != self.inputs or 0 in inputs.shape:
            raise ValueError(
                f"The inputs have shape {tuple(inputs.shape)}; this model reads (time, batch, {self.inputs}), with at "
                "least one step and one sequence."
            )
        if lengths is not None and (
            lengths.shape != inputs.shape[1:2] or lengths.min() < 1 or lengths.max() > len(inputs)
        ):
            raise ValueError(
                f"The lengths are {lengths.tolist()}; give one for each of the {inputs.shape[1]} sequences, from 1 to "
                f"{len(inputs)} steps."
            )
