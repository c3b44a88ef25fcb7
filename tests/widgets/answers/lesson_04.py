"""Answers to the exercises of lesson 04: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def cost_loop(outputs, targets, mask):
    total, count = 0.0, 0
    for t in range(len(mask)):
        for k in range(mask.shape[1]):
            if mask[t, k]:
                total += float(outputs[t, k] - targets[t, k]) ** 2
                count += 1
    return total / count


def cost_numpy(outputs, targets, mask):
    differences = (outputs.numpy() - targets.numpy()) ** 2
    return np.average(differences, weights=mask.numpy())


def cost_in_place(outputs, targets, mask):
    squares = (outputs - targets).square_()
    squares[mask == 0] = 0
    return squares.double().sum() / mask.sum()


def backward_with(change):
    """Backpropagate with one thing changed, which `change` is told in a dictionary before each step's part."""

    def backward(states, asked, W_h):
        total, later = torch.zeros_like(W_h), torch.zeros_like(states[0])
        for t in reversed(range(len(states))):
            total, later = change(states, asked, W_h, t, later, total)
        return total

    return backward


def backward_step(states, asked, W_h, t, later, total, *, slope=None, previous=None, weights=None):
    delta = (asked[t] + later) * ((1 - states[t] ** 2) if slope is None else slope(states, t))
    if t > 0:
        total = total + delta.T @ (states[t - 1] if previous is None else previous(states, t))
    return total, delta @ (W_h if weights is None else weights(W_h))


def changed(**how):
    return backward_with(lambda *given: backward_step(*given, **how))


backward_right = backward_with(backward_step)


def backward_autograd(states, asked, W_h):
    """Let autograd do it: the inputs' part of each sum is what makes the states come out as given."""
    W = W_h.double().requires_grad_()
    states, asked = states.double(), asked.double()
    before, loss = torch.zeros_like(states[0]), 0.0
    for t in range(len(states)):
        rest = torch.atanh(states[t]) - (states[t - 1] @ W_h.double().T if t > 0 else 0)
        before = torch.tanh(before @ W.T + rest)
        loss = loss + (before * asked[t]).sum()
    (gradient,) = torch.autograd.grad(loss, W, allow_unused=True, materialize_grads=True)
    return gradient


def backward_numpy(states, asked, W_h):
    states, asked, W_h = (tensor.numpy() for tensor in (states, asked, W_h))
    total, later = np.zeros_like(W_h), np.zeros_like(states[0])
    for t in range(len(states) - 1, 0, -1):
        delta = (asked[t] + later) * (1 - states[t] ** 2)
        total += delta.T @ states[t - 1]
        later = delta @ W_h
    return total


def backward_in_place(states, asked, W_h):
    deltas = asked.clone()
    for t in reversed(range(len(states))):
        deltas[t] *= 1 - states[t] ** 2
        if t > 0:
            deltas[t - 1] += deltas[t] @ W_h
    return torch.einsum("tbi,tbj->ij", deltas[1:], states[:-1])


def adds_to_later(states, asked, W_h, t, later, total):
    delta = (asked[t] + later) * (1 - states[t] ** 2)
    if t > 0:
        total = total + delta.T @ states[t - 1]
    return total, later + delta @ W_h


def spoils_asked(states, asked, W_h):
    total = torch.zeros_like(W_h)
    for t in reversed(range(len(states))):
        asked[t] *= 1 - states[t] ** 2
        if t > 0:
            total += asked[t].T @ states[t - 1]
            asked[t - 1] += asked[t] @ W_h
    return total


def asked_without_later(states, asked, W_h, t, later, total):
    delta = asked[t] * (1 - states[t] ** 2)
    if t > 0:
        total = total + delta.T @ states[t - 1]
    return total, later


def slope_not_handed_on(states, asked, W_h, t, later, total):
    gradient = asked[t] + later
    if t > 0:
        total = total + (gradient * (1 - states[t] ** 2)).T @ states[t - 1]
    return total, gradient @ W_h


def stops_after_three(states, asked, W_h):
    return backward_right(states[-3:], asked[-3:], W_h)


def truncated_with(change):
    """Truncate with one thing changed: `change(t, every, later)` is what the step before hears from later."""

    def truncated(states, from_output, W_h, every):
        total, later = torch.zeros_like(W_h), torch.zeros_like(states[0])
        for t in reversed(range(len(states))):
            delta = (from_output[t] + later) * (1 - states[t] ** 2)
            if t > 0:
                total = total + delta.T @ states[t - 1]
            later = change(t, every, delta @ W_h)
        return total

    return truncated


truncated_right = truncated_with(lambda t, every, later: later * (t % every > 0))


