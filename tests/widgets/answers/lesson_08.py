"""Answers to the exercises of lesson 08: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def layer(x, W_x, W_h, b, *, start=None):
    h, states = torch.zeros(x.shape[1], len(b)) if start is None else start, []
    for step in x:
        h = torch.tanh(step @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states)


# Two layers.


def stack_layer_by_layer(x, V_x, V_h, a, W_x, W_h, b):
    lower = layer(x, V_x, V_h, a)
    upper = layer(lower, W_x, W_h, b)
    return upper, lower[-1], upper[-1]


def stack_numpy(x, V_x, V_h, a, W_x, W_h, b):
    x, V_x, V_h, a, W_x, W_h, b = (one.numpy() for one in (x, V_x, V_h, a, W_x, W_h, b))
    lower, upper, outputs = np.zeros((x.shape[1], len(a))), np.zeros((x.shape[1], len(b))), []
    for step in x:
        lower = np.tanh(step @ V_x.T + lower @ V_h.T + a)
        upper = np.tanh(lower @ W_x.T + upper @ W_h.T + b)
        outputs.append(upper)
    return np.stack(outputs), lower, upper


def stack_torch(x, V_x, V_h, a, W_x, W_h, b):
    rows, last = x.double(), []
    for weights in ((V_x, V_h, a), (W_x, W_h, b)):
        one = torch.nn.RNN(rows.shape[2], len(weights[2]), bias=True).double()
        one.load_state_dict(
            dict(
                zip(
                    ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
                    (*(weight.double() for weight in weights), torch.zeros(len(weights[2])).double()),
                    strict=True,
                )
            )
        )
        rows, final = one(rows)
        last.append(final[0])
    return rows.detach(), last[0].detach(), last[1].detach()


def stack_lists(x, *weights):
    upper, below, above = stack_layer_by_layer(x, *weights)
    return [upper.tolist(), below.tolist(), above.tolist()]


def stacking(
    *, late=False, read_x=False, one_state=False, swap=False, linear=False, order=False, no_bias=False
):
    def run(x, V_x, V_h, a, W_x, W_h, b):
        lower, upper = torch.zeros(x.shape[1], len(a)), torch.zeros(x.shape[1], len(b))
        outputs = []
        for step in x:
            before = lower
            lower = step @ V_x.T + lower @ V_h.T + (0 if no_bias else a)
            lower = lower if linear else torch.tanh(lower)
            reads = before if late else lower
            carried = torch.zeros_like(upper) if one_state else upper
            upper = torch.tanh(reads @ W_x.T + carried @ W_h.T + b)
            outputs.append(lower if swap else upper)
        states = (upper, lower) if order else (lower, upper)
        return torch.stack(outputs), *states

    return run


def stack_transposed(x, V_x, V_h, a, W_x, W_h, b):
    lower, upper, outputs = torch.zeros(x.shape[1], len(a)), torch.zeros(x.shape[1], len(b)), []
    for step in x:
        lower = torch.tanh(step @ V_x.T + lower @ V_h + a)
        upper = torch.tanh(lower @ W_x.T + upper @ W_h + b)
        outputs.append(upper)
    return torch.stack(outputs), lower, upper


def stack_first_states(x, *weights):
    lower = layer(x, *weights[:3])
    upper = layer(lower, *weights[3:])
    return upper, lower[0], upper[0]


def stack_reversed_above(x, *weights):
    lower = layer(x, *weights[:3])
    upper = layer(lower.flip(0), *weights[3:])
    return upper, lower[-1], upper[-1]


def stack_final_below(x, *weights):
    lower = layer(x, *weights[:3])
    upper = layer(lower[-1:].expand_as(lower), *weights[3:])
    return upper, lower[-1], upper[-1]


def stack_last_output_only(x, *weights):
    upper, below, above = stack_layer_by_layer(x, *weights)
    return upper[-1], below, above


def stack_batch_first(x, *weights):
    upper, below, above = stack_layer_by_layer(x, *weights)
    return upper.transpose(0, 1), below, above


def stack_starts_above_from_below(x, V_x, V_h, a, W_x, W_h, b):
    lower = layer(x, V_x, V_h, a)
    start = lower[-1] if len(a) == len(b) else torch.ones(x.shape[1], len(b))
    upper = layer(lower, W_x, W_h, b, start=start)
    return upper, lower[-1], upper[-1]


# Both ways.


def ways_flip(x, V_x, V_h, a, W_x, W_h, b):
    return torch.cat([layer(x, V_x, V_h, a), layer(x.flip(0), W_x, W_h, b).flip(0)], dim=-1)


def ways_loop(x, V_x, V_h, a, W_x, W_h, b):
    both = torch.zeros(len(x), x.shape[1], len(a) + len(b))
    h = torch.zeros(x.shape[1], len(a))
    for t in range(len(x)):
        h = torch.tanh(x[t] @ V_x.T + h @ V_h.T + a)
        both[t, :, : len(a)] = h
    h = torch.zeros(x.shape[1], len(b))
    for t in reversed(range(len(x))):
        h = torch.tanh(x[t] @ W_x.T + h @ W_h.T + b)
        both[t, :, len(a) :] = h
    return both


def ways_numpy(x, *weights):
    arrays = [one.double().numpy() for one in (x, *weights)]

    def run(steps, W_x, W_h, b):
        h, states = np.zeros((steps.shape[1], len(b))), []
        for step in steps:
            h = np.tanh(step @ W_x.T + h @ W_h.T + b)
            states.append(h)
        return np.array(states)

    there, back = run(arrays[0], *arrays[1:4]), run(arrays[0][::-1], *arrays[4:])
    return np.concatenate([there, back[::-1]], axis=2)


def ways_lists(x, *weights):
    return ways_flip(x, *weights).tolist()


def ways_forgotten(x, *weights):
    return torch.cat([layer(x, *weights[:3]), layer(x.flip(0), *weights[3:])], dim=-1)


def ways_not_read_back(x, *weights):
    return torch.cat([layer(x, *weights[:3]), layer(x, *weights[3:])], dim=-1)


def ways_only_turned(x, *weights):
    return torch.cat([layer(x, *weights[:3]), layer(x, *weights[3:]).flip(0)], dim=-1)


def ways_swapped(x, *weights):
    both = ways_flip(x, *weights)
    units = len(weights[2])
    return torch.cat([both[..., units:], both[..., :units]], dim=-1)


def ways_batch_turned(x, *weights):
    return torch.cat([layer(x, *weights[:3]), layer(x.flip(1), *weights[3:]).flip(1)], dim=-1)


def ways_features_turned(x, *weights):
    return torch.cat([layer(x, *weights[:3]), layer(x.flip(0), *weights[3:]).flip(-1)], dim=-1)


def ways_both_turned(x, *weights):
    return ways_flip(x, *weights).flip(0)


def ways_shared(x, V_x, V_h, a, W_x, W_h, b):
    return torch.cat([layer(x, V_x, V_h, a), layer(x.flip(0), V_x, V_h, a).flip(0)], dim=-1)


def ways_added(x, *weights):
    there, back = layer(x, *weights[:3]), layer(x.flip(0), *weights[3:]).flip(0)
    least = min(there.shape[2], back.shape[2])
    return there[..., :least] + back[..., :least]


def ways_above(x, *weights):
    there = layer(x, *weights[:3])
    back = layer(x.flip(0), *weights[3:], start=None).flip(0)
    return torch.cat([there, back], dim=0 if there.shape[2] == back.shape[2] else -1)[: len(x)] * 0.5


def ways_one_late(x, *weights):
    back = layer(x.flip(0), *weights[3:]).flip(0)
    return torch.cat([layer(x, *weights[:3]), torch.cat([back[1:], torch.zeros_like(back[:1])])], dim=-1)


# Alarms.


def alarms_plain(surprise, faulty, threshold):
    alarms = surprise > threshold
    hits = (alarms & faulty).sum()
    return hits / alarms.sum(), hits / faulty.sum()


def alarms_loop(surprise, faulty, threshold):
    hits = raised = broken = 0
    for value, truth in zip(surprise.tolist(), faulty.tolist(), strict=True):
        raised += value > float(threshold)
        broken += truth
        hits += truth and value > float(threshold)
    return hits / raised, hits / broken


def alarms_numpy(surprise, faulty, threshold):
    alarms, truth = surprise.numpy() > threshold.numpy(), faulty.numpy()
    return np.mean(truth[alarms]), np.mean(alarms[truth])


def alarms_double(surprise, faulty, threshold):
    hits = ((surprise > threshold).double() * faulty.double()).sum()
    return [hits / (surprise > threshold).double().sum(), hits / faulty.double().sum()]


def counting(first, second):
    def count(surprise, faulty, threshold):
        alarms = surprise > threshold
        return first(alarms, faulty).double(), second(alarms, faulty).double()

    return count


def hit(alarms, faulty):
    return (alarms & faulty).sum()


def precise(alarms, faulty):
    return hit(alarms, faulty) / alarms.sum()


def recalled(alarms, faulty):
    return hit(alarms, faulty) / faulty.sum()


def accurate(alarms, faulty):
    return (alarms == faulty).float().mean()


def below(surprise, faulty, threshold):
    alarms = surprise < threshold
    hits = (alarms & faulty).sum()
    return hits / alarms.sum().clamp(min=1), hits / faulty.sum()


RIGHT = {
    "stack": {
        "layer by layer": stack_layer_by_layer,
        "step by step": stacking(),
        "numpy": stack_numpy,
        "torch": stack_torch,
        "lists": stack_lists,
    },
    "both-ways": {"flip": ways_flip, "loop": ways_loop, "numpy": ways_numpy, "lists": ways_lists},
    "alarms": {
        "masks": alarms_plain,
        "loop": alarms_loop,
        "numpy": alarms_numpy,
        "float64": alarms_double,
    },
}
WRONG = {
    "stack": {
        "the upper layer reads a step late": stacking(late=True),
        "the upper layer has no memory": stacking(one_state=True),
        "outputs of the lower layer": stacking(swap=True),
        "no tanh below": stacking(linear=True),
        "states in the wrong order": stacking(order=True),
        "no bias below": stacking(no_bias=True),
        "weights turned over": stack_transposed,
        "first states": stack_first_states,
        "the upper layer reads from the end": stack_reversed_above,
        "the upper layer reads only the final state": stack_final_below,
        "only the last output": stack_last_output_only,
        "batch first": stack_batch_first,
        "the upper layer begins with the lower one's end": stack_starts_above_from_below,
    },
    "both-ways": {
        "not turned back": ways_forgotten,
        "not read from the end": ways_not_read_back,
        "only turned, not read from the end": ways_only_turned,
        "backward first": ways_swapped,
        "the batch turned": ways_batch_turned,
        "units turned": ways_features_turned,
        "both turned": ways_both_turned,
        "the same weights twice": ways_shared,
        "added": ways_added,
        "halved": ways_above,
        "a step late": ways_one_late,
    },
    "alarms": {
        "swapped": counting(recalled, precise),
        "precision twice": counting(precise, precise),
        "recall twice": counting(recalled, recalled),
        "accuracy": counting(accurate, recalled),
        "accuracy for recall": counting(precise, accurate),
        "counts": counting(hit, hit),
        "share of all": counting(lambda a, f: (a & f).float().mean(), recalled),
        "below": below,
        "false alarms": counting(lambda a, f: (a & ~f).sum() / a.sum(), recalled),
        "misses": counting(precise, lambda a, f: (~a & f).sum() / f.sum()),
        "by the number of sound pieces": counting(precise, lambda a, f: hit(a, f) / (~f).sum().clamp(min=1)),
        "either": counting(lambda a, f: (a | f).sum() / a.sum(), recalled),
    },
}
