"""From a series to training examples, and to an honest test: windows, splits in time, and scaling.

The rule behind all of it: **at the moment of the forecast, the future is not known.** So the series is cut
once, at a date; a window belongs to the part that its *future* lies in; and the scale is measured before the
cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnnviz.data.series import Series

__all__ = ["Scaler", "Split", "Windows", "split", "windows"]

SeriesLike = Series | Tensor | npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Windows:
    """Pieces of a series: what is known, and what came next.

    Attributes
    ----------
    inputs : Tensor, shape (time, batch, feature)
        The window itself; ``inputs[-1]`` is the present, the last value known.
    future : Tensor, shape (horizon, batch, feature)
        The values that followed it.
    origins : Tensor of int, shape (batch,)
        Where in the series each window's present is.
    """

    inputs: Tensor
    future: Tensor
    origins: Tensor

    def __len__(self) -> int:
        return self.inputs.shape[1]

    def __repr__(self) -> str:
        length, count, features = self.inputs.shape
        return f"Windows({count} windows, {length} steps, horizon {len(self.future)}, {features} features)"

    def __getitem__(self, chosen: Tensor | slice) -> Windows:
        """Return some of the windows: those of a slice, or of a tensor of numbers."""
        return Windows(self.inputs[:, chosen], self.future[:, chosen], self.origins[chosen])

    @cached_property
    def shifted(self) -> Tensor:
        """The inputs one step later, so at each step the value that comes next; (time, batch, feature)."""
        return torch.cat([self.inputs[1:], self.future[:1]])

    @cached_property
    def ahead(self) -> Tensor:
        """At each step of the window, all of the next ``horizon`` values; (time, batch, horizon · feature).

        The features of the nearest step come first, then those of the step after it.
        """
        horizon = len(self.future)
        whole = torch.cat([self.inputs, self.future])
        return torch.cat(
            [whole[1 + lead : len(whole) - horizon + 1 + lead] for lead in range(horizon)], dim=-1
        )


def windows(
    series: SeriesLike, length: int = 20, horizon: int = 1, start: int = 0, stop: int | None = None
) -> Windows:
    """Slide a window along a series, one step at a time.

    Parameters
    ----------
    series : Series, Tensor or ndarray
        Shape (time, feature), or (time,) for one feature.
    length : int, default 20
        Steps in a window.
    horizon : int, default 1
        Steps of future to keep with it.
    start, stop : int, optional
        Only windows whose whole future lies in ``series[start:stop]``. The window itself may reach back
        before ``start``: that is the past, and known.

    Returns
    -------
    Windows
        Oldest first.

    Raises
    ------
    ValueError
        If not one window fits.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import windows
    >>> pieces = windows(torch.arange(5.0), length=3)
    >>> pieces.inputs[:, 0, 0], pieces.shifted[:, 0, 0]
    (tensor([0., 1., 2.]), tensor([1., 2., 3.]))
    """
    values = _values(series)
    stop = len(values) if stop is None else stop
    if length < 1 or horizon < 1:
        raise ValueError(f"A window of {length} steps with a horizon of {horizon}: both must be at least 1.")
    if not 0 <= start <= stop <= len(values):
        raise ValueError(f"start={start}, stop={stop} does not lie in a series of {len(values)} steps.")
    first, last = max(length, start), stop - horizon  # where the future may begin
    if last < first:
        raise ValueError(
            f"Not one window fits: {length} steps and {horizon} more to forecast, between step {start} and "
            f"step {stop} of {len(values)}. Use a shorter window or horizon, or a longer series."
        )
    pieces = values[first - length : stop].unfold(0, length + horizon, 1).permute(2, 0, 1).contiguous()
    return Windows(pieces[:length], pieces[length:], torch.arange(first - 1, last))


@dataclass(frozen=True)
class Scaler:
    """Shift and stretch each feature to mean 0 and standard deviation 1, as measured by `fit`.

    Fit it on the training part only. The mean and the spread of the whole series would tell the model, before
    the forecast begins, how high the future reaches.

    Attributes
    ----------
    mean, deviation : Tensor, shape (feature,)
        In the unit of the series.
    """

    mean: Tensor
    deviation: Tensor

    @classmethod
    def fit(cls, series: SeriesLike) -> Scaler:
        """Measure mean and standard deviation over time; a feature that never changes keeps deviation 1."""
        values = _values(series)
        deviation = values.std(0, unbiased=False)
        return cls(values.mean(0), torch.where(deviation > 0, deviation, torch.ones_like(deviation)))

    def scale(self, values: Tensor) -> Tensor:
        """Return values without their unit; the last axis is the feature, or several steps of features."""
        repeat = values.shape[-1] // len(self.mean)
        return (values - self.mean.repeat(repeat)) / self.deviation.repeat(repeat)

    def unscale(self, values: Tensor) -> Tensor:
        """Return scaled values to the unit of the series."""
        repeat = values.shape[-1] // len(self.mean)
        return values * self.deviation.repeat(repeat) + self.mean.repeat(repeat)


@dataclass(frozen=True, eq=False)
class Split:
    """One series, cut in time: fit on ``train``, choose on ``validation``, report ``test`` once.

    Attributes
    ----------
    train, validation, test : Windows
        In the unit of the series. No value that a training window holds is forecast in the other parts.
    scaler : Scaler
        Fitted on the training part.
    edges : tuple of int
        The steps at which validation and test begin.
    """

    train: Windows
    validation: Windows
    test: Windows
    scaler: Scaler
    edges: tuple[int, int]


def split(
    series: SeriesLike, length: int = 20, horizon: int = 1, train: float = 0.7, validation: float = 0.15
) -> Split:
    """Cut a series in time, never at random: neighbouring windows share all but one of their values.

    Parameters
    ----------
    series : Series, Tensor or ndarray
        Shape (time, feature), or (time,) for one feature.
    length, horizon : int
        As for `windows`.
    train, validation : float
        The share of the steps each part gets; the test part gets the rest.

    Returns
    -------
    Split
        Three sets of windows, in the unit of the series, and a scaler that knows the training part only.

    Raises
    ------
    ValueError
        If a part is too short for one window.

    Examples
    --------
    >>> from rnnviz.data import split, sunspots
    >>> parts = split(sunspots(), length=20)
    >>> parts.edges, len(parts.train), len(parts.validation), len(parts.test)
    ((216, 263), 196, 47, 46)
    """
    if not (train > 0 and validation > 0 and train + validation < 1):
        raise ValueError(
            f"train={train} and validation={validation} must be positive and leave something to test on; "
            "such as 0.7 and 0.15."
        )
    values = _values(series)
    edges = round(train * len(values)), round((train + validation) * len(values))

    def part(name: str, start: int, stop: int) -> Windows:
        try:
            return windows(values, length, horizon, start, stop)
        except ValueError as error:
            raise ValueError(f"The {name} part is too short. {error}") from None

    return Split(
        train=part("training", 0, edges[0]),
        validation=part("validation", *edges),
        test=part("test", edges[1], len(values)),
        scaler=Scaler.fit(values[: edges[0]]),
        edges=edges,
    )


def _values(series: SeriesLike) -> Tensor:
    values = series.values if isinstance(series, Series) else series
    tensor = torch.as_tensor(np.asarray(values) if not isinstance(values, Tensor) else values)
    if tensor.dim() == 1:
        tensor = tensor[:, None]
    if tensor.dim() != 2:
        raise ValueError(
            f"A series has shape (time, feature) or (time,); this one has {tuple(tensor.shape)}."
        )
    return tensor
