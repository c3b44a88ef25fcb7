"""Answers to the exercises of lesson 06: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def carry(W, states, last, *, slope=None, weights=None, used=None):
    gradients = [last]
    for t in range(len(states) - 1, 0, -1):
        h = states[t] if used is None else used(states, t)
        factor = 1 - h**2 if slope is None else slope(h)
        gradients.insert(0, (W.T if weights is None else weights(W)) @ (factor * gradients[0]))
    return torch.stack(gradients)


def carrying(**how):
    return lambda W, states, last: carry(W, states, last, **how)


def carry_numpy(W, states, last):
    W, states = W.numpy(), states.numpy()
    gradients = np.empty_like(states)
    gradients[-1] = last.numpy()
    for t in range(len(states) - 2, -1, -1):
        gradients[t] = (gradients[t + 1] * (1 - states[t + 1] ** 2)) @ W
    return gradients


def carry_jacobians(W, states, last):
    gradients = [last.double()]
    for h in states[1:].flip(0).double():
        jacobian = torch.diag(1 - h**2) @ W.double()
        gradients.append(jacobian.T @ gradients[-1])
    return gradients[::-1]


def carry_in_place(W, states, last):
    gradients = torch.zeros_like(states)
    gradients[-1] += last
    for t in reversed(range(1, len(states))):
        gradients[t - 1] = gradients[t].mul(1 - states[t].square()) @ W
    return gradients


def weights_first(W, states, last):
    gradients = [last]
    for h in reversed(states[1:]):
        gradients.insert(0, (1 - h**2) * (W.T @ gradients[0]))
    return torch.stack(gradients)


def carried_twice(W, states, last):
    gradients = [last]
    for h in reversed(states[1:]):
        gradients.insert(0, gradients[0] + W.T @ ((1 - h**2) * gradients[0]))
    return torch.stack(gradients)


def length_of(gradients):
    return torch.cat([gradient.reshape(-1) for gradient in gradients]).norm()


def clip(gradients, longest):
    factor = min(1.0, longest / max(float(length_of(gradients)), 1e-12))
    return [factor * gradient for gradient in gradients]


def clip_numpy(gradients, longest):
    arrays = [gradient.numpy() for gradient in gradients]
    length = np.sqrt(sum((array**2).sum() for array in arrays))
    return tuple(array / max(1.0, length / longest) for array in arrays)


def clip_in_place(gradients, longest):
    copies = [gradient.double().clone() for gradient in gradients]
    if (length := length_of(copies)) > longest:
        for copy in copies:
            copy.mul_(longest / length)
    return [copy.tolist() for copy in copies]


def clip_torchs(gradients, longest):
    weights = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(weights, longest)
    return [weight.grad for weight in weights]


def clip_each(gradients, longest):
    return [gradient * min(1.0, longest / max(float(gradient.norm()), 1e-12)) for gradient in gradients]


def clip_spoiling(gradients, longest):
    factor = min(1.0, longest / max(float(length_of(gradients)), 1e-12))
    for gradient in gradients:
        gradient *= factor
    return gradients


def adding(values, first, second, *, mark=1.0, product=False, sums=None):
    markers = torch.zeros_like(values)
    lists = torch.arange(values.shape[1])
    markers[first, lists] = mark
    markers[second, lists] = mark
    total = (values * (markers != 0)).sum(0)
    if product:
        total = values[first, lists] * values[second, lists]
    return torch.stack([values, markers], dim=-1), total if sums is None else sums(
        values, first, second, lists
    )


def adding_numpy(values, first, second):
    values, first, second = values.numpy(), first.numpy(), second.numpy()
    markers = (np.arange(len(values))[:, None] == first) | (np.arange(len(values))[:, None] == second)
    return np.dstack([values, markers]), np.where(markers, values, 0).sum(axis=0)


def adding_loops(values, first, second):
    steps, batch = values.shape
    inputs = [
        [[float(values[t, k]), float(t in (int(first[k]), int(second[k])))] for k in range(batch)]
        for t in range(steps)
    ]
    return [inputs, [values[first[k], k] + values[second[k], k] for k in range(batch)]]


def adding_double(values, first, second):
    inputs, sums = adding(values.double(), first, second)
    return inputs, sums.float()


def markers_everywhere(values, first, second):
    markers = torch.zeros_like(values)
    markers[first] = 1.0
    markers[second] = 1.0
    return torch.stack([values, markers], dim=-1), (values * markers).sum(0)


def first_twice(values, first, second):
    return adding(values, first, first)


def values_masked(values, first, second):
    inputs, sums = adding(values, first, second)
    return torch.stack([inputs[..., 0] * inputs[..., 1], inputs[..., 1]], dim=-1), sums


def spoils_values(values, first, second):
    inputs, sums = adding(values, first, second)
    values *= inputs[..., 1]
    return inputs, sums


def order(symbols):
    answers = []
    for string in symbols.T:
        first, second = string[string < 2]
        answers.append(2 * first + second)
    return torch.stack(answers)


def order_numpy(symbols):
    strings = symbols.numpy().T
    pairs = strings[strings < 2].reshape(-1, 2)
    return pairs @ np.array([2, 1])


def order_loops(symbols):
    answers = []
    for k in range(symbols.shape[1]):
        found = [int(symbol) for symbol in symbols[:, k] if symbol < 2]
        answers.append(["AA", "AB", "BA", "BB"].index("".join("AB"[symbol] for symbol in found)))
    return answers


def order_of(code):
    def answer(symbols):
        return torch.stack([code(*string[string < 2]) for string in symbols.T])

    return answer


def fixed_gap(symbols):
    """Know where the first is, and take the second to be two steps later."""
    places = (symbols < 2).long().argmax(0)
    lists = torch.arange(symbols.shape[1])
    later = (places + 2).clamp(max=len(symbols) - 1)
    return 2 * symbols[places, lists] + symbols[later, lists].clamp(max=1)


def neighbours(symbols):
    places = (symbols < 2).long().argmax(0)
    lists = torch.arange(symbols.shape[1])
    return 2 * symbols[places, lists] + symbols[(places + 1).clamp(max=len(symbols) - 1), lists].clamp(max=1)


def ends(symbols):
    return 2 * symbols[0].clamp(max=1) + symbols[-1].clamp(max=1)


def horizon(curve, fraction=0.01):
    for d, left in enumerate(curve):
        if left < fraction * curve[0]:
            return d
    return len(curve)


def horizon_numpy(curve, fraction=0.01):
    below = curve.numpy() < fraction * curve.numpy()[0]
    return np.argmax(below) if below.any() else np.int64(len(curve))


def horizon_while(curve, fraction=0.01):
    values, d = curve.double().tolist(), 0
    while d < len(values) and values[d] >= fraction * values[0]:
        d += 1
    return float(d)


def horizon_tensor(curve, fraction=0.01):
    return (curve >= fraction * curve[0]).long().cumprod(0).sum()


def line_of(line, *, strict=True, default=len):
    def answer(curve, fraction=0.01):
        for d, left in enumerate(curve):
            if left < line(curve, fraction) or (not strict and left == line(curve, fraction)):
                return d
        return default(curve)

    return answer


def last_below(curve, fraction=0.01):
    below = (curve < fraction * curve[0]).nonzero()
    return int(below[-1]) if len(below) else len(curve)


def last_above(curve, fraction=0.01):
    return int((curve >= fraction * curve[0]).nonzero()[-1]) + 1


def searched(curve, fraction=0.01):
    return int(torch.searchsorted(-curve, -fraction * curve[0], right=True))


RIGHT = {
    "carry-back": {
        "list": carry,
        "numpy": carry_numpy,
        "jacobians, float64": carry_jacobians,
        "in place on its own": carry_in_place,
        "transposed the other way": lambda W, states, last: carry(W, states, last, weights=lambda W: W.t()),
    },
    "clip": {
        "one factor": clip,
        "numpy, a tuple": clip_numpy,
        "in place on copies, lists": clip_in_place,
        "torch's": clip_torchs,
    },
    "adding": {
        "stacked": adding,
        "numpy": adding_numpy,
        "loops, lists": adding_loops,
        "float64 and float32": adding_double,
    },
    "order": {
        "stacked": order,
        "numpy": order_numpy,
        "loops, list": order_loops,
        "floats": lambda symbols: order(symbols).double(),
        "one line": lambda symbols: symbols.T[symbols.T < 2].reshape(-1, 2) @ torch.tensor([2, 1]),
    },
    "horizon": {
        "loop": horizon,
        "numpy": horizon_numpy,
        "while, a float": horizon_while,
        "tensor": horizon_tensor,
        "next": lambda curve, fraction: next(
            (d for d in range(len(curve)) if curve[d] < fraction * curve[0]), len(curve)
        ),
    },
}

WRONG = {
    "carry-back": {
        "slope 1 − |h| / 2": carrying(slope=lambda h: 1 - h.abs() / 2),
        "slope 1 − h": carrying(slope=lambda h: 1 - h),
        "slope 1 + h²": carrying(slope=lambda h: 1 + h**2),
        "slope h": carrying(slope=lambda h: h),
        "no slope": carrying(slope=lambda h: torch.ones_like(h)),
        "slope of the sigmoid": carrying(slope=lambda h: h * (1 - h)),
        "not transposed": carrying(weights=lambda W: W),
        "absolute weights": carrying(weights=lambda W: W.T.abs()),
        "state before": carrying(used=lambda states, t: states[t - 1]),
        "last state always": carrying(used=lambda states, t: states[-1]),
        "weights first": weights_first,
        "added to what was": carried_twice,
        "time turned": lambda *given: carry(*given).flip(0),
        "last left out": lambda *given: carry(*given)[:-1],
        "first only": lambda *given: carry(*given)[0],
        "one too many": lambda W, states, last: carry(W, torch.cat([states[:1], states]), last),
        "turned round": lambda *given: -carry(*given),
        "the same everywhere": lambda W, states, last: last.expand_as(states),
        "states forwards": lambda W, states, last: carry(W, states.flip(0), last),
    },
    "clip": {
        "as it was given": lambda gradients, longest: [g * longest / g.norm() for g in gradients],
        "each by itself": clip_each,
        "always as long as allowed": lambda gradients, longest: [
            g * longest / length_of(gradients) for g in gradients
        ],
        "never": lambda gradients, longest: gradients,
        "values": lambda gradients, longest: [g.clamp(-longest, longest) for g in gradients],
        "smaller values": lambda gradients, longest: [g.clamp(-0.5, 0.5) for g in gradients],
        "sum of the lengths": lambda gradients, longest: [
            g * min(1.0, longest / max(1e-12, sum(float(one.norm()) for one in gradients))) for g in gradients
        ],
        "longest of the lengths": lambda gradients, longest: [
            g * min(1.0, longest / max(1e-12, *(float(one.norm()) for one in gradients), 1e-12))
            for g in gradients
        ],
        "squared length": lambda gradients, longest: [
            g * min(1.0, longest / max(1e-12, float(length_of(gradients)) ** 2)) for g in gradients
        ],
        "first only": lambda gradients, longest: [clip(gradients, longest)[0], *gradients[1:]],
        "of the first's length": lambda gradients, longest: [
            g * min(1.0, longest / max(1e-12, float(gradients[0].norm()))) for g in gradients
        ],
        "dropped": lambda gradients, longest: [
            g if length_of(gradients) <= longest else torch.zeros_like(g) for g in gradients
        ],
        "largest number": lambda gradients, longest: [
            g * min(1.0, longest / max(1e-12, max(float(one.abs().max()) for one in gradients)))
            for g in gradients
        ],
        "turned round": lambda gradients, longest: [-g for g in clip(gradients, longest)],
        "to one": lambda gradients, longest: clip(gradients, 1.0),
        "its own argument changed": clip_spoiling,
        "one tensor": lambda gradients, longest: torch.cat([g.reshape(-1) for g in clip(gradients, longest)]),
    },
    "adding": {
        "first twice": first_twice,
        "whole steps marked": markers_everywhere,
        "marked with 2": lambda *given: adding(*given, mark=2.0),
        "product": lambda *given: adding(*given, product=True),
        "sum of all": lambda *given: adding(*given, sums=lambda values, *_: values.sum(0)),
        "mean": lambda *given: adding(
            *given,
            sums=lambda values, first, second, lists: (values[first, lists] + values[second, lists]) / 2,
        ),
        "difference": lambda *given: adding(
            *given, sums=lambda values, first, second, lists: values[second, lists] - values[first, lists]
        ),
        "sum of the places": lambda *given: adding(
            *given, sums=lambda values, first, second, lists: (first + second).float()
        ),
        "absolute": lambda *given: adding(
            *given,
            sums=lambda values, first, second, lists: (
                values[first, lists].abs() + values[second, lists].abs()
            ),
        ),
        "features turned": lambda *given: (adding(*given)[0].flip(-1), adding(*given)[1]),
        "features first": lambda *given: (adding(*given)[0].permute(2, 0, 1), adding(*given)[1]),
        "batch first": lambda *given: (adding(*given)[0].transpose(0, 1), adding(*given)[1]),
        "values only where marked": values_masked,
        "one step later": lambda values, first, second: adding(
            values, (first + 1) % len(values), (second + 1) % len(values)
        ),
        "sums in a column": lambda *given: (adding(*given)[0], adding(*given)[1][:, None]),
        "one sum": lambda *given: (adding(*given)[0], adding(*given)[1].sum()),
        "inputs only": lambda *given: adding(*given)[0],
        "its own argument changed": spoils_values,
        "marks of the first list": lambda values, first, second: adding(
            values, first[:1].expand_as(first), second[:1].expand_as(second)
        ),
    },
    "order": {
        "fixed gap": fixed_gap,
        "neighbours": neighbours,
        "ends": ends,
        "turned round": order_of(lambda first, second: first + 2 * second),
        "counted": order_of(lambda first, second: first + second),
        "first only": order_of(lambda first, second: 2 * first),
        "second only": order_of(lambda first, second: second),
        "three for one": order_of(lambda first, second: 3 * first + second),
        "from 1": order_of(lambda first, second: 2 * first + second + 1),
        "different or not": order_of(lambda first, second: (first != second).long()),
        "AB and BA alike": order_of(lambda first, second: first + second + (first & second)),
        "from the end": order_of(lambda first, second: 3 - 2 * first - second),
        "one string": lambda symbols: order(symbols)[0],
        "chatter counted too": lambda symbols: torch.stack(
            [2 * string[0] + string[1] for string in symbols.T]
        ),
        "A forgotten": lambda symbols: torch.stack([(string == 1).sum() for string in symbols.T]),
        "batch for time": lambda symbols: torch.stack([(string < 2).sum() for string in symbols]),
        "letters": lambda symbols: [["AA", "AB", "BA", "BB"][answer] for answer in order(symbols)],
    },
    "horizon": {
        "of the largest": line_of(lambda curve, fraction: fraction * curve.max()),
        "of 1": line_of(lambda curve, fraction: fraction),
        "of the last": line_of(lambda curve, fraction: fraction * curve[-1]),
        "of the mean": line_of(lambda curve, fraction: fraction * curve.mean()),
        "on the line too": line_of(lambda curve, fraction: fraction * curve[0], strict=False),
        "−1 where never": line_of(lambda curve, fraction: fraction * curve[0], default=lambda curve: -1),
        "last place where never": line_of(
            lambda curve, fraction: fraction * curve[0], default=lambda curve: len(curve) - 1
        ),
        "nothing where never": line_of(
            lambda curve, fraction: fraction * curve[0], default=lambda curve: None
        ),
        "always one half": line_of(lambda curve, fraction: 0.5 * curve[0]),
        "searched": searched,
        "last below": last_below,
        "last above": last_above,
        "smallest": lambda curve, fraction: int(curve.argmin()),
        "counted": lambda curve, fraction: int((curve >= fraction * curve[0]).sum()),
        "one later": lambda curve, fraction: horizon(curve, fraction) + 1,
        "one earlier": lambda curve, fraction: max(0, horizon(curve, fraction) - 1),
        "what is left": lambda curve, fraction: curve[min(horizon(curve, fraction), len(curve) - 1)],
        "length": lambda curve, fraction: len(curve),
        "all of them": lambda curve, fraction: (curve < fraction * curve[0]).nonzero()[:, 0],
    },
}
