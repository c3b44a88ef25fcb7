"""The recurrent forecaster: a layer with a memory, and one projection that all its steps share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Forecaster", "initialise"]

CELLS: dict[str, type[nn.RNN | nn.GRU | nn.LSTM]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Forecaster(nn.Module):
    """Reads a window step by step and says at every step what comes next.

    The recurrent layer keeps a state of ``units`` numbers. A linear projection, the same at every step, turns
    the state into a forecast: ``y_t = W h_t + b``.

    Parameters
    ----------
    features : int, default 1
        Numbers a step: those it reads, and those it forecasts.
    units : int, default 100
        Size of the state.
    cell : {"rnn", "gru", "lstm"}
        Kind of recurrent layer.
    horizon : int, default 1
        Steps that each output forecasts. With 1, a longer forecast is made by feeding each output back as the
        next input; with more, the whole future comes at once.
    nonlinearity : {"tanh", "relu"}
        Of a plain ``"rnn"`` cell.
    layers : int, default 1
        Recurrent layers, one above the other.
    seed : int, default 0
        Of the initial weights, see `initialise`. Torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown cell or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import Forecaster
    >>> model = Forecaster(units=8, cell="gru")
    >>> window = torch.zeros(20, 5, 1)  # (time, batch, feature)
    >>> model(window).shape, model.forecast(window, horizon=3).shape
    (torch.Size([20, 5, 1]), torch.Size([3, 5, 1]))
    """

    def __init__(
        self,
        features: int = 1,
        units: int = 100,
        cell: str = "rnn",
        *,
        horizon: int = 1,
        nonlinearity: str = "tanh",
        layers: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        for name, size in {
            "features": features,
            "units": units,
            "horizon": horizon,
            "layers": layers,
        }.items():
            if size < 1:
                raise ValueError(f"{name} is {size}; it must be at least 1.")
        self.features, self.horizon = features, horizon
        options = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
        # Made without weights and then filled: torch's own initialisation would draw from the global
        # generator.
        self.recurrent = CELLS[cell](features, units, layers, device="meta", **options).to_empty(device="cpu")
        self.projection = nn.Linear(units, horizon * features, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast from every step of the inputs.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
            Scaled values.

        Returns
        -------
        Tensor, shape (time, batch, horizon · feature)
            At each step the values that follow it.
        """
        hidden, _ = self.recurrent(inputs)
        outputs: Tensor = self.projection(hidden)
        return outputs

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue the history.

        Parameters
        ----------
        history : Tensor, shape (time, batch, feature)
            What is known; the last step is the present.
        horizon : int
            Steps to forecast.

        Returns
        -------
        Tensor, shape (horizon, batch, feature)
            Made at once if the model was built with a ``horizon`` above 1, else fed back step by step;
            without gradients.

        Raises
        ------
        ValueError
            If the model gives fewer steps at once than are asked for.
        """
        with torch.no_grad():
            if self.horizon > 1:
                return unfold_horizon(self(history)[-1], self.features, self.horizon, horizon)
            hidden, state = self.recurrent(history)
            steps = [self.projection(hidden[-1:])]
            while len(steps) < horizon:
                hidden, state = self.recurrent(steps[-1], state)
                steps.append(self.projection(hidden))
            return torch.cat(steps)


def initialise(module: nn.Module, seed: int = 0) -> None:
    """Give a network fresh weights: inputs after Glorot, recurrent weights orthogonal, biases zero.

    The recurrent matrix of each gate is orthogonal on its own, and an LSTM's forget gate begins with a bias
    of 1, so that it remembers until it learns what to forget.

    Parameters
    ----------
    module : torch.nn.Module
        Every parameter of it is filled.
    seed : int, default 0
        Of a generator of its own; torch's is left alone.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010; R. Jozefowicz, W. Zaremba and I. Sutskever, "An empirical exploration of recurrent network
    architectures", ICML 2015, for the forget bias.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models.forecaster import initialise
    >>> layer = torch.nn.RNN(2, 3)
    >>> initialise(layer)
    >>> torch.allclose(layer.weight_hh_l0 @ layer.weight_hh_l0.T, torch.eye(3), atol=1e-6)
    True
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            short = name.rpartition(".")[2]
            if parameter.dim() == 1:
                parameter.zero_()
            elif short.startswith("weight_hh"):
                for gate in parameter.chunk(parameter.shape[0] // parameter.shape[1]):
                    nn.init.orthogonal_(gate, generator=generator)
            else:
                for gate in parameter.chunk(_gates(module, name)):
                    nn.init.xavier_uniform_(gate, generator=generator)
        for child in module.modules():
            if isinstance(child, nn.LSTM):
                for name, parameter in child.named_parameters():
                    if name.startswith("bias_ih"):
                        parameter[child.hidden_size : 2 * child.hidden_size] = 1.0


def _gates(module: nn.Module, name: str) -> int:
    """How many matrices lie in one parameter, one below the other."""
    owner = module.get_submodule(name.rpartition(".")[0])
    return {nn.LSTM: 4, nn.GRU: 3}.get(type(owner), 1)


def unfold_horizon(outputs: Tensor, features: int, given: int, wanted: int) -> Tensor:
    """Return (batch, horizon · feature) as (horizon, batch, feature), as many steps as wanted."""
    if wanted > given:
        raise ValueError(
            f"This model forecasts {given} steps at once, and {wanted} were asked for. Build it with "
            f"horizon={wanted}, or with horizon=1, which feeds its output back as often as needed."
        )
    return outputs.reshape(len(outputs), given, features).movedim(1, 0)[:wanted]
