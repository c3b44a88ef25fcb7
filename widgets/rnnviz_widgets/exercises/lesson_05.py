"""Exercises of lesson 05, forecasting."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnviz.data import sunspots
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import (
    Draw,
    Property,
    UnfitError,
    describe_difference,
    describe_shape,
    read_tensors,
)

# The spread may be measured with n − 1 below the fraction, as torch and pandas do, or with n, as numpy does.
SPREADS = (1, 0)


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_windows(), _feed_back(), _split(), _scale(), _beat_the_sum()]


def _windows() -> Check:
    def inputs(draw: Draw, length: int, more: int) -> tuple[Tensor, int]:
        return draw(length + more), length

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
                advice="The last window needs a value after it: its target. So there are len(series) − length.",
            ),
            Property("Each target is the value one step after its input.", right),
        ],
        returns=("tensor", "tensor"),
        inputs=inputs,
        fair=lambda series, length: 0 < length < len(series),
        sizes={"length": (1, 2, 4), "more": (1, 2, 5)},
        hints=[
            "Window number i begins at step i. At which step does it end, and which slice is that?",
            "Its targets are the same slice, one step later.",
            "The last window still needs a target for its last input. So how many starts are there?",
            "Time first, windows side by side: along which dimension are they stacked?",
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
            ),
            Property(
                "Each forecast is made from the latest values, forecasts included.",
                right,
                tolerance=1e-4,
                advice="Follow it by hand: after the first forecast the oldest value drops out, it comes in.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"order": (1, 2, 3, 4), "more": (0, 2), "horizon": (1, 2, 4, 6)},
        fair=lambda weights, history, horizon: 0 < len(weights) <= len(history) and horizon > 0,
        hints=[
            "Keep a list of values. Forecast from its end, append the forecast, and go round again.",
            "The weights belong to the latest values, the oldest of them first: which slice of the list?",
            "What comes back is not the whole list. Where do the forecasts begin in it?",
        ],
        then="with the weights (−1, 2) and a history of 1, 2, what will it forecast for ever?",
    )


def split_windows(series: Any, length: Any, cut: Any) -> Any:
    """Return (inputs, next values) to learn from, and the same to test on."""
    count = len(series) - length
    inputs = torch.stack([series[start : start + length] for start in range(count)], dim=1)
    following = series[length:]
    return (inputs[:, :cut], following[:cut]), (inputs[:, cut:], following[cut:])


def _split() -> Check:
    def inputs(draw: Draw, length: int, more: int, after: int) -> tuple[Tensor, int, int]:
        # Each value tells by its whole part at which step it stands, in an order that is not that of the steps.
        size = length + more + after
        places = (torch.arange(size) * 7 + 3) % 101
        return places + draw(size) / 8, length, length + more

    def right(series: Tensor, length: int, cut: int) -> list[list[Tensor]]:
        pieces = series.unfold(0, length + 1, 1).T
        edge = cut - length
        return [[part[:-1], part[-1]] for part in (pieces[:, :edge], pieces[:, edge:])]

    def fair(series: Tensor, length: int, cut: int) -> bool:
        return 0 < length < cut < len(series) and len(set(series.tolist())) == len(series)

    def read(both: Any) -> list[Tensor]:
        if not isinstance(both, list | tuple) or len(both) != 2:
            raise UnfitError("Two pairs should come back: one to learn from, one to test on.")
        return [tensor for pair in both for tensor in read_tensors(pair, 2)]

    def no_leak(both: Any, series: Tensor, length: int, cut: int) -> bool | str:
        inside, following, _, _ = read(both)
        late = set(series[cut:].tolist())
        if leaked := [value for value in [*inside.flatten().tolist(), *following.tolist()] if value in late]:
            step = series.tolist().index(leaked[0])
            return f"The value of step {step} is among what is learned from, and the cut is at {cut}."
        return True

    def all_there(both: Any, series: Tensor, length: int, cut: int) -> bool | str:
        read(both)
        difference = describe_difference(right(series, length, cut), [list(pair) for pair in both], 1e-5)
        return difference is None or difference

    return Check(
        "split",
        lesson="05",
        properties=[
            Property("Nothing that is learned from lies at the cut or after it.", holds=no_leak),
            Property(
                "No window is lost: each stands in the part of the value that follows it.",
                holds=all_there,
                advice="A window belongs to the part in which its next value lies. Its past may reach back.",
            ),
        ],
        inputs=inputs,
        sizes={"length": (1, 2, 3), "more": (1, 2, 4), "after": (1, 3)},
        fair=fair,
        broken=split_windows,
        hints=[
            "Write down for a short series which value follows window 0, window 1, window 2.",
            "`cut` counts steps of the series. What do the columns of `inputs` count?",
            "Which is the first window whose next value is not known on the day of the cut?",
        ],
        then="the last windows before the cut and the first after it share most of their values. Is that a leak?",
    )


def _scale() -> Check:
    def inputs(draw: Draw, before: int, after: int) -> tuple[Tensor, int]:
        # Rising or falling, and the first two never alike: a spread of 0 scales nothing.
        slope = 5.0 if draw.whole(0, 1) else -5.0
        return slope * torch.arange(float(before + after)) + 3 * draw(before + after), before

    def same_way(scaled: Tensor, series: Tensor, cut: int) -> bool | str:
        past = series[:cut]
        differences = [
            describe_difference((series - past.mean()) / past.std(correction=one_less), scaled, 1e-4)
            for one_less in SPREADS
        ]
        return None in differences or str(differences[0])

    def standard(scaled: Tensor, series: Tensor, cut: int) -> bool | str:
        if (said := describe_shape(series.shape, scaled)) is not None:
            return f"{said} The whole series should come back."
        mean = float(scaled[:cut].mean())
        spreads = [float(scaled[:cut].std(correction=one_less)) for one_less in SPREADS]
        if abs(mean) > 1e-4 or all(abs(spread - 1) > 1e-4 for spread in spreads):
            return f"Before the cut the mean is {mean:.3g} and the spread {spreads[0]:.3g}."
        return True

    return Check(
        "scale",
        lesson="05",
        properties=[
            Property("Before the cut, the mean is 0 and the spread 1.", holds=standard),
            Property(
                "What comes after the cut is scaled in the same way.",
                holds=same_way,
                advice="The same mean comes off, the same spread divides. It need not be 0 and 1 there.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"before": (2, 3, 6), "after": (1, 4)},
        fair=lambda series, cut: 1 < cut < len(series) and float(series[:cut].std()) > 0,
        hints=[
            "What did you know on the day of the cut? Mean and spread may be made of nothing else.",
            "Then the whole series is scaled with these two numbers, past and future alike.",
            "First the mean comes off, then the spread divides.",
        ],
        then="the forecast comes out scaled. How do you get back to sunspots?",
    )


def _beat_the_sum() -> Challenge:
    window, cut = 20, 216  # 1700 to 1915 is what may be known

    def measure(answer: Any) -> Score:
        spots = torch.from_numpy(sunspots().values[:, 0])
        forecast = answer(spots[:cut].clone())
        if not callable(forecast):
            raise UnfitError(f"A function that forecasts is expected; this is a {type(forecast).__name__}.")
        pieces = spots.unfold(0, window + 1, 1).T[:, cut - window :]
        with torch.no_grad():
            said = read_tensors(forecast(pieces[:-1].clone()), 1)
        if (wrong := describe_shape((pieces.shape[1],), said)) is not None:
            raise UnfitError(f"For {pieces.shape[1]} windows not as many numbers came back. {wrong}")
        missed = (said - pieces[-1]).square()
        worst = int(missed.argmax())
        error = float(missed[worst].sqrt())
        return Score(
            float(missed.mean().sqrt()), says=f"It misses most in {1916 + worst}, by {error:.0f} spots."
        )

    return Challenge(
        "beat-the-sum",
        measure,
        goal=17,
        measures="spots missed a year",
        lower=True,
        marks={"naive": 30.3, "least squares over 9 years": 18.1},
        seconds=60,
        lesson="05",
        hints=[
            "The GRU of the lesson comes close. It read scaled values, and its weights were trained for 300 updates.",
            "In which years does the sum miss most? Look at the number of spots there.",
            "Should an error of 20 spots at the top of a cycle weigh as much as at its foot? What could be made alike?",
        ],
        then="you have tried until these years fitted. Which years would you need to believe your number?",
    )
