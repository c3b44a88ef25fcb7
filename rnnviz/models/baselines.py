"""What a forecaster has to beat: the simplest models, with the same `forecast` method."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnviz.data.windows import Windows
from rnnviz.models.forecaster import initialise, unfold_horizon

__all__ = ["LinearForecaster", "Naive", "NearestWindows", "SeasonalNaive", "SlidingConvolution"]


class Naive:
    """Tomorrow will be like today: repeats the last value.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import Naive
    >>> Naive().forecast(torch.tensor([[[1.0]], [[4.0]]]), horizon=2).flatten()
    tensor([4., 4.])
    """

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Repeat ``history[-1]``: (time, batch, feature) → (horizon, batch, feature)."""
        return history[-1:].expand(horizon, -1, -1)


class SeasonalNaive:
    """Next summer will be like last summer: repeats the last season.

    Parameters
    ----------
    season : int
        Steps in a season, such as 12 for months of a year.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import SeasonalNaive
    >>> SeasonalNaive(2).forecast(torch.tensor([[[9.0]], [[1.0]], [[4.0]]]), horizon=3).flatten()
    tensor([1., 4., 1.])
    """

    def __init__(self, season: int) -> None:
        if season < 1:
            raise ValueError(f"season is {season}; it must be at least one step.")
        self.season = season

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Repeat the last season of the history: (time, batch, feature) → (horizon, batch, feature)."""
        if len(history) < self.season:
            raise ValueError(
                f"A season is {self.season} steps and the window has {len(history)}. "
                "Use a window at least that long."
            )
        rows = torch.arange(horizon) % self.season
        return history[-self.season :][rows]


class LinearForecaster(nn.Module):
    """A weighted sum of the last values, plus a constant; with horizon 1, an autoregression.

    The weights are found in one go by `fit`, or step by step by `rnnviz.training.train`, like any network's.

    Parameters
    ----------
    length : int
        Steps it looks back.
    features : int, default 1
        Numbers a step: those it reads, and those it forecasts.
    horizon : int, default 1
        Steps forecast at once; with 1, longer forecasts are fed back.
    seed : int, default 0
        Of the initial weights.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import windows
    >>> from rnnviz.models import LinearForecaster
    >>> line = windows(torch.arange(10.0), length=2)
    >>> LinearForecaster(2).fit(line).forecast(torch.tensor([[[20.0]], [[21.0]]]), 2).flatten().round()
    tensor([22., 23.])
    """

    def __init__(self, length: int, features: int = 1, *, horizon: int = 1, seed: int = 0) -> None:
        super().__init__()
        self.length, self.features, self.horizon = length, features, horizon
        self.weights = nn.Linear(length * features, horizon * features, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast from the last step: (time, batch, feature) → (1, batch, horizon · feature)."""
        outputs: Tensor = self.weights(self._look_back(inputs))
        return outputs[None]

    def fit(self, windows: Windows) -> LinearForecaster:
        """Find the weights with the least squared error on the windows, exactly; returns the model itself.

        Of a longer future than the model's horizon only the beginning is used.
        """
        if len(windows.future) < self.horizon:
            raise ValueError(
                f"The model forecasts {self.horizon} steps and the windows know only {len(windows.future)}. "
                f"Cut them with horizon={self.horizon}."
            )
        targets = windows.ahead[-1][:, : self.horizon * self.features]
        past = self._look_back(windows.inputs).double()
        past = torch.cat([past, torch.ones(len(past), 1, dtype=past.dtype)], dim=1)
        # "gelsd" also copes with columns that depend on each other, where the default driver returns
        # nonsense.
        solution = torch.linalg.lstsq(past, targets.double(), driver="gelsd").solution
        with torch.no_grad():
            self.weights.weight.copy_(solution[:-1].T)
            self.weights.bias.copy_(solution[-1])
        return self

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue the history: (time, batch, feature) → (horizon, batch, feature)."""
        return _continue(self, history, horizon, self.features, self.horizon)

    def _look_back(self, inputs: Tensor) -> Tensor:
        if len(inputs) < self.length:
            raise ValueError(
                f"This model looks back {self.length} steps and was given {len(inputs)}. Use a longer window."
            )
        return inputs[-self.length :].movedim(0, 1).flatten(1)


class NearestWindows:
    """It has all happened before: looks up the most similar windows, and repeats what followed them.

    It learns nothing, and keeps every window it is given: a good probe for leakage, since it does well just
    where the answers are among the things it was shown.

    Parameters
    ----------
    known : Windows
        What it looks up.
    count : int, default 3
        How many similar windows it averages.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import windows
    >>> from rnnviz.models import NearestWindows
    >>> known = windows(torch.arange(10.0), length=2)
    >>> NearestWindows(known, count=1).forecast(torch.tensor([[[3.2]], [[4.2]]]), horizon=1).flatten()
    tensor([5.])
    """

    def __init__(self, known: Windows, count: int = 3) -> None:
        if not 1 <= count <= len(known):
            raise ValueError(f"count is {count}; it must be from 1 to the number of windows, {len(known)}.")
        self.known, self.count = known, count

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Average what followed: (time, batch, feature) → (horizon, batch, feature)."""
        length, future = self.known.inputs.shape[0], self.known.future
        if len(history) < length or horizon > len(future):
            raise ValueError(
                f"The known windows have {length} steps and {len(future)} after them; asked were "
                f"{len(history)} steps and {horizon} to forecast. Cut the known windows with that length and "
                "horizon."
            )
        asked, known = (steps.movedim(0, 1).flatten(1) for steps in (history[-length:], self.known.inputs))
        nearest = torch.cdist(asked, known).topk(self.count, largest=False).indices  # (batch, count)
        return future[:horizon, nearest].mean(2)


