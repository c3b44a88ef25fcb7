"""A network that reads a whole sequence and then answers once."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnviz.models.initialise import initialise_layer

__all__ = ["SequenceRegressor"]

CELLS: dict[str, type[nn.RNN | nn.GRU | nn.LSTM]] = {
    "rnn": nn.RNN,
    "irnn": nn.RNN,
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}


class SequenceRegressor(nn.Module):
    """Reads a sequence step by step, and turns its last state into numbers.

    Parameters
    ----------
    features : int
        Numbers a step.
    units : int
        Size of the state.
    cell : {"rnn", "irnn", "gru", "lstm"}
        ``"irnn"`` is a plain RNN with relu that begins with the identity as its recurrent matrix, and with small
        input weights.
    outputs : int, default 1
        Numbers in the answer.
    nonlinearity : {"tanh", "relu"}
        Of a plain ``"rnn"``.
    initialisation : str, optional
        Of the recurrent matrices, see `draw_recurrent_matrix`; orthogonal by default, the identity for an IRNN.
    spectral_radius : float, optional
        To which each recurrent matrix is scaled.
    input_deviation : float, optional
        Standard deviation of the input weights; after Glorot by default, 0.05 for an IRNN.
    forget_bias : float, default 1.0
        Of an LSTM.
    seed : int, default 0
        Of all weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown cell or initialisation, or a size below 1.

    References
    ----------
    Q. Le, N. Jaitly and G. Hinton, "A simple way to initialize recurrent networks of rectified linear units",
    2015, for the IRNN.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import SequenceRegressor
    >>> model = SequenceRegressor(2, 8, "irnn")
    >>> model(torch.zeros(150, 5, 2)).shape  # (time, batch, feature) → (batch, output)
    torch.Size([5, 1])
    """

    def __init__(
        self,
        features: int,
        units: int,
        cell: str = "lstm",
        *,
        outputs: int = 1,
        nonlinearity: str = "tanh",
        initialisation: str | None = None,
        spectral_radius: float | None = None,
        input_deviation: float | None = None,
        forget_bias: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        for name, size in {"features": features, "units": units, "outputs": outputs}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}; it must be at least 1.")
        is_irnn = cell == "irnn"
        options = {"nonlinearity": "relu" if is_irnn else nonlinearity} if CELLS[cell] is nn.RNN else {}
        # Made without weights and then filled: torch's own initialisation would draw from the global generator.
        self.recurrent = CELLS[cell](features, units, device="meta", **options).to_empty(device="cpu")
        self.projection = nn.Linear(units, outputs, device="meta").to_empty(device="cpu")
        initialise_layer(
            self.recurrent,
            initialisation or ("identity" if is_irnn else "orthogonal"),
            spectral_radius=spectral_radius,
            input_deviation=0.05 if is_irnn and input_deviation is None else input_deviation,
            forget_bias=forget_bias,
            seed=seed,
        )
        with torch.no_grad():
            generator = torch.Generator().manual_seed(seed + 1)
            nn.init.xavier_uniform_(self.projection.weight, generator=generator)
            self.projection.bias.zero_()

    def forward(self, inputs: Tensor) -> Tensor:
        """Answer after the last step.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)

        Returns
        -------
        Tensor, shape (batch, output)
        """
        hidden, _ = self.recurrent(inputs)
        answer: Tensor = self.projection(hidden[-1])
        return answer
