"""Exercises of lesson 05, forecasting."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, describe_difference, describe_shape

# The spread may be measured with n − 1 below the fraction, as torch and pandas do, or with n, as numpy does.
SPREADS = (1, 0)


def make_exercises() -> list[Check]:
    """Return the exercises in the order of the lesson."""
    return [_windows(), _feed_back(), _scale()]


def _windows() -> Check:
    def inputs(draw: Draw, length: int, more: int) -> tuple[Tensor, int]:
        return torch.arange(float(length + more)), length

    def right(series: Tensor, length: int) -> tuple[Tensor, Tensor]:
        if not 0 < length < len(series):
            raise ValueError("no window fits")
        pieces = series.unfold(0, length + 1, 1).T
        return pieces[:-1], pieces[1:]

    def agree(pair: tuple[Tensor, Tensor], series: Tensor, length: int) -> bool | str:
        window, targets = pair
        wanted = (length, len(series) - length)
        for name, tensor in {"inputs": window, "targets": targets}.items():
            if tuple(tensor.shape) != wanted:
                return f"The {name} have the shape {tuple(tensor.shape)}; it should be {wanted}."
        return True

    return Check(
        "windows",
        lesson="05",
        properties=[
            Property(
                "Both results are (length, windows), and no window is missing.",
                holds=agree,
                tensors=2,
                advice="The last window needs a value after it: its target. So there are len(series) − length.",
            ),
            Property("Each target is the value one step after its input.", right, tensors=2),
        ],
        inputs=inputs,
        fair=lambda series, length: 0 < length < len(series),
        sizes={"length": (1, 2, 4), "more": (1, 2, 5)},
        hints=[
            "Window number `i` begins at step `i`: its inputs are `series[i : i + length]`.",
            "Its targets are the same slice, moved by one: `series[i + 1 : i + 1 + length]`.",
            "`torch.stack(windows, dim=1)` puts time first and the windows side by side.",
        ],
        then="how many windows of 20 steps can you cut out of 309 years?",
    )


def _feed_back() -> Check:
    def inputs(draw: Draw, order: int, more: int, horizon: int) -> tuple[Tensor, Tensor, int]:
        return draw(order), draw(order + more), horizon

    def right(weights: Tensor, history: Tensor, horizon: int) -> Tensor:
        if not 0 < len(weights) <= len(history) or horizon < 1:
            raise ValueError("nothing to forecast from")
        values = list(history)
        for _ in range(horizon):
            values.append((weights * torch.stack(values[-len(weights) :])).sum())
        return torch.stack(values[len(history) :])

    return Check(
        "feed-back",
        lesson="05",
        properties=[
            Property(
                "One number comes back for each step ahead.",
                holds=lambda forecast, weights, history, horizon: (
                    describe_shape((horizon,), forecast) or True
                ),
                tensors=1,
            ),
            Property(
                "Each forecast is made from the latest values, forecasts included.",
                right,
                tensors=1,
                advice="Follow it by hand: after the first forecast the oldest value drops out, it comes in.",
            ),
        ],
        inputs=inputs,
        sizes={"order": (1, 2, 3), "more": (0, 2), "horizon": (1, 2, 4)},
        fair=lambda weights, history, horizon: 0 < len(weights) <= len(history) and horizon > 0,
        hints=[
            "Keep a list of values. Forecast from its end, append the forecast, and go round again.",
            "`values[-len(weights):]` are the latest values, the oldest of them first.",
            "`(weights * torch.stack(values[-len(weights):])).sum()` is the next one.",
        ],
        then="with the weights (−1, 2) and a history of 1, 2, what will it forecast for ever?",
    )


def _scale() -> Check:
    def inputs(draw: Draw, before: int, after: int) -> tuple[Tensor, int]:
        return 5 * torch.arange(float(before + after)) + draw(before + after), before

    def same_way(scaled: Tensor, series: Tensor, cut: int) -> bool | str:
        past = series[:cut]
        differences = [
            describe_difference((series - past.mean()) / past.std(correction=one_less), scaled, 1e-4)
            for one_less in SPREADS
        ]
        return None in differences or str(differences[0])

    def standard(scaled: Tensor, series: Tensor, cut: int) -> bool | str:
        if tuple(scaled.shape) != tuple(series.shape):
            return f"The shape is {tuple(scaled.shape)}; the whole series should come back."
        mean = float(scaled[:cut].mean())
        spreads = [float(scaled[:cut].std(correction=one_less)) for one_less in SPREADS]
        if abs(mean) > 1e-4 or all(abs(spread - 1) > 1e-4 for spread in spreads):
            return f"Before the cut the mean is {mean:.3g} and the spread {spreads[0]:.3g}."
        return True

    return Check(
        "scale",
        lesson="05",
        properties=[
            Property("Before the cut, the mean is 0 and the spread 1.", holds=standard, tensors=1),
            Property(
                "What comes after the cut is scaled in the same way.",
                holds=same_way,
                tensors=1,
                advice="The same mean comes off, the same spread divides. It need not be 0 and 1 there.",
            ),
        ],
        inputs=inputs,
        sizes={"before": (2, 3, 6), "after": (1, 4)},
        fair=lambda series, cut: 1 < cut < len(series) and float(series[:cut].std()) > 0,
        hints=[
            "`series[:cut]` is all you knew on the day of the cut.",
            "`past.mean()` is its mean, and `past.std()` its spread.",
            "Then the whole series: `(series - mean) / spread`.",
        ],
        then="the forecast comes out scaled. How do you get back to sunspots?",
    )