class SlidingConvolution(nn.Module):
    """A small network that sees only the last few steps, slid along the series: a memory of fixed length.

    Parameters
    ----------
    features : int, default 1
        Numbers a step: those it reads, and those it forecasts.
    channels : int, default 32
        Patterns it looks for.
    width : int, default 12
        Steps it sees.
    horizon : int, default 1
        Steps forecast at once; with 1, longer forecasts are fed back.
    seed : int, default 0
        Of the initial weights.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import SlidingConvolution
    >>> SlidingConvolution(width=12)(torch.zeros(20, 5, 1)).shape  # steps 12 to 20 have enough past
    torch.Size([9, 5, 1])
    """

    def __init__(
        self, features: int = 1, channels: int = 32, width: int = 12, *, horizon: int = 1, seed: int = 0
    ) -> None:
        super().__init__()
        self.features, self.width, self.horizon = features, width, horizon
        self.patterns = nn.Conv1d(features, channels, width, device="meta").to_empty(device="cpu")
        self.projection = nn.Linear(channels, horizon * features, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast from each step with enough past: (time, batch, feature) → (time − width + 1, batch, …)."""
        if len(inputs) < self.width:
            raise ValueError(
                f"This convolution is {self.width} steps wide and was given {len(inputs)}. "
                "Use a longer window."
            )
        found = self.patterns(inputs.permute(1, 2, 0)).relu()
        outputs: Tensor = self.projection(found.permute(2, 0, 1))
        return outputs

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue the history: (time, batch, feature) → (horizon, batch, feature)."""
        return _continue(self, history[-self.width :], horizon, self.features, self.horizon)


def _continue(model: nn.Module, history: Tensor, horizon: int, features: int, given: int) -> Tensor:
    with torch.no_grad():
        if given > 1:
            return unfold_horizon(model(history)[-1], features, given, horizon)
        steps: list[Tensor] = []
        while len(steps) < horizon:
            steps.append(model(history)[-1:])
            history = torch.cat([history[1:], steps[-1]])
        return torch.cat(steps)
