"""Answers to the exercises of lesson 05: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def windows(series, length, *, count=None, shift=1, stride=1):
    count = len(series) - length if count is None else count
    starts = range(0, count, stride)
    inputs = [series[start : start + length] for start in starts]
    targets = [series[start + shift : start + shift + length] for start in starts]
    return torch.stack(inputs, dim=1), torch.stack(targets, dim=1)


def windows_numpy(series, length):
    view = np.lib.stride_tricks.sliding_window_view(series.numpy(), length).T
    return view[:, :-1], view[:, 1:]


def windows_filled(series, length):
    inputs = torch.empty(length, len(series) - length, dtype=torch.float64)
    targets = torch.empty_like(inputs)
    for step in range(length):
        for start in range(len(series) - length):
            inputs[step, start], targets[step, start] = series[start + step], series[start + step + 1]
    return inputs, targets


def positions(series, length):
    return windows(torch.arange(float(len(series))), length)


def next_only(series, length):
    inputs, targets = windows(series, length)
    return inputs, targets[-1:]


def shuffled(series, length):
    inputs, targets = windows(series, length)
    return inputs.flip(1), targets.flip(1)


def feed(weights, history, horizon, *, oldest_first=True, appended=True, anew=False):
    values = list(history)
    for step in range(horizon):
        latest = torch.stack(values[len(values) - len(weights) :])
        if anew:
            latest = torch.stack(list(history)[-len(weights) :])
        if not oldest_first:
            latest = latest.flip(0)
        forecast = (weights * latest).sum()
        values.append(forecast if appended or step == 0 else values[-1])
    return torch.stack(values[len(history) :])


def feed_numpy(weights, history, horizon):
    values = np.concatenate([history.numpy().astype(np.float64), np.zeros(horizon)])
    for step in range(len(history), len(values)):
        values[step] = weights.numpy() @ values[step - len(weights) : step]
    return values[-horizon:]


def feed_lists(weights, history, horizon):
    values, weights = history.tolist(), weights.tolist()
    for _ in range(horizon):
        values.append(sum(w * v for w, v in zip(reversed(weights), reversed(values), strict=False)))
    return values[len(history) :]


def feed_rolled(weights, history, horizon):
    """Work in place, on a copy."""
    latest, forecasts = history[-len(weights) :].clone(), torch.empty(horizon)
    for step in range(horizon):
        forecasts[step] = weights @ latest
        latest[:-1] = latest[1:].clone()
        latest[-1] = forecasts[step]
    return forecasts


def feed_first_weights(weights, history, horizon):
    values = list(history)
    for _ in range(horizon):
        values.append((weights * torch.stack(values[: len(weights)])).sum())
    return torch.stack(values[len(history) :])


def feed_in_front(weights, history, horizon):
    values = list(history)
    for _ in range(horizon):
        values.insert(0, (weights * torch.stack(values[: len(weights)])).sum())
    return torch.stack(values[:horizon])


def feed_mean(weights, history, horizon):
    return feed(weights / len(weights), history, horizon)


def spoils_series(series, cut):
    past = series[:cut].clone()
    series -= past.mean()
    series /= past.std()
    return series


def scale_in_place(series, cut):
    scaled = series.clone()
    scaled -= series[:cut].mean()
    return scaled.div_(series[:cut].std())


def scale_numpy(series, cut):
    values = series.numpy()
    return (values - values[:cut].mean()) / values[:cut].std()


def scale_loop(series, cut):
    past = series[:cut].tolist()
    mean = sum(past) / cut
    spread = (sum((value - mean) ** 2 for value in past) / (cut - 1)) ** 0.5
    return [(value - mean) / spread for value in series.tolist()]


def parts_apart(series, cut):
    past, future = series[:cut], series[cut:]
    after = future - future.mean()
    if len(future) > 1:
        after = after / future.std().clamp(min=1e-6)
    return torch.cat([(past - past.mean()) / past.std(), after])


def split(series, length, cut, *, edge=None, swap=False, shift=0):
    count = len(series) - length
    inputs = torch.stack([series[start : start + length] for start in range(count)], dim=1)
    following = series[length - shift : len(series) - shift]
    edge = cut - length if edge is None else edge(length, cut, count)
    parts = [(inputs[:, :edge], following[:edge]), (inputs[:, edge:], following[edge:])]
    return parts[::-1] if swap else parts


def split_numpy(series, length, cut):
    view = np.lib.stride_tricks.sliding_window_view(series.numpy(), length)[:-1].T
    following = series.numpy()[length:]
    return (view[:, : cut - length], following[: cut - length]), (
        view[:, cut - length :],
        following[cut - length :],
    )


def split_gap(series, length, cut):
    """Throw the windows away that reach over the cut."""
    learn, (inputs, following) = split(series, length, cut)
    return learn, (inputs[:, length:], following[length:])


RIGHT = {
    "split": {
        "mended": split,
        "numpy": split_numpy,
        "lists": lambda *given: [[part.tolist() for part in pair] for pair in split(*given)],
        "float64": lambda series, length, cut: split(series.double(), length, cut),
    },
    "windows": {
        "stacked": windows,
        "numpy": windows_numpy,
        "loops, float64": windows_filled,
        "unfolded, as a list": lambda series, length: [
            series[:-1].unfold(0, length, 1).T,
            series[1:].unfold(0, length, 1).T,
        ],
        "one stacked tensor": lambda series, length: torch.stack(windows(series, length)),
        "lists of lists": lambda series, length: tuple(part.tolist() for part in windows(series, length)),
    },
    "feed-back": {
        "stacked": feed,
        "numpy, float64": feed_numpy,
        "lists": feed_lists,
        "in place on a copy": feed_rolled,
        "list of tensors": lambda *given: list(feed(*given)),
    },
    "scale": {
        "torch": lambda series, cut: (series - series[:cut].mean()) / series[:cut].std(),
        "in place on a copy": scale_in_place,
        "numpy, whose spread divides by n": scale_numpy,
        "loop, lists": scale_loop,
        "float64": lambda series, cut: (series.double() - series[:cut].mean()) / series[:cut].double().std(),
    },
}

WRONG = {
    "split": {
        "as it was given": lambda *given: split(*given, edge=lambda length, cut, count: cut),
        "one too many": lambda *given: split(*given, edge=lambda length, cut, count: cut - length + 1),
        "one too few": lambda *given: split(*given, edge=lambda length, cut, count: cut - length - 1),
        "nothing learned from": lambda *given: split(*given, edge=lambda length, cut, count: 0),
        "nothing to test on": lambda *given: split(*given, edge=lambda length, cut, count: count),
        "half": lambda *given: split(*given, edge=lambda length, cut, count: count // 2),
        "turned round": lambda *given: split(*given, swap=True),
        "next value too early": lambda *given: split(*given, shift=1),
        "windows over the cut lost": split_gap,
        "learning part only": lambda *given: split(*given)[0],
        "inputs only": lambda *given: [pair[0] for pair in split(*given)],
        "windows first": lambda *given: [(pair[0].T, pair[1]) for pair in split(*given)],
        "time backwards": lambda *given: [(pair[0].flip(0), pair[1]) for pair in split(*given)],
        "series cut first": lambda series, length, cut: (
            split(series[:cut], length, cut)[0],
            split(series[cut:], min(length, len(series) - cut - 1), length)[1],
        ),
    },
    "windows": {
        "positions": positions,
        "x + 1": lambda series, length: (windows(series, length)[0], windows(series, length)[0] + 1),
        "sorted": lambda series, length: windows(series.sort().values, length),
        "targets the same": lambda series, length: windows(series, length, shift=0),
        "last window missing": lambda series, length: windows(
            series, length, count=max(1, len(series) - length - 1)
        ),
        "windows first": lambda series, length: tuple(part.T for part in windows(series, length)),
        "targets first": lambda series, length: windows(series, length)[::-1],
        "next value only": next_only,
        "without overlap": lambda series, length: windows(series, length, stride=length),
        "windows backwards": shuffled,
        "time backwards": lambda series, length: tuple(part.flip(0) for part in windows(series, length)),
        "inputs only": lambda series, length: windows(series, length)[0],
        "targets of the whole": lambda series, length: (
            windows(series, length)[0],
            series[length:].expand(length, -1),
        ),
        "differences": lambda series, length: (
            windows(series, length)[0],
            windows(series, length)[1] - windows(series, length)[0],
        ),
        "targets one back": lambda series, length: (
            windows(series, length)[1],
            windows(series, length)[0],
        ),
        "absolute": lambda series, length: windows(series.abs(), length),
    },
    "feed-back": {
        "never appended": lambda *given: feed(*given, anew=True),
        "repeated": lambda *given: feed(*given, appended=False),
        "newest first": lambda *given: feed(*given, oldest_first=False),
        "from the beginning": feed_first_weights,
        "put in front": feed_in_front,
        "mean": feed_mean,
        "history too": lambda weights, history, horizon: torch.cat(
            [history, feed(weights, history, horizon)]
        ),
        "one too many": lambda weights, history, horizon: feed(weights, history, horizon + 1),
        "one step ahead": lambda weights, history, horizon: feed(weights, history, 1),
        "last only": lambda *given: feed(*given)[-1],
        "backwards": lambda *given: feed(*given).flip(0),
        "last value again": lambda weights, history, horizon: history[-1].expand(horizon),
        "absolute": lambda weights, history, horizon: feed(weights.abs(), history, horizon),
        "added to the last": lambda weights, history, horizon: feed(
            weights + torch.eye(len(weights))[-1], history, horizon
        ),
        "last weight left out": lambda weights, history, horizon: feed(
            weights * (torch.arange(len(weights)) < len(weights) - 1), history, horizon
        ),
        "a column": lambda *given: feed(*given)[:, None],
        "fed back three times only": lambda weights, history, horizon: torch.cat(
            [feed(weights, history, min(3, horizon)), torch.zeros(max(0, horizon - 3))]
        ),
    },
    "scale": {
        "the whole series": lambda series, cut: (series - series.mean()) / series.std(),
        "the future": lambda series, cut: (
            (series - series[cut:].mean()) / (series[cut:].std() if len(series) > cut + 1 else 1.0)
        ),
        "mean only": lambda series, cut: series - series[:cut].mean(),
        "spread only": lambda series, cut: series / series[:cut].std(),
        "variance": lambda series, cut: (series - series[:cut].mean()) / series[:cut].var(),
        "whole mean": lambda series, cut: (series - series.mean()) / series[:cut].std(),
        "whole spread": lambda series, cut: (series - series[:cut].mean()) / series.std(),
        "each part by itself": parts_apart,
        "past only": lambda series, cut: (series[:cut] - series[:cut].mean()) / series[:cut].std(),
        "0 to 1": lambda series, cut: (
            (series - series[:cut].min()) / (series[:cut].max() - series[:cut].min())
        ),
        "one step too far": lambda series, cut: (series - series[: cut + 1].mean()) / series[: cut + 1].std(),
        "turned round": lambda series, cut: (series[:cut].mean() - series) / series[:cut].std(),
        "its own argument changed": spoils_series,
        "median": lambda series, cut: (series - series[:cut].median()) / series[:cut].std(),
        "largest": lambda series, cut: (series - series[:cut].mean()) / series[:cut].abs().max(),
        "multiplied": lambda series, cut: (series - series[:cut].mean()) * series[:cut].std(),
        "divided first": lambda series, cut: series / series[:cut].std() - series[:cut].mean(),
    },
}