def truncated_pieces(states, from_output, W_h, every):
    """Each piece by itself, the state before it handed over."""
    total = np.zeros(W_h.shape)
    for start in range(0, len(states), every):
        later = 0.0
        for t in reversed(range(start, min(start + every, len(states)))):
            delta = (from_output[t] + later).numpy() * (1 - states[t].numpy() ** 2)
            total += delta.T @ states[t - 1].numpy() if t > 0 else 0.0
            later = torch.from_numpy(delta @ W_h.numpy())
    return total


def truncated_in_place(states, from_output, W_h, every):
    deltas = from_output.double()
    for t in reversed(range(len(states))):
        deltas[t] *= 1 - states[t] ** 2
        if t % every:
            deltas[t - 1] += deltas[t] @ W_h.double()
    return torch.einsum("tbi,tbj->ij", deltas[1:], states[:-1].double()).tolist()


def state_cut(states, from_output, W_h, every, *, gradient_too=False):
    total, later = torch.zeros_like(W_h), torch.zeros_like(states[0])
    for t in reversed(range(len(states))):
        delta = (from_output[t] + later) * (1 - states[t] ** 2)
        if t % every > 0:
            total = total + delta.T @ states[t - 1]
        later = delta @ W_h * (1.0 if not gradient_too else float(t % every > 0))
    return total


def last_piece_only(states, from_output, W_h, every):
    start = (len(states) - 1) // every * every
    return backward_right(states[start:], from_output[start:], W_h)


def pieces_from_the_end(states, from_output, W_h, every):
    return truncated_with(lambda t, e, later: later * ((len(states) - t) % e > 0))(
        states, from_output, W_h, every
    )


def each_piece_from_nothing(states, from_output, W_h, every):
    parts = zip(states.split(every), from_output.split(every), strict=True)
    return sum(backward_right(piece, asked, W_h) for piece, asked in parts)


def reaches_loop(t, k, every):
    for start in range(0, max(t, k) + 1, every):
        if t in range(start, start + every) and k in range(start, t + 1):
            return True
    return False


