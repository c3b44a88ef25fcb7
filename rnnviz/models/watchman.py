"""A network that expects the next piece of a signal, and raises the alarm where it is surprised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnnviz.data.bearing import cut_pieces
from rnnviz.data.windows import Windows
from rnnviz.models.stack import StackForecaster

__all__ = [
    "Alarms",
    "LinearPieces",
    "choose_threshold",
    "count_alarms",
    "measure_surprise",
    "smooth_surprise",
]

Signal = npt.NDArray[np.float32] | Tensor


def measure_surprise(model: StackForecaster, signal: Signal, scale: float = 1.0) -> Tensor:
    """Let a network read a signal piece by piece, and return how far each piece was from what it expected.

    Parameters
    ----------
    model : StackForecaster
        Of as many features as a piece has samples.
    signal : ndarray or Tensor, shape (time,)
        In the unit of the sensor.
    scale : float
        What the signal is divided by before it is read.

    Returns
    -------
    Tensor, shape (piece,)
        Mean squared error of each piece, scaled; NaN for the first, of which nobody expected anything.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import StackForecaster, measure_surprise
    >>> measure_surprise(StackForecaster(10, [8]), torch.zeros(50)).shape
    torch.Size([5])
    """
    pieces = cut_pieces(torch.as_tensor(signal) / scale, model.features)[:, None]
    model.eval()
    with torch.no_grad():
        expected = model(pieces)[:-1]
    errors = (expected - pieces[1:]).square().mean((1, 2))
    return torch.cat([torch.full((1,), float("nan")), errors])


def smooth_surprise(surprise: Tensor, pieces: int = 9) -> Tensor:
    """Return the median of the last pieces' surprise, so that what is rare, and no defect, raises no alarm.

    Parameters
    ----------
    surprise : Tensor, shape (piece,)
        From `measure_surprise`.
    pieces : int, default 9
        Of how many the median is taken, an odd number; 1 leaves everything as it is.

    Returns
    -------
    Tensor, shape (piece,)
        NaN where fewer have been measured so far.

    Raises
    ------
    ValueError
        For an even number, or one below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import smooth_surprise
    >>> smooth_surprise(torch.tensor([1.0, 1, 9, 1, 8, 8]), pieces=3)
    tensor([nan, nan, 1., 1., 8., 8.])
    """
    if pieces < 1 or pieces % 2 == 0:
        raise ValueError(f"pieces is {pieces}; it must be an odd number, 1 at least.")
    if pieces > len(surprise):
        return torch.full_like(surprise, float("nan"))
    # A median that passes NaN on, as torch's does.
    medians = surprise.unfold(0, pieces, 1).median(-1).values
    return torch.cat([surprise.new_full((pieces - 1,), float("nan")), medians])


def choose_threshold(surprise: Tensor, false_alarms: float = 0.005) -> float:
    """Return the threshold above which this share of the pieces of a sound machine lies.

    Parameters
    ----------
    surprise : Tensor, shape (piece,)
        Of a part that is known to be sound and was not learned from: the validation part. NaN is passed over.
    false_alarms : float
        Share of its pieces that may lie above, from 0 to below 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If nothing was measured, or the share is out of range.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import choose_threshold
    >>> choose_threshold(torch.arange(101.0), false_alarms=0.1)
    90.0
    """
    measured = surprise[~surprise.isnan()]
    if not len(measured) or not 0 <= false_alarms < 1:
        raise ValueError(
            f"There are {len(measured)} measured pieces and false_alarms is {false_alarms}; at least one piece is "
            "needed, and a share from 0 to below 1."
        )
    return float(torch.quantile(measured.double(), 1 - false_alarms))


@dataclass(frozen=True)
class Alarms:
    """How often a threshold was right.

    Attributes
    ----------
    hits, misses : int
        Pieces with a defect, above the threshold and not.
    false_alarms, quiet : int
        Sound pieces, above the threshold and not.
    """

    hits: int
    misses: int
    false_alarms: int
    quiet: int

    @property
    def precision(self) -> float:
        """Share of the alarms that were right; NaN where there was none."""
        raised = self.hits + self.false_alarms
        return self.hits / raised if raised else float("nan")

    @property
    def recall(self) -> float:
        """Share of the defective pieces that raised an alarm; NaN where there were none."""
        faulty = self.hits + self.misses
        return self.hits / faulty if faulty else float("nan")


def count_alarms(surprise: Tensor, faulty: Tensor, threshold: float) -> Alarms:
    """Compare alarms with the truth.

    Parameters
    ----------
    surprise : Tensor, shape (piece,)
        Pieces with NaN are not counted.
    faulty : Tensor of bool, shape (piece,)
        Whether the defect was there.
    threshold : float
        An alarm is raised above it.

    Returns
    -------
    Alarms

    Raises
    ------
    ValueError
        If the two have different lengths.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import count_alarms
    >>> found = count_alarms(torch.tensor([1.0, 5, 2, 6]), torch.tensor([False, False, True, True]), 4.0)
    >>> found, found.precision, found.recall
    (Alarms(hits=1, misses=1, false_alarms=1, quiet=1), 0.5, 0.5)
    """
    if surprise.shape != faulty.shape:
        raise ValueError(
            f"There are {len(surprise)} pieces, and {len(faulty)} are said to be faulty or not; give one for each."
        )
    counted = ~surprise.isnan()
    alarm, truth = surprise[counted] > threshold, faulty[counted].bool()
    return Alarms(
        hits=int((alarm & truth).sum()),
        misses=int((~alarm & truth).sum()),
        false_alarms=int((alarm & ~truth).sum()),
        quiet=int((~alarm & ~truth).sum()),
    )


class LinearPieces:
    """A linear autoregression of whole pieces: each sample of the next piece is a weighted sum of the last pieces'.

    Parameters
    ----------
    length : int
        Pieces it looks back.
    ridge : float, default 100
        Penalty of the weights' squares, against the squared errors of all windows.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import windows
    >>> from rnnviz.models import LinearPieces
    >>> pieces = torch.sin(torch.arange(2000.0)).reshape(-1, 10)
    >>> known = windows(pieces, 5)
    >>> error = LinearPieces(3, ridge=1e-3).fit(known).forecast(known.inputs, 1) - known.future
    >>> bool(error.abs().max() < 0.01)
    True
    """

    def __init__(self, length: int, ridge: float = 100.0) -> None:
        if length < 1 or ridge < 0:
            raise ValueError(f"length is {length} and ridge {ridge}; at least 1, and 0 or more.")
        self.length, self.ridge = length, ridge
        self.weights: Tensor | None = None

    def fit(self, windows: Windows) -> LinearPieces:
        """Find the weights with the least squared error on some windows, exactly; returns the model itself."""
        past = self._look_back(windows.inputs)
        square = past.T @ past
        square.diagonal()[:-1].add_(self.ridge)
        self.weights = torch.linalg.solve(square, past.T @ windows.future[0].double())
        return self

    def forecast(self, history: Tensor, horizon: int) -> Tensor:
        """Continue the history, fed back: (time, batch, feature) → (horizon, batch, feature)."""
        if self.weights is None:
            raise RuntimeError("This model has no weights yet: call `fit` first.")
        steps: list[Tensor] = []
        while len(steps) < horizon:
            steps.append((self._look_back(history) @ self.weights)[None].to(history.dtype))
            history = torch.cat([history[1:], steps[-1]])
        return torch.cat(steps)

    def _look_back(self, inputs: Tensor) -> Tensor:
        if len(inputs) < self.length:
            raise ValueError(
                f"This model looks back {self.length} pieces and was given {len(inputs)}. Use a longer window."
            )
        past = inputs[-self.length :].movedim(0, 1).flatten(1).double()
        return torch.cat([past, torch.ones(len(past), 1, dtype=past.dtype)], dim=1)
