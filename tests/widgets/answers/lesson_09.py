"""Answers to the exercises of lesson 09: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch

# A reservoir, step by step.


def reservoir(x, W_x, W_h, b, a):
    h, states = torch.zeros(x.shape[1], len(b)), []
    for step in x:
        h = (1 - a) * h + a * torch.tanh(step @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states)


def reservoir_lerp(x, W_x, W_h, b, a):
    driven = x @ W_x.T + b
    states = torch.zeros(len(x) + 1, x.shape[1], len(b))
    for t in range(len(x)):
        states[t + 1] = torch.lerp(states[t], torch.tanh(driven[t] + states[t] @ W_h.T), a)
    return states[1:]


def reservoir_numpy(x, W_x, W_h, b, a):
    x, W_x, W_h, b = (one.double().numpy() for one in (x, W_x, W_h, b))
    h, states = np.zeros((x.shape[1], len(b))), []
    for step in x:
        h = h + a * (np.tanh(step @ W_x.T + h @ W_h.T + b) - h)
        states.append(h)
    return np.array(states)


def reservoir_lists(*case):
    return reservoir(*case).tolist()


def stirring(new, *, start=0.0, late=False):
    def run(x, W_x, W_h, b, a):
        h, states = torch.full((x.shape[1], len(b)), start), []
        for step in x:
            if late:
                states.append(h)
            h = new(h, step @ W_x.T, h @ W_h.T, b, a)
            if not late:
                states.append(h)
        return torch.stack(states)

    return run


def mixture(h, drive, back, b, a):
    return (1 - a) * h + a * torch.tanh(drive + back + b)


def reservoir_last(*case):
    return reservoir(*case)[-1]


def reservoir_batch_first(*case):
    return reservoir(*case).transpose(0, 1)


def reservoir_transposed(x, W_x, W_h, b, a):
    return reservoir(x, W_x, W_h.T, b, a)


def reservoir_one_short(*case):
    return reservoir(*case)[1:]


# A readout in one go.


def rows_of(states, washout):
    return torch.cat([torch.ones(len(states), 1, dtype=states.dtype), states], dim=1)[washout:]


def readout(states, targets, ridge, washout):
    S = rows_of(states.double(), washout)
    y = targets.double()[washout:]
    return torch.linalg.solve(S.T @ S + ridge * torch.eye(S.shape[1], dtype=S.dtype), S.T @ y)


def readout_float32(states, targets, ridge, washout):
    S, y = rows_of(states, washout), targets[washout:]
    return torch.linalg.inv(S.T @ S + ridge * torch.eye(S.shape[1])) @ (S.T @ y)


def readout_numpy(states, targets, ridge, washout):
    states, targets = states.double().numpy()[washout:], targets.double().numpy()[washout:]
    S = np.hstack([np.ones((len(states), 1)), states])
    return np.linalg.solve(S.T @ S + ridge * np.eye(S.shape[1]), S.T @ targets)


def readout_more_rows(states, targets, ridge, washout):
    # The ridge as rows of their own, to which the answer should be 0.
    S, y = rows_of(states.double(), washout), targets.double()[washout:]
    size = S.shape[1]
    more = ridge**0.5 * torch.eye(size, dtype=S.dtype)
    return torch.linalg.lstsq(torch.cat([S, more]), torch.cat([y, torch.zeros(size, dtype=S.dtype)])).solution


def solving(gram=None, *, rows=rows_of, cut=True, order=None):
    gram = gram or (lambda S, ridge: S.T @ S + ridge * torch.eye(S.shape[1], dtype=S.dtype))

    def solve(states, targets, ridge, washout):
        S = rows(states.double(), washout)
        y = targets.double()[washout:] if cut else targets.double()[: len(targets) - washout]
        weights = torch.linalg.solve(gram(S, ridge), S.T @ y)
        return weights if order is None else order(weights)

    return solve


def readout_no_washout(states, targets, ridge, washout):
    return readout(states, targets, ridge, 0)


def readout_washout_from_the_end(states, targets, ridge, washout):
    keep = len(states) - washout
    return readout(states[:keep], targets[:keep], ridge, 0)


def readout_scaled_states(states, targets, ridge, washout):
    return readout(states - states.mean(0), targets, ridge, washout)


def readout_no_constant(states, targets, ridge, washout):
    S, y = states.double()[washout:], targets.double()[washout:]
    weights = torch.linalg.solve(S.T @ S + ridge * torch.eye(S.shape[1], dtype=S.dtype), S.T @ y)
    return torch.cat([torch.zeros(1, dtype=S.dtype), weights])


# Counting by a factor.


def count(bits):
    return 1 - 2 * bits, torch.zeros_like(bits)


def count_where(bits):
    return torch.where(bits == 1, -1.0, 1.0), 0 * bits


def count_power(bits):
    return (-1.0) ** bits, torch.zeros(bits.shape)


def count_lists(bits):
    factors = [[-1 if bit else 1 for bit in row] for row in bits.tolist()]
    return factors, [[0] * bits.shape[1] for _ in factors]


def count_numpy(bits):
    return np.cos(np.pi * bits.numpy()), np.zeros(tuple(bits.shape))


def counting(factors, values=torch.zeros_like):
    return lambda bits: (factors(bits), values(bits))


def signs(bits):
    return 1 - 2 * bits


def parity(bits):
    return 1 - 2 * (bits.cumsum(0) % 2)


RIGHT = {
    "reservoir": {
        "loop": reservoir,
        "lerp": reservoir_lerp,
        "numpy": reservoir_numpy,
        "lists": reservoir_lists,
    },
    "readout": {
        "solve": readout,
        "inverse, float32": readout_float32,
        "numpy": readout_numpy,
        "more rows": readout_more_rows,
    },
    "count-ones": {
        "formula": count,
        "where": count_where,
        "power": count_power,
        "lists": count_lists,
        "numpy": count_numpy,
    },
}
WRONG = {
    "reservoir": {
        "leak the wrong way round": stirring(
            lambda h, drive, back, b, a: a * h + (1 - a) * torch.tanh(drive + back + b)
        ),
        "no leak": stirring(lambda h, drive, back, b, a: torch.tanh(drive + back + b)),
        "nothing kept": stirring(lambda h, drive, back, b, a: a * torch.tanh(drive + back + b)),
        "all kept": stirring(lambda h, drive, back, b, a: h + a * torch.tanh(drive + back + b)),
        "tanh around everything": stirring(
            lambda h, drive, back, b, a: torch.tanh((1 - a) * h + a * (drive + back + b))
        ),
        "no tanh": stirring(lambda h, drive, back, b, a: (1 - a) * h + a * (drive + back + b)),
        "no bias": stirring(lambda h, drive, back, b, a: mixture(h, drive, back, 0, a)),
        "bias outside": stirring(lambda h, drive, back, b, a: mixture(h, drive, back, 0, a) + b),
        "no recurrence": stirring(lambda h, drive, back, b, a: mixture(h, drive, 0, b, a)),
        "leak inside": stirring(
            lambda h, drive, back, b, a: (1 - a) * h + torch.tanh(a * (drive + back + b))
        ),
        "begins at ones": stirring(mixture, start=1.0),
        "states before the step": stirring(mixture, late=True),
        "weights turned over": reservoir_transposed,
        "only the last state": reservoir_last,
        "batch first": reservoir_batch_first,
        "first state lost": reservoir_one_short,
    },
    "readout": {
        "ridge on every entry": solving(lambda S, ridge: S.T @ S + ridge),
        "no ridge": solving(lambda S, ridge: S.T @ S + 1e-9 * torch.eye(S.shape[1], dtype=S.dtype)),
        "ridge squared": solving(
            lambda S, ridge: S.T @ S + (ridge**2 + 0.3) * torch.eye(S.shape[1], dtype=S.dtype)
        ),
        "ridge times steps": solving(
            lambda S, ridge: S.T @ S + len(S) * ridge * torch.eye(S.shape[1], dtype=S.dtype)
        ),
        "ridge subtracted": solving(
            lambda S, ridge: S.T @ S - ridge * torch.eye(S.shape[1], dtype=S.dtype) / 2
        ),
        "ridge in the first place only": solving(
            lambda S, ridge: S.T @ S + ridge * torch.diag(torch.eye(S.shape[1], dtype=S.dtype)[0])
        ),
        "constant not held small": solving(
            lambda S, ridge: S.T @ S + ridge * torch.diag((torch.arange(S.shape[1]) > 0).to(S.dtype))
        ),
        "mean instead of sum": solving(
            lambda S, ridge: S.T @ S / len(S) + ridge * torch.eye(S.shape[1], dtype=S.dtype)
        ),
        "constant last": solving(order=lambda weights: weights.roll(-1)),
        "constant left out": solving(order=lambda weights: weights[1:]),
        "targets not washed out": solving(cut=False),
        "no washout": readout_no_washout,
        "washout from the end": readout_washout_from_the_end,
        "states about their mean": readout_scaled_states,
        "no constant": readout_no_constant,
    },
    "count-ones": {
        "always turned": counting(lambda bits: -torch.ones_like(bits)),
        "turned at zeros": counting(lambda bits: 2 * bits - 1),
        "erased at ones": counting(lambda bits: 1 - bits),
        "erased at zeros": counting(lambda bits: bits),
        "set to −1 at ones": counting(lambda bits: 1 - bits, lambda bits: -bits),
        "added up": counting(torch.ones_like, lambda bits: -2 * bits),
        "halved": counting(lambda bits: 1 - 1.5 * bits),
        "counted beforehand": counting(torch.zeros_like, parity),
        "counted in the factors": counting(parity),
        "bits as factors": counting(lambda bits: -bits),
        "never turned": counting(torch.ones_like),
        "turned and pushed": counting(signs, lambda bits: bits),
        "values and factors exchanged": lambda bits: (torch.zeros_like(bits), signs(bits)),
        "one step late": lambda bits: (
            torch.cat([torch.ones_like(bits[:1]), signs(bits)[:-1]]),
            torch.zeros_like(bits),
        ),
        "only factors": lambda bits: signs(bits),
    },
}