RIGHT = {
    "cost": {
        "loops, a number": cost_loop,
        "numpy": cost_numpy,
        "in place on its own, float64": cost_in_place,
        "chosen": lambda outputs, targets, mask: ((outputs - targets)[mask.bool()] ** 2).mean(),
        "torch's": lambda outputs, targets, mask: torch.nn.functional.mse_loss(
            outputs[mask > 0], targets[mask > 0]
        ),
    },
    "backward": {
        "loop": backward_right,
        "autograd, float64": backward_autograd,
        "numpy": backward_numpy,
        "in place on a copy": backward_in_place,
        "lists": lambda states, asked, W_h: backward_right(states, asked, W_h).tolist(),
    },
    "truncated": {
        "mended": truncated_right,
        "piece by piece, numpy": truncated_pieces,
        "in place on a copy, lists": truncated_in_place,
    },
    "reaches": {
        "division": lambda t, k, every: k <= t and t // every == k // every,
        "loop": reaches_loop,
        "numpy": lambda t, k, every: np.logical_and(k <= t, np.floor(t / every) == np.floor(k / every)),
        "torch": lambda t, k, every: (torch.tensor(t) >= k) & (torch.tensor(t) // every == k // every),
        "distance": lambda t, k, every: 0 <= t - k <= t % every,
    },
}

WRONG = {
    "cost": {
        "mean of all": lambda outputs, targets, mask: ((outputs - targets) ** 2 * mask).mean(),
        "mask forgotten": lambda outputs, targets, mask: ((outputs - targets) ** 2).mean(),
        "sum": lambda outputs, targets, mask: ((outputs - targets) ** 2 * mask).sum(),
        "absolute": lambda outputs, targets, mask: ((outputs - targets).abs() * mask).sum() / mask.sum(),
        "not squared": lambda outputs, targets, mask: ((outputs - targets) * mask).sum() / mask.sum(),
        "root": lambda outputs, targets, mask: (((outputs - targets) ** 2 * mask).sum() / mask.sum()).sqrt(),
        "square of the sum": lambda outputs, targets, mask: (
            ((outputs - targets) * mask).sum() ** 2 / mask.sum()
        ),
        "divided by the steps": lambda outputs, targets, mask: (
            ((outputs - targets) ** 2 * mask).sum() / len(mask)
        ),
        "mean of each sequence": lambda outputs, targets, mask: (
            ((outputs - targets) ** 2 * mask).sum(0) / mask.sum(0).clamp(min=1)
        ).mean(),
        "mean of each step": lambda outputs, targets, mask: (
            ((outputs - targets) ** 2 * mask).sum(1) / mask.sum(1).clamp(min=1)
        ).mean(),
        "outputs only masked": lambda outputs, targets, mask: (
            ((outputs * mask - targets) ** 2).sum() / mask.sum()
        ),
        "plus": lambda outputs, targets, mask: ((outputs + targets) ** 2 * mask).sum() / mask.sum(),
        "half": lambda outputs, targets, mask: 0.5 * ((outputs - targets) ** 2 * mask).sum() / mask.sum(),
        "the others": lambda outputs, targets, mask: (
            ((outputs - targets) ** 2 * (1 - mask)).sum() / (1 - mask).sum().clamp(min=1)
        ),
        "one each step": lambda outputs, targets, mask: (outputs - targets) ** 2 * mask,
        "last steps only": lambda outputs, targets, mask: ((outputs - targets)[-1] ** 2).mean(),
        "cubed": lambda outputs, targets, mask: ((outputs - targets).abs() ** 3 * mask).sum() / mask.sum(),
    },
    "backward": {
        "later ones added up": backward_with(adds_to_later),
        "later ones forgotten": backward_with(asked_without_later),
        "no slope": changed(slope=lambda states, t: 1.0),
        "slope of the step before": changed(slope=lambda states, t: 1 - states[t - 1] ** 2),
        "slope 1 − h": changed(slope=lambda states, t: 1 - states[t]),
        "slope 1 − |h| / 2": changed(slope=lambda states, t: 1 - states[t].abs() / 2),
        "slope 1 + h²": changed(slope=lambda states, t: 1 + states[t] ** 2),
        "slope of the sigmoid": changed(slope=lambda states, t: states[t] * (1 - states[t])),
        "slope not handed on": backward_with(slope_not_handed_on),
        "its own state": changed(previous=lambda states, t: states[t]),
        "first state": changed(previous=lambda states, t: states[0]),
        "weights transposed": changed(weights=lambda W: W.T),
        "weights forgotten": changed(weights=lambda W: torch.eye(len(W))),
        "result transposed": lambda *given: backward_right(*given).T,
        "mean over the batch": lambda *given: backward_right(*given) / given[0].shape[1],
        "mean over the steps": lambda *given: backward_right(*given) / len(given[0]),
        "three steps only": stops_after_three,
        "forwards": lambda states, asked, W_h: backward_right(states.flip(0), asked.flip(0), W_h),
        "its own argument changed": spoils_asked,
        "turned round": lambda *given: -backward_right(*given),
    },
    "truncated": {
        "as it was given": state_cut,
        "both cut": lambda *given: state_cut(*given, gradient_too=True),
        "not cut": lambda states, from_output, W_h, every: backward_right(states, from_output, W_h),
        "cut one step late": truncated_with(lambda t, every, later: later * ((t + 1) % every > 0)),
        "cut one step early": truncated_with(lambda t, every, later: later * ((t - 1) % every > 0)),
        "always cut": truncated_with(lambda t, every, later: 0 * later),
        "kept only at the border": truncated_with(lambda t, every, later: later * (t % every == 0)),
        "cut at the first border only": truncated_with(lambda t, every, later: later * (t != every)),
        "pieces of three": truncated_with(lambda t, every, later: later * (t % 3 > 0)),
        "one longer": truncated_with(lambda t, every, later: later * (t % (every + 1) > 0)),
        "halved at the border": truncated_with(lambda t, every, later: later * (1.0 if t % every else 0.5)),
        "last piece only": last_piece_only,
        "pieces from the end": pieces_from_the_end,
        "each piece from nothing": each_piece_from_nothing,
        "turned round": lambda *given: -truncated_right(*given),
        "transposed": lambda *given: truncated_right(*given).T,
    },
    "reaches": {
        "direction forgotten": lambda t, k, every: t // every == k // every,
        "piece forgotten": lambda t, k, every: k <= t,
        "near enough": lambda t, k, every: 0 <= t - k < every,
        "not itself": lambda t, k, every: k < t and t // every == k // every,
        "turned round": lambda t, k, every: k >= t and t // every == k // every,
        "pieces from 1": lambda t, k, every: k <= t and (t + 1) // every == (k + 1) // every,
        "one longer": lambda t, k, every: k <= t and t // (every + 1) == k // (every + 1),
        "same place in the piece": lambda t, k, every: k <= t and t % every == k % every,
        "never": lambda t, k, every: False,
        "always": lambda t, k, every: True,
        "pieces of three": lambda t, k, every: k <= t and t // 3 == k // 3,
        "next piece too": lambda t, k, every: k <= t and t // every - k // every <= 1,
        "not at the bar": lambda t, k, every: k <= t and t // every == k // every and t % every != 0,
        "divided": lambda t, k, every: k <= t and t / every == k / every,
        "a word": lambda t, k, every: "yes" if k <= t and t // every == k // every else "no",
        "a count": lambda t, k, every: max(0, t - k),
    },
}
