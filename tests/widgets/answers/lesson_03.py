"""Answers to the exercises of lesson 03: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def mask_loops(lengths, steps):
    return [[int(t < length) for length in lengths] for t in range(steps)]


def mask_filled(lengths, steps):
    mask = torch.zeros(steps, len(lengths))
    for k, length in enumerate(lengths):
        mask[:length, k] = 1.0
    return mask


def mask_right(lengths, steps):
    return torch.arange(steps)[:, None] < lengths


def last_loop(outputs, lengths):
    return torch.stack([outputs[length - 1, k] for k, length in enumerate(lengths)])


def last_gathered(outputs, lengths):
    places = (lengths - 1)[None, :, None].expand(1, -1, outputs.shape[2])
    return outputs.double().gather(0, places)[0]


def last_numpy(outputs, lengths):
    return outputs.numpy()[lengths.numpy() - 1, np.arange(len(lengths))]


def last_in_place(outputs, lengths):
    states = outputs[0].clone()
    for t in range(1, len(outputs)):
        states[lengths > t] = outputs[t][lengths > t]
    return states


def last_nonzero(outputs, lengths):
    states = torch.zeros_like(outputs[0])
    for k in range(len(lengths)):
        rows = outputs[:, k].any(dim=1).nonzero()
        states[k] = outputs[rows[-1, 0] if len(rows) else 0, k]
    return states


def count_loop(lengths):
    return [sum(1 for length in lengths if length > t) for t in range(max(lengths))]


def average(outputs, lengths):
    return (outputs * mask_right(lengths, len(outputs))[..., None]).sum(0) / lengths[:, None]


RIGHT = {
    "mend-the-average": {
        "mask": average,
        "loop, list": lambda outputs, lengths: [
            outputs[:length, k].mean(dim=0).tolist() for k, length in enumerate(lengths)
        ],
        "numpy": lambda outputs, lengths: np.stack(
            [outputs.numpy()[:length, k].mean(axis=0) for k, length in enumerate(lengths)]
        ),
        "float64": lambda outputs, lengths: average(outputs.double(), lengths),
    },
    "mask": {
        "comparison": mask_right,
        "loops, lists": mask_loops,
        "filled": mask_filled,
        "numpy": lambda lengths, steps: np.arange(steps)[:, None] < lengths.numpy()[None],
        "float64": lambda lengths, steps: mask_right(lengths, steps).double(),
        "transposed back": lambda lengths, steps: (lengths[:, None] > torch.arange(steps)).T,
    },
    "last-state": {
        "loop": last_loop,
        "gathered, float64": last_gathered,
        "numpy": last_numpy,
        "in place on its own": last_in_place,
        "list of tensors": lambda outputs, lengths: list(last_loop(outputs, lengths)),
        "product": lambda outputs, lengths: (
            torch.nn.functional.one_hot(lengths - 1, len(outputs)).T[..., None] * outputs
        ).sum(0),
    },
    "batch-sizes": {
        "loop": count_loop,
        "mask": lambda lengths: mask_right(lengths, int(lengths.max())).sum(dim=1),
        "numpy": lambda lengths: (np.arange(max(lengths))[:, None] < lengths.numpy()).sum(axis=1),
        "floats": lambda lengths: mask_right(lengths, int(lengths.max())).double().sum(dim=1),
        "packed": lambda lengths: (
            torch.nn.utils.rnn.pack_padded_sequence(
                torch.zeros(int(lengths.max()), len(lengths), 1), lengths, enforce_sorted=False
            ).batch_sizes
        ),
    },
}

WRONG = {
    "mend-the-average": {
        "as it was given": lambda outputs, lengths: (
            outputs * mask_right(lengths, len(outputs))[..., None]
        ).mean(0),
        "padding too": lambda outputs, lengths: outputs.mean(dim=0),
        "padding, own length": lambda outputs, lengths: outputs.sum(0) / lengths[:, None],
        "sum": lambda outputs, lengths: average(outputs, lengths) * lengths[:, None],
        "longest": lambda outputs, lengths: average(outputs, lengths) * lengths[:, None] / lengths.max(),
        "mean length": lambda outputs, lengths: (
            average(outputs, lengths) * lengths[:, None] / lengths.float().mean()
        ),
        "one step more": lambda outputs, lengths: (
            average(outputs, lengths) * lengths[:, None] / (lengths[:, None] + 1)
        ),
        "one step less": lambda outputs, lengths: (
            average(outputs, lengths) * lengths[:, None] / (lengths[:, None] - 1).clamp(min=1)
        ),
        "last state": last_loop,
        "units too": lambda outputs, lengths: average(outputs, lengths).mean(1),
        "of all instances": lambda outputs, lengths: (
            average(outputs, lengths).mean(0, keepdim=True).expand(len(lengths), -1)
        ),
        "largest": lambda outputs, lengths: outputs.max(dim=0).values,
        "absolute": lambda outputs, lengths: average(outputs.abs(), lengths),
    },
    "mask": {
        "one step too many": lambda lengths, steps: torch.arange(steps)[:, None] <= lengths,
        "one step too few": lambda lengths, steps: torch.arange(steps)[:, None] < lengths - 1,
        "counted from 1": lambda lengths, steps: torch.arange(1, steps + 1)[:, None] < lengths,
        "turned round": lambda lengths, steps: torch.arange(steps)[:, None] >= lengths,
        "instances first": lambda lengths, steps: torch.arange(steps) < lengths[:, None],
        "all ones": lambda lengths, steps: torch.ones(steps, len(lengths)),
        "only the last step": lambda lengths, steps: torch.arange(steps)[:, None] == lengths - 1,
        "padding in front": lambda lengths, steps: mask_right(lengths, steps).flip(0),
        "instances turned": lambda lengths, steps: mask_right(lengths, steps).flip(1),
        "only as long as the longest": lambda lengths, steps: mask_right(lengths, int(lengths.max())),
        "first instance for all": lambda lengths, steps: mask_right(lengths[:1], steps).expand(
            steps, len(lengths)
        ),
        "steps numbered": lambda lengths, steps: (
            mask_right(lengths, steps) * torch.arange(1, steps + 1)[:, None]
        ),
        "lengths sorted": lambda lengths, steps: mask_right(lengths.sort().values, steps),
        "minus one in the padding": lambda lengths, steps: 2 * mask_right(lengths, steps).float() - 1,
        "zeros": lambda lengths, steps: torch.zeros(steps, len(lengths), dtype=torch.bool),
    },
    "last-state": {
        "last of the batch": lambda outputs, lengths: outputs[-1],
        "first": lambda outputs, lengths: outputs[0],
        "one too early": lambda outputs, lengths: outputs[
            (lengths - 2).clamp(min=0), torch.arange(len(lengths))
        ],
        "one too late": lambda outputs, lengths: outputs[
            lengths.clamp(max=len(outputs) - 1), torch.arange(len(lengths))
        ],
        "beyond the end": lambda outputs, lengths: outputs[lengths, torch.arange(len(lengths))],
        "the longest for all": lambda outputs, lengths: outputs[int(lengths.max()) - 1],
        "not in pairs": lambda outputs, lengths: outputs[lengths - 1],
        "first instance for all": lambda outputs, lengths: outputs[lengths - 1, 0],
        "largest": lambda outputs, lengths: outputs.max(dim=0).values,
        "sum": lambda outputs, lengths: outputs.sum(dim=0),
        "mean": lambda outputs, lengths: outputs.sum(dim=0) / lengths[:, None],
        "last that is not zero": last_nonzero,
        "lengths sorted": lambda outputs, lengths: outputs[
            lengths.sort().values - 1, torch.arange(len(lengths))
        ],
        "float mask": lambda outputs, lengths: outputs[mask_right(lengths, len(outputs)).float()],
        "all of them": lambda outputs, lengths: outputs[mask_right(lengths, len(outputs))],
        "from the back": lambda outputs, lengths: outputs[-lengths, torch.arange(len(lengths))],
    },
    "batch-sizes": {
        "lengths": lambda lengths: lengths,
        "sorted lengths": lambda lengths: lengths.sort(descending=True).values,
        "one step too many": lambda lengths: (torch.arange(int(lengths.max()))[:, None] <= lengths).sum(1),
        "counted from 1": lambda lengths: (torch.arange(1, int(lengths.max()) + 1)[:, None] < lengths).sum(1),
        "each instance": lambda lengths: mask_right(lengths, int(lengths.max())).sum(dim=0),
        "ended, not running": lambda lengths: (torch.arange(int(lengths.max()))[:, None] >= lengths).sum(1),
        "as many as instances": lambda lengths: mask_right(lengths, len(lengths)).sum(dim=1),
        "always all": lambda lengths: torch.full((int(lengths.max()),), len(lengths)),
        "those that end there": lambda lengths: torch.bincount(lengths, minlength=int(lengths.max()) + 1)[1:],
        "upwards": lambda lengths: mask_right(lengths, int(lengths.max())).sum(dim=1).flip(0),
        "one number": lambda lengths: mask_right(lengths, int(lengths.max())).sum(),
        "one step more": lambda lengths: mask_right(lengths, int(lengths.max()) + 1).sum(dim=1),
        "added up": lambda lengths: mask_right(lengths, int(lengths.max())).sum(dim=1).cumsum(0),
        "the shortest": lambda lengths: mask_right(lengths, int(lengths.min())).sum(dim=1),
        "shares": lambda lengths: mask_right(lengths, int(lengths.max())).float().mean(dim=1),
        "spread evenly": lambda lengths: torch.full(
            (int(lengths.max()),), float(lengths.sum()) / int(lengths.max())
        ),
    },
}
