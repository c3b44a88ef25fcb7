"""Answers to the exercises of lesson 01: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def batches_of(lengths, size):
    return [lengths[start : start + size] for start in range(0, len(lengths), size)]


def padding_numpy(lengths, size):
    real, computed = np.sum(lengths), 0
    for batch in np.array_split(np.array(lengths), np.arange(size, len(lengths), size)):
        computed += batch.max() * batch.size
    return np.float32(1 - real / computed)


def padding_counted(lengths, size):
    padding = sum(max(batch) - length for batch in batches_of(lengths, size) for length in batch)
    return torch.tensor(padding) / (sum(lengths) + padding)


def padding_overwritten(lengths, size):
    """Work in place, on a copy."""
    left, computed = list(lengths), 0
    while left:
        computed += len(left[:size]) * max(left[:size])
        del left[:size]
    return 1 - sum(lengths) / computed


def influence_copy(model, x, at, size):
    changed = torch.clone(x)
    changed[at] = changed[at] + size
    return ((model(changed) - model(x)) / size).tolist()


def influence_numpy(model, x, at, size):
    changed = x.numpy().copy()
    changed[at] += size
    return (model(torch.from_numpy(changed)).numpy() - model(x).numpy()) / size


def influence_double(model, x, at, size):
    bump = torch.zeros(len(x), dtype=torch.float64)
    bump[at] = size
    before, after = model(x.double()), model(x.double() + bump)
    return [(b - a) / size for a, b in zip(before, after, strict=True)]


def influence_in_place(model, x, at, size):
    before = model(x)
    x[at] += size
    return (model(x) - before) / size


def influence_put_back(model, x, at, size):
    before = model(x)
    x[at] += size
    after = model(x)
    x[at] -= size
    return (after - before) / size


def bumped(x, at, size):
    changed = x.clone()
    changed[at] += size
    return changed


def influence_from_there(model, x, at, size):
    changed = x.clone()
    changed[at:] += size
    return (model(changed) - model(x)) / size


def influence_set(model, x, at, size):
    changed = x.clone()
    changed[at] = size
    return (model(changed) - model(x)) / size


def influence_multiplied(model, x, at, size):
    changed = x.clone()
    changed[at] *= size
    return (model(changed) - model(x)) / size


def influence_next(model, x, at, size):
    changed = x.clone()
    changed[min(at + 1, len(x) - 1)] += size
    return (model(changed) - model(x)) / size


def count_layers(N, features, units):
    from torch import nn

    def count(*layers):
        return sum(part.numel() for layer in layers for part in layer.parameters())

    return [
        count(nn.Linear(features * (N + 1), 1)),
        count(nn.Linear(features + 1, 1)),
        count(nn.Linear(features + units, units), nn.Linear(units, 1)),
    ]


def run_list(f, start, steps):
    states = [start]
    for _ in range(steps):
        states.append(f(states[-1]))
    return states[1:]


def run_numpy(f, start, steps):
    states = np.empty(steps, dtype=np.float32)
    for step in range(steps):
        start = states[step] = f(start)
    return states


def run_stacked(f, start, steps):
    states, state = [], torch.tensor(start)
    for _ in range(steps):
        state = f(state)
        states.append(state)
    return torch.stack(states)


def slide(x, weights, *, shift=0, flipped=False, fill=0.0):
    back = len(weights) - 1
    before = max(0, back - shift)
    padded = torch.cat(
        [torch.full((before,), fill, dtype=x.dtype), x, torch.zeros(back - before, dtype=x.dtype)]
    )
    used = weights.flip(0) if flipped else weights
    return torch.stack([padded[t : t + back + 1] @ used for t in range(len(x))])


def slide_loop(x, weights):
    return [
        sum(float(weights[-1 - age] * x[t - age]) for age in range(len(weights)) if t >= age)
        for t in range(len(x))
    ]


RIGHT = {
    "mend-the-window": {
        "mended": slide,
        "loop, lists": slide_loop,
        "numpy": lambda x, weights: np.convolve(x.numpy(), weights.numpy()[::-1])[: len(x)],
        "float64": lambda x, weights: slide(x.double(), weights.double()),
    },
    "padding-share": {
        "numpy": padding_numpy,
        "counted": padding_counted,
        "overwritten copy": padding_overwritten,
        "one line": lambda lengths, size: (
            1 - sum(lengths) / sum(len(b) * max(b) for b in batches_of(lengths, size))
        ),
    },
    "influence": {
        "copied": influence_copy,
        "numpy": influence_numpy,
        "float64, list of tensors": influence_double,
        "difference of the negatives": lambda model, x, at, size: (
            (model(x) - model(bumped(x, at, size))) / -size
        ),
        "put back": influence_put_back,
    },
    "count-weights": {
        "layers": count_layers,
        "tensor": lambda N, features, units: torch.tensor(
            [features * (N + 1) + 1, features + 2, units * (features + units + 1) + units + 1]
        ),
        "numpy": lambda N, features, units: (
            np.prod([features, N + 1]) + 1,
            np.int64(features + 2),
            np.add(units * (features + units), 2 * units + 1),
        ),
        "floats": lambda N, features, units: (
            float(features * N + features + 1),
            features + 2.0,
            units**2.0 + units * features + 2 * units + 1,
        ),
    },
    "run-on": {
        "list": run_list,
        "numpy, float32": run_numpy,
        "stacked": run_stacked,
        "tuple": lambda f, start, steps: tuple(run_list(f, start, steps)),
    },
}

WRONG = {
    "mend-the-window": {
        "looks one ahead": lambda x, weights: slide(x, weights, shift=1),
        "looks two ahead": lambda x, weights: slide(x, weights, shift=2),
        "looks ahead only": lambda x, weights: slide(x, weights, shift=len(weights)),
        "weights turned": lambda x, weights: slide(x, weights, flipped=True),
        "filled with ones": lambda x, weights: slide(x, weights, fill=1.0),
        "filled with the first": lambda x, weights: slide(x, weights, fill=float(x[0])),
        "mean": lambda x, weights: slide(x, weights) / len(weights),
        "present only": lambda x, weights: x * weights[-1],
        "oldest weight for the present": lambda x, weights: x * weights[0],
        "whole windows only": lambda x, weights: slide(x, weights)[len(weights) - 1 :],
        "two steps only": lambda x, weights: slide(x, weights[-2:]),
        "absolute": lambda x, weights: slide(x, weights).abs(),
        "one too late": lambda x, weights: slide(x, torch.cat([weights, torch.zeros(1)])),
        "turned round": lambda x, weights: slide(x.flip(0), weights).flip(0),
    },
    "padding-share": {
        "real share": lambda lengths, size: (
            sum(lengths) / sum(len(b) * max(b) for b in batches_of(lengths, size))
        ),
        "one longest for all": lambda lengths, size: 1 - sum(lengths) / (len(lengths) * max(lengths)),
        "last batch filled up": lambda lengths, size: (
            1 - sum(lengths) / sum(size * max(b) for b in batches_of(lengths, size))
        ),
        "mean of the shares": lambda lengths, size: float(
            np.mean([1 - sum(b) / (len(b) * max(b)) for b in batches_of(lengths, size)])
        ),
        "padding a real step": lambda lengths, size: (
            sum(len(b) * max(b) for b in batches_of(lengths, size)) / sum(lengths) - 1
        ),
        "count of padding": lambda lengths, size: (
            sum(len(b) * max(b) for b in batches_of(lengths, size)) - sum(lengths)
        ),
        "first is the longest": lambda lengths, size: (
            1 - sum(lengths) / sum(len(b) * b[0] for b in batches_of(lengths, size))
        ),
        "last is the longest": lambda lengths, size: (
            1 - sum(lengths) / sum(len(b) * b[-1] for b in batches_of(lengths, size))
        ),
        "sorted first": lambda lengths, size: (
            1 - sum(lengths) / sum(len(b) * max(b) for b in batches_of(sorted(lengths), size))
        ),
        "shortest": lambda lengths, size: (
            1 - sum(lengths) / sum(len(b) * min(b) for b in batches_of(lengths, size))
        ),
        "whole division": lambda lengths, size: (
            1 - sum(lengths) // sum(len(b) * max(b) for b in batches_of(lengths, size))
        ),
        "per cent": lambda lengths, size: (
            100 * (1 - sum(lengths) / sum(len(b) * max(b) for b in batches_of(lengths, size)))
        ),
        "only the first batch": lambda lengths, size: (
            1 - sum(lengths[:size]) / (len(lengths[:size]) * max(lengths[:size]))
        ),
        "incomplete batch dropped": lambda lengths, size: (
            1
            - sum(lengths) / max(1, sum(len(b) * max(b) for b in batches_of(lengths, size) if len(b) == size))
        ),
        "none": lambda lengths, size: 0.0,
    },
    "influence": {
        "absolute": lambda model, x, at, size: (model(bumped(x, at, size)) - model(x)).abs() / size,
        "size is one half": lambda model, x, at, size: (model(bumped(x, at, size)) - model(x)) / 0.5,
        "always bumped by one half": lambda model, x, at, size: (model(bumped(x, at, 0.5)) - model(x)) / 0.5,
        "not per unit": lambda model, x, at, size: model(bumped(x, at, size)) - model(x),
        "turned round": lambda model, x, at, size: (model(x) - model(bumped(x, at, size))) / size,
        "multiplied": lambda model, x, at, size: (model(bumped(x, at, size)) - model(x)) * size,
        "all later ones changed": influence_from_there,
        "set, not added": influence_set,
        "times, not plus": influence_multiplied,
        "the next step": influence_next,
        "changed alone": lambda model, x, at, size: model(bumped(x, at, size)) / size,
        "its own argument changed": influence_in_place,
        "one output only": lambda model, x, at, size: (
            (model(bumped(x, at, size)) - model(x))[at] / size * torch.eye(len(x))[at]
        ),
        "summed": lambda model, x, at, size: ((model(bumped(x, at, size)) - model(x)) / size).sum(),
        "the same tensor twice": lambda model, x, at, size: (model(x) - model(x)) / size,
        "divided by the input": lambda model, x, at, size: (
            (model(bumped(x, at, size)) - model(x)) / (x[at] + size)
        ),
    },
    "count-weights": {
        "present step forgotten": lambda N, features, units: (
            features * N + 1,
            features + 2,
            units * (features + units + 1) + units + 1,
        ),
        "no biases": lambda N, features, units: (
            features * (N + 1),
            features + 1,
            units * (features + units) + units,
        ),
        "one bias for all units": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 2,
            units * (features + units) + 1 + units + 1,
        ),
        "g forgotten": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 2,
            units * (features + units + 1),
        ),
        "feedback of all features": lambda N, features, units: (
            features * (N + 1) + 1,
            2 * features + 1,
            units * (features + units + 1) + units + 1,
        ),
        "feedback without its output": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 1,
            units * (features + units + 1) + units + 1,
        ),
        "state without itself": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 2,
            units * (features + 1) + units + 1,
        ),
        "window of one feature": lambda N, features, units: (
            N + 2,
            features + 2,
            units * (features + units + 1) + units + 1,
        ),
        "bias at each step": lambda N, features, units: (
            (features + 1) * (N + 1),
            features + 2,
            units * (features + units + 1) + units + 1,
        ),
        "squares only": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 2,
            units * units + units + units + 1,
        ),
        "other order": lambda N, features, units: (
            features + 2,
            features * (N + 1) + 1,
            units * (features + units + 1) + units + 1,
        ),
        "g of each feature": lambda N, features, units: (
            features * (N + 1) + 1,
            features + 2,
            units * (features + units + 1) + features * units + 1,
        ),
        "one short for large ones": lambda N, features, units: (
            features * (N + 1) + 1 - (N > 500),
            features + 2,
            units * (features + units + 1) + units + 1,
        ),
        "only two": lambda N, features, units: (features * (N + 1) + 1, features + 2),
        "still unwritten": lambda N, features, units: (features * (N + 1) + 1, features + 2, ...),
    },
    "run-on": {
        "start included": lambda f, start, steps: [start, *run_list(f, start, steps)],
        "start, and the last left out": lambda f, start, steps: [start, *run_list(f, start, steps)][:-1],
        "always from the start": lambda f, start, steps: [f(start)] * steps,
        "last only": lambda f, start, steps: run_list(f, start, steps)[-1],
        "backwards": lambda f, start, steps: run_list(f, start, steps)[::-1],
        "one too many": lambda f, start, steps: run_list(f, start, steps + 1),
        "one too few": lambda f, start, steps: run_list(f, start, steps - 1),
        "of the step's number": lambda f, start, steps: [f(float(step)) for step in range(steps)],
        "of multiples": lambda f, start, steps: [(step + 1) * f(start) for step in range(steps)],
        "added up": lambda f, start, steps: np.cumsum(run_list(f, start, steps)).tolist(),
        "applied twice": lambda f, start, steps: run_list(lambda s: f(f(s)), start, steps),
        "sorted": lambda f, start, steps: sorted(run_list(f, start, steps)),
        "a column": lambda f, start, steps: torch.tensor(run_list(f, start, steps))[:, None],
        "differences": lambda f, start, steps: np.diff([start, *run_list(f, start, steps)]),
        "whole numbers": lambda f, start, steps: [int(state) for state in run_list(f, start, steps)],
    },
}
