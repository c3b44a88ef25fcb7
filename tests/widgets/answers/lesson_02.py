"""Answers to the exercises of lesson 02: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch

from rnnviz.experiments import two_step_rnn as book


def step_loop(X, Y, W_x, W_y, b):
    new = torch.zeros_like(Y)
    for k in range(len(X)):
        for unit in range(len(b)):
            total = b[unit]
            for i in range(X.shape[1]):
                total = total + X[k, i] * W_x[i, unit]
            for other in range(len(b)):
                total = total + Y[k, other] * W_y[other, unit]
            new[k, unit] = torch.tanh(total)
    return new


def step_in_place(X, Y, W_x, W_y, b):
    new = X @ W_x
    new += Y @ W_y
    new += b
    return new.tanh_()


def side_numpy(X, Y, W, b):
    return np.tanh(np.concatenate([X.numpy(), Y.numpy()], axis=1) @ W.numpy() + b.numpy())


def side_filled(X, Y, W, b):
    both = torch.empty(len(X), X.shape[1] + Y.shape[1], dtype=torch.float64)
    both[:, : X.shape[1]], both[:, X.shape[1] :] = X, Y
    return (both @ W.double() + b).tanh()


def recover(X0, Y0, power):
    columns = []
    for y in Y0.T:
        z, weight = book.invert_tanh(y), (1 - y**2) ** power
        columns.append(torch.linalg.lstsq(X0 * weight[:, None], z * weight).solution)
    return torch.stack(columns, dim=1)


def recover_numpy(X0, Y0):
    columns = []
    for y in Y0.numpy().T:
        z, weight = np.arctanh(np.clip(y, -1 + 2.0**-28, 1 - 2.0**-28)), 1 - y**2
        columns.append(np.linalg.lstsq(X0.numpy() * weight[:, None], z * weight, rcond=None)[0])
    return np.stack(columns, axis=1)


def recover_normal(X0, Y0):
    columns = []
    for y in Y0.T:
        weight = torch.diag((1 - y**2) ** 2)
        columns.append(torch.linalg.solve(X0.T @ weight @ X0, X0.T @ weight @ book.invert_tanh(y)).tolist())
    return np.array(columns).T


def recover_three(X0, Y0, rows):
    return torch.linalg.solve(X0[rows], book.invert_tanh(Y0[rows]))


def unroll_with(change):
    """Unroll with one thing changed: `change(X_t, Y, W_x, W_y, t)` is the next output."""

    def unroll(X, W_x, W_y):
        Y = torch.zeros(len(X), len(W_y))
        outputs = []
        for t in range(X.shape[1]):
            Y = change(X[:, t], Y, W_x, W_y, t)
            outputs.append(Y)
        return torch.stack(outputs, dim=1)

    return unroll


unroll_right = unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x + Y @ W_y))


def unroll_in_place(X, W_x, W_y):
    outputs = X @ W_x
    for t in range(X.shape[1]):
        if t > 0:
            outputs[:, t] += outputs[:, t - 1] @ W_y
        outputs[:, t] = outputs[:, t].tanh()
    return outputs


def unroll_numpy(X, W_x, W_y):
    X, W_x, W_y = (tensor.double().numpy() for tensor in (X, W_x, W_y))
    Y, outputs = np.zeros((len(X), len(W_y))), []
    for t in range(X.shape[1]):
        Y = np.tanh(X[:, t] @ W_x + Y @ W_y)
        outputs.append(Y)
    return np.stack(outputs, axis=1)


def unroll_layer(X, W_x, W_y):
    layer = torch.nn.RNN(3, len(W_y), bias=False, batch_first=True)
    layer.weight_ih_l0 = torch.nn.Parameter(W_x.T)
    layer.weight_hh_l0 = torch.nn.Parameter(W_y.T)
    return layer(X)[0]


def unroll_each(X, W_x, W_y):
    rows = []
    for x in X:
        y, row = torch.zeros(len(W_y)), []
        for x_t in x:
            y = torch.tanh(x_t @ W_x + y @ W_y)
            row.append(y)
        rows.append(row)
    return rows


def never_updates(X, W_x, W_y):
    Y = torch.zeros(len(X), len(W_y))
    return torch.stack([torch.tanh(X[:, t] @ W_x + Y @ W_y) for t in range(X.shape[1])], dim=1)


def adds_up(X, W_x, W_y):
    Y = torch.zeros(len(X), len(W_y))
    outputs = []
    for t in range(X.shape[1]):
        Y = Y + torch.tanh(X[:, t] @ W_x + Y @ W_y)
        outputs.append(Y)
    return torch.stack(outputs, dim=1)


def two_back(X, W_x, W_y):
    outputs = [torch.zeros(len(X), len(W_y))] * 2
    for t in range(X.shape[1]):
        outputs.append(torch.tanh(X[:, t] @ W_x + outputs[-2] @ W_y))
    return torch.stack(outputs[2:], dim=1)


RIGHT = {
    "mend-the-loop": {
        "new each time": unroll_right,
        "in place on its own": unroll_in_place,
        "numpy, float64": unroll_numpy,
        "lists of tensors": unroll_each,
    },
    "step": {
        "loops": step_loop,
        "in place on its own": step_in_place,
        "numpy": lambda *given: np.tanh(
            given[0].numpy() @ given[2].numpy() + given[1].numpy() @ given[3].numpy() + given[4].numpy()
        ),
        "float64": lambda X, Y, W_x, W_y, b: torch.tanh(
            X.double() @ W_x.double() + Y.double() @ W_y.double() + b
        ),
        "lists": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y + b).tolist(),
        "by exponentials": lambda X, Y, W_x, W_y, b: 2 * torch.sigmoid(2 * (b + Y @ W_y + X @ W_x)) - 1,
        "parameter": lambda X, Y, W_x, W_y, b: torch.nn.Parameter(torch.tanh(X @ W_x + Y @ W_y + b)),
    },
    "side-by-side": {
        "numpy": side_numpy,
        "filled, float64": side_filled,
        "hstack": lambda X, Y, W, b: torch.hstack((X, Y)).matmul(W).add(b).tanh(),
        "two products": lambda X, Y, W, b: torch.tanh(X @ W[: X.shape[1]] + Y @ W[X.shape[1] :] + b),
    },
    "detective": {
        "lstsq": lambda X0, Y0: recover(X0, Y0, 1),
        "numpy": recover_numpy,
        "normal equations, lists": recover_normal,
        "the book's own": lambda X0, Y0: book.recover_weights()[0],
    },
    "unroll": {
        "loop": unroll_right,
        "in place on its own": unroll_in_place,
        "numpy, float64": unroll_numpy,
        "torch's layer": unroll_layer,
        "each instance, lists of tensors": unroll_each,
    },
}


def written_over(X, W_x, W_y):
    Y, states = torch.zeros(len(X), len(W_y)), []
    for t in range(X.shape[1]):
        Y[:] = torch.tanh(X[:, t] @ W_x + Y @ W_y)
        states.append(Y)
    return torch.stack(states, dim=1)


WRONG = {
    "mend-the-loop": {
        "as it was given": written_over,
        "the last for all": lambda X, W_x, W_y: unroll_right(X, W_x, W_y)[:, -1:].expand(-1, X.shape[1], -1),
        "forgets": lambda X, W_x, W_y: torch.tanh(X @ W_x),
        "never updates": never_updates,
        "adds up": adds_up,
        "two back": two_back,
        "transposed": unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x + Y @ W_y.T)),
        "no tanh": unroll_with(lambda X, Y, W_x, W_y, t: X @ W_x + Y @ W_y),
        "minus": unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x - Y @ W_y)),
        "reversed": lambda X, W_x, W_y: unroll_right(X, W_x, W_y).flip(1),
        "time first": lambda X, W_x, W_y: unroll_right(X, W_x, W_y).transpose(0, 1),
        "first kept, the others not": lambda X, W_x, W_y: torch.cat(
            [unroll_right(X, W_x, W_y)[:, :1], written_over(X, W_x, W_y)[:, 1:]], dim=1
        ),
    },
    "step": {
        "no bias": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y),
        "transposed": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y.T + b),
        "no tanh": lambda X, Y, W_x, W_y, b: X @ W_x + Y @ W_y + b,
        "bias outside": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y) + b,
        "tanh of each": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x) + torch.tanh(Y @ W_y) + b,
        "sigmoid": lambda X, Y, W_x, W_y, b: torch.sigmoid(X @ W_x + Y @ W_y + b),
        "no feedback": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + b),
        "no inputs": lambda X, Y, W_x, W_y, b: torch.tanh(Y @ W_y + b),
        "number by number": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y * W_y.diagonal() + b),
        "minus": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x - Y @ W_y + b),
        "transposed result": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y + b).T,
        "absolute": lambda X, Y, W_x, W_y, b: torch.tanh((X @ W_x + Y @ W_y + b).abs()),
        "relu": lambda X, Y, W_x, W_y, b: torch.relu(X @ W_x + Y @ W_y + b),
        "first instance only": lambda X, Y, W_x, W_y, b: torch.tanh(X[:1] @ W_x + Y[:1] @ W_y + b).expand_as(
            Y
        ),
        "tanh twice": lambda X, Y, W_x, W_y, b: torch.tanh(torch.tanh(X @ W_x + Y @ W_y + b)),
        "bias of the first": lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y + b[0]),
    },
    "side-by-side": {
        "other order": lambda X, Y, W, b: torch.tanh(torch.cat([Y, X], dim=1) @ W + b),
        "below each other": lambda X, Y, W, b: torch.cat([X, Y]) @ W + b,
        "no bias": lambda X, Y, W, b: torch.tanh(torch.cat([X, Y], dim=1) @ W),
        "no tanh": lambda X, Y, W, b: torch.cat([X, Y], dim=1) @ W + b,
        "inputs only": lambda X, Y, W, b: torch.tanh(X @ W[:3] + b),
        "outputs only": lambda X, Y, W, b: torch.tanh(Y @ W[3:] + b),
        "upside down": lambda X, Y, W, b: torch.tanh(torch.cat([X, Y], dim=1) @ W.flip(0) + b),
        "bias twice": lambda X, Y, W, b: torch.tanh(X @ W[:3] + b + Y @ W[3:] + b),
        "bias outside": lambda X, Y, W, b: torch.tanh(torch.cat([X, Y], dim=1) @ W) + b,
        "minus": lambda X, Y, W, b: torch.tanh(torch.cat([X, -Y], dim=1) @ W + b),
        "split one late": lambda X, Y, W, b: torch.tanh(X @ W[1:4] + Y @ W[3:] + b),
        "tanh first": lambda X, Y, W, b: torch.cat([X, Y], dim=1).tanh() @ W + b,
        "one instance": lambda X, Y, W, b: torch.tanh(torch.cat([X[0], Y[0]]) @ W + b),
    },
    "detective": {
        "without weighting": lambda X0, Y0: torch.linalg.lstsq(X0, book.invert_tanh(Y0)).solution,
        "first three": lambda X0, Y0: recover_three(X0, Y0, [0, 1, 2]) + 1e-3,
        "last three": lambda X0, Y0: recover_three(X0, Y0, [1, 2, 3]),
        "divided by the sureness": lambda X0, Y0: recover(X0, Y0, -1),
        "transposed": lambda X0, Y0: recover(X0, Y0, 1).T,
        "turned round": lambda X0, Y0: -recover(X0, Y0, 1),
        "rounded": lambda X0, Y0: (recover(X0, Y0, 1) * 1000).round() / 1000,
        "tanh not undone": lambda X0, Y0: torch.linalg.lstsq(X0, Y0).solution,
        "pseudo-inverse of the outputs": lambda X0, Y0: torch.linalg.pinv(X0) @ Y0,
        "ones": lambda X0, Y0: torch.ones(3, 5, dtype=X0.dtype),
        "one column for all": lambda X0, Y0: recover(X0, Y0, 1)[:, :1].expand(3, 5),
        "one side weighted": lambda X0, Y0: (
            torch.linalg.lstsq(X0 * (1 - Y0[:, :1] ** 2), book.invert_tanh(Y0)).solution
        ),
        "columns flat": lambda X0, Y0: recover(X0, Y0, 1).reshape(-1),
    },
    "unroll": {
        "forgets": lambda X, W_x, W_y: torch.tanh(X @ W_x),
        "never updates": never_updates,
        "adds up": adds_up,
        "two back": two_back,
        "transposed": unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x + Y @ W_y.T)),
        "no tanh": unroll_with(lambda X, Y, W_x, W_y, t: X @ W_x + Y @ W_y),
        "tanh of the inputs only": unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x) + Y @ W_y),
        "memory ends after three": unroll_with(
            lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x + (Y @ W_y if t < 3 else 0))
        ),
        "backwards": lambda X, W_x, W_y: unroll_right(X.flip(1), W_x, W_y).flip(1),
        "reversed in the end": lambda X, W_x, W_y: unroll_right(X, W_x, W_y).flip(1),
        "time first": lambda X, W_x, W_y: unroll_right(X, W_x, W_y).transpose(0, 1),
        "last only": lambda X, W_x, W_y: unroll_right(X, W_x, W_y)[:, -1],
        "batch for time": lambda X, W_x, W_y: unroll_right(X.transpose(0, 1), W_x, W_y).transpose(0, 1),
        "begins with ones": lambda X, W_x, W_y: torch.stack(
            [torch.tanh(X[:, 0] @ W_x + W_y.sum(0)), *unroll_right(X, W_x, W_y)[:, 1:].unbind(1)], dim=1
        ),
        "minus": unroll_with(lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x - Y @ W_y)),
        "one instance's state for all": unroll_with(
            lambda X, Y, W_x, W_y, t: torch.tanh(X @ W_x + Y[:1] @ W_y)
        ),
    },
}
