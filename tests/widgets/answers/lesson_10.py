"""Answers to the exercises of lesson 10: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def mean(table, numbers, *, rows=None, real=None, by=None):
    there = numbers >= 0
    vectors = table[numbers.clamp(min=0) if rows is None else rows(numbers)]
    vectors = vectors * (there if real is None else real(numbers))[..., None]
    return vectors.sum(0) / (there.sum(0)[:, None] if by is None else by(numbers))


def averaging(**how):
    return lambda table, numbers: mean(table, numbers, **how)


def average_loop(table, numbers):
    return [sum(table[k] for k in column if k >= 0) / int((column >= 0).sum()) for column in numbers.T]


def average_numpy(table, numbers):
    table, numbers = table.numpy(), numbers.numpy()
    return np.stack([table[column[column >= 0]].mean(0) for column in numbers.T])


def average_one_hot(table, numbers):
    counts = torch.stack([(numbers == word).sum(0) for word in range(len(table))], 1).double()
    return counts @ table.double() / counts.sum(1, keepdim=True)


def average_in_place(table, numbers):
    vectors = table[numbers].clone()
    vectors[numbers < 0] = 0
    return vectors.sum(0).div_((numbers >= 0).sum(0)[:, None])


def unit(table):
    return table / table.norm(dim=1, keepdim=True)


def cosines(table, word):
    return unit(table) @ unit(table)[word]


def sort_all(table, word, count):
    found = cosines(table, word)
    found[word] = -2
    return found.argsort(descending=True)[:count]


def nearest_topk(table, word, count):
    found = torch.nn.functional.cosine_similarity(table, table[word][None])
    found[word] = -torch.inf
    return found.topk(count).indices


def nearest_numpy(table, word, count):
    table = table.numpy().astype(float)
    found = table @ table[word] / np.linalg.norm(table, axis=1)
    order = [k for k in np.argsort(-found, kind="stable") if k != word]
    return order[:count]


def nearest_loop(table, word, count):
    def cosine(k):
        return float(table[k] @ table[word] / (table[k].norm() * table[word].norm()))

    return sorted((k for k in range(len(table)) if k != word), key=cosine, reverse=True)[:count]


def nearest_distance(table, word, count):
    # Of unit vectors the nearest by distance are the nearest by angle.
    far = (unit(table) - unit(table)[word]).norm(dim=1)
    far[word] = 9
    return far.argsort()[:count]


def without(table, word, count, found):
    found = found.clone()
    found[word] = -torch.inf
    return found.argsort(descending=True)[:count]


def answer(table, a, b, c, *, target=None, out=None, scale=unit):
    rows = scale(table)
    aim = rows[b] - rows[a] + rows[c] if target is None else target(rows, a, b, c)
    found = unit(table) @ aim
    for word in (a, b, c) if out is None else out(a, b, c):
        found[word] = -torch.inf
    return found.argmax()


def answering(**how):
    return lambda table, a, b, c: answer(table, a, b, c, **how)


def analogy_numpy(table, a, b, c):
    rows = table.numpy() / np.linalg.norm(table.numpy(), axis=1, keepdims=True)
    found = rows @ (rows[b] - rows[a] + rows[c])
    found[[a, b, c]] = -9
    return np.argmax(found)


def analogy_loop(table, a, b, c):
    rows = unit(table.double())
    target = rows[c] + rows[b] - rows[a]
    return max((k for k in range(len(rows)) if k not in (a, b, c)), key=lambda k: float(rows[k] @ target))


def analogy_masked(table, a, b, c):
    rows = unit(table)
    barred = torch.zeros(len(table), dtype=torch.bool)
    barred[torch.tensor([a, b, c])] = True
    return (rows @ (rows[b] - rows[a] + rows[c])).masked_fill(barred, -99).argmax().item()


def broken(table, a, b, c):
    rows = table / table.norm(dim=1, keepdim=True)
    target = rows[b] - rows[a] + rows[c]
    return (rows @ target).argmax()


RIGHT = {
    "average": {
        "masked": mean,
        "loop, a list": average_loop,
        "numpy": average_numpy,
        "counts, float64": average_one_hot,
        "in place on a copy": average_in_place,
    },
    "neighbours": {
        "sorted": sort_all,
        "topk": nearest_topk,
        "numpy, a list": nearest_numpy,
        "loop": nearest_loop,
        "distance of unit vectors": nearest_distance,
    },
    "analogy": {
        "left out": answering(),
        "numpy": analogy_numpy,
        "loop": analogy_loop,
        "masked, a number": analogy_masked,
    },
}

WRONG = {
    "average": {
        "plain mean": lambda table, numbers: table[numbers].mean(0),
        "mean of what is there, divided by all": averaging(by=lambda numbers: len(numbers)),
        "last row for the padding": averaging(
            rows=lambda n: n, real=lambda n: torch.ones_like(n), by=lambda n: (n >= 0).sum(0)[:, None]
        ),
        "first row for the padding": averaging(real=lambda n: torch.ones_like(n)),
        "sum": averaging(by=lambda numbers: 1),
        "divided by the longest": averaging(by=lambda n: (n >= 0).sum(0).max()),
        "divided by the mean length": averaging(by=lambda n: (n >= 0).sum(0).double().mean()),
        "word 0 is taken for padding": averaging(
            real=lambda n: n > 0, by=lambda n: (n > 0).sum(0).clamp(min=1)[:, None]
        ),
        "each word once": lambda table, numbers: torch.stack(
            [table[column[column >= 0].unique()].mean(0) for column in numbers.T]
        ),
        "largest": lambda table, numbers: table[numbers.clamp(min=0)].amax(0),
        "last word": lambda table, numbers: table[
            numbers[(numbers >= 0).sum(0) - 1, torch.arange(numbers.shape[1])]
        ],
        "first sentence for all": lambda table, numbers: mean(table, numbers)[:1].expand(
            numbers.shape[1], -1
        ),
        "(size, batch)": lambda table, numbers: mean(table, numbers).T,
        "over the batch": lambda table, numbers: table[numbers.clamp(min=0)].mean(1),
        "changes the table": lambda table, numbers: mean(table.mul_(1.5), numbers),
    },
    "neighbours": {
        "with itself": lambda table, word, count: cosines(table, word).argsort(descending=True)[:count],
        "the first is left out, with itself or not": lambda table, word, count: (table @ table[word]).argsort(
            descending=True
        )[1 : count + 1],
        "product": lambda table, word, count: without(table, word, count, table @ table[word]),
        "divided by the word's length only": lambda table, word, count: without(
            table, word, count, table @ table[word] / table[word].norm()
        ),
        "farthest": lambda table, word, count: without(table, word, count, -cosines(table, word)),
        "distance": lambda table, word, count: without(
            table, word, count, -(table - table[word]).norm(dim=1)
        ),
        "size of the cosine": lambda table, word, count: without(
            table, word, count, cosines(table, word).abs()
        ),
        "divided by squares": lambda table, word, count: without(
            table, word, count, table @ table[word] / table.square().sum(1)
        ),
        "sum of absolute values": lambda table, word, count: without(
            table, word, count, table @ table[word] / table.abs().sum(1)
        ),
        "upwards": lambda table, word, count: sort_all(table, word, count).flip(0),
        "sorted by number": lambda table, word, count: sort_all(table, word, count).sort().values,
        "cosines": lambda table, word, count: (
            cosines(table, word).sort(descending=True).values[1 : count + 1]
        ),
        "one too many": lambda table, word, count: [*sort_all(table, word, count), 0],
        "one only": lambda table, word, count: sort_all(table, word, 1).expand(count),
        "the first words": lambda table, word, count: torch.arange(count),
        "columns": lambda table, word, count: without(
            table, word, count, table / table.norm(dim=0) @ table[word]
        ),
    },
    "analogy": {
        "broken": broken,
        "only c left out": answering(out=lambda a, b, c: (c,)),
        "only a and b left out": answering(out=lambda a, b, c: (a, b)),
        "b and c left out": answering(out=lambda a, b, c: (b, c)),
        "a and c left out": answering(out=lambda a, b, c: (a, c)),
        "a − b + c": answering(target=lambda r, a, b, c: r[a] - r[b] + r[c]),
        "b + a − c": answering(target=lambda r, a, b, c: r[b] + r[a] - r[c]),
        "c alone": answering(target=lambda r, a, b, c: r[c]),
        "b alone": answering(target=lambda r, a, b, c: r[b]),
        "the sum": answering(target=lambda r, a, b, c: r[a] + r[b] + r[c]),
        "lengths as they are": answering(scale=lambda table: table),
        "farthest": answering(target=lambda r, a, b, c: r[a] - r[b] - r[c]),
        "product, not cosine": lambda table, a, b, c: without(
            table, [a, b, c], 1, table @ (unit(table)[b] - unit(table)[a] + unit(table)[c])
        )[0],
        "a copy of the vector": lambda table, a, b, c: unit(table)[b] - unit(table)[a] + unit(table)[c],
    },
}
