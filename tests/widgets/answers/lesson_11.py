"""Answers to the exercises of lesson 11: wrong ones as students give them, and right ones in several styles."""

import numpy as np
import torch


def tables(numbers, go, end, *, given=None, at=None, full=-1):
    steps, batch = numbers.shape
    both = torch.full((2, steps + 1, batch), full)
    both[0, 0], both[0, 1:] = go, numbers
    if given is not None:
        both[0] = given(numbers, go, end)
    both[1, :-1] = numbers
    both[1, (numbers >= 0).sum(0) if at is None else at(numbers), torch.arange(batch)] = end
    return both


def teaching(**how):
    return lambda numbers, go, end: tables(numbers, go, end, **how)


def teach_loop(numbers, go, end):
    steps = len(numbers)
    given, wanted = [], []
    for column in numbers.T.tolist():
        words = [word for word in column if word >= 0]
        rest = [-1] * (steps - len(words))
        given.append([go, *words, *rest])
        wanted.append([*words, end, *rest])
    return [list(map(list, zip(*given))), list(map(list, zip(*wanted)))]  # noqa: B905


def teach_numpy(numbers, go, end):
    values = numbers.numpy()
    padded = np.pad(values, ((0, 1), (0, 0)), constant_values=-1)
    first = np.pad(values, ((1, 0), (0, 0)), constant_values=go)
    padded[(values >= 0).sum(0), np.arange(values.shape[1])] = end
    return np.stack([first, padded])


def teach_where(numbers, go, end):
    row = numbers[:1]
    given = torch.cat([torch.full_like(row, go), numbers])
    wanted = torch.cat([numbers, torch.full_like(row, -1)])
    return torch.stack([given, torch.where((wanted < 0) & (given >= 0), end, wanted)])


def say(table, go, end, longest, *, row=None, stop=None, keep_end=False, pick=None):
    said, word = [], go
    while len(said) < longest:
        scores = table[word if row is None else row(word, go, said)]
        word = int(scores.argmax() if pick is None else pick(scores, said))
        if word == end and (stop is None or stop):
            return [*said, word] if keep_end else said
        said.append(word)
    return said


def saying(**how):
    return lambda table, go, end, longest: say(table, go, end, longest, **how)


def say_recursive(table, go, end, longest):
    word = int(table[go].argmax())
    return [] if longest == 0 or word == end else [word, *say_recursive(table, word, end, longest - 1)]


def say_numpy(table, go, end, longest):
    following = np.argmax(table.numpy(), axis=1)
    said = []
    word = following[go]
    while word != end and len(said) < longest:
        said.append(word)
        word = following[word]
    return np.array(said, dtype=int)


def say_broken(table, go, end, longest):
    said = []
    while len(said) < longest:
        said.append(int(table[go].argmax()))
    return said


def look(query, states, mask, *, scores=None, axis=0, fill=-torch.inf, values=None, scale=1.0):
    found = (states * query).sum(-1) if scores is None else scores(query, states)
    weights = (scale * found).masked_fill(~mask, fill).softmax(axis)
    return (weights[..., None] * (states if values is None else values(states))).sum(0)


def looking(**how):
    return lambda query, states, mask: look(query, states, mask, **how)


def look_loop(query, states, mask):
    rows = []
    for k in range(len(query)):
        real = states[mask[:, k], k]
        weights = (real @ query[k]).softmax(0)
        rows.append(weights @ real)
    return torch.stack(rows)


def look_numpy(query, states, mask):
    query, states, mask = query.numpy(), states.numpy(), mask.numpy()
    scores = np.where(mask, np.einsum("tbu,bu->tb", states, query), -np.inf)
    weights = np.exp(scores - scores.max(0))
    weights /= weights.sum(0)
    return np.einsum("tb,tbu->bu", weights, states)


def look_torch(query, states, mask):
    return torch.nn.functional.scaled_dot_product_attention(
        query[:, None], states.transpose(0, 1), states.transpose(0, 1), mask.T[:, None], scale=1.0
    )[:, 0]


RIGHT = {
    "teach": {
        "written into": teaching(),
        "loop, lists": teach_loop,
        "numpy": teach_numpy,
        "where": teach_where,
    },
    "say": {"loop": saying(), "recursive": say_recursive, "numpy": say_numpy},
    "attend": {
        "masked": looking(),
        "loop": look_loop,
        "numpy": look_numpy,
        "torch's own": look_torch,
        "a very low score": looking(fill=-1e30),
    },
}

WRONG = {
    "teach": {
        "<eos> in the last row": teaching(at=lambda numbers: len(numbers)),
        "<eos> on the last word": teaching(at=lambda numbers: (numbers >= 0).sum(0) - 1),
        "<eos> after the longest": teaching(
            at=lambda numbers: (numbers >= 0).sum(0).max().expand(numbers.shape[1])
        ),
        "<eos> after the first sentence's end": teaching(
            at=lambda numbers: (numbers[:, 0] >= 0).sum().expand(numbers.shape[1])
        ),
        "no <go>": teaching(given=lambda n, go, end: torch.cat([n, torch.full_like(n[:1], -1)])),
        "<eos> in place of <go>": teaching(
            given=lambda n, go, end: torch.cat([torch.full_like(n[:1], end), n])
        ),
        "<go> last": teaching(given=lambda n, go, end: torch.cat([n, torch.full_like(n[:1], go)])),
        "<go> everywhere": teaching(given=lambda n, go, end: torch.full((len(n) + 1, n.shape[1]), go)),
        "zeros for nothing": lambda n, go, end: tables(n, go, end).clamp(min=0),
        "padding is <eos>": lambda n, go, end: torch.where(
            (torch.arange(2) == 1)[:, None, None] & (tables(n, go, end) < 0), end, tables(n, go, end)
        ),
        "the other way round": lambda n, go, end: tables(n, go, end).flip(0),
        "both the same": lambda n, go, end: tables(n, go, end)[1:].expand(2, -1, -1),
        "wanted is given": lambda n, go, end: tables(n, go, end)[:1].expand(2, -1, -1),
        "only as long as the sentences": lambda n, go, end: tables(n, go, end)[:, :-1],
        "batch first": lambda n, go, end: tables(n, go, end).transpose(1, 2),
        "no <eos>": lambda n, go, end: torch.stack(
            [tables(n, go, end)[0], torch.cat([n, torch.full_like(n[:1], -1)])]
        ),
        "0 and 1 for the signs": lambda n, go, end: tables(n, 0, 1),
    },
    "say": {
        "broken": say_broken,
        "broken, but it stops": saying(row=lambda word, go, said: go),
        "does not stop": saying(stop=False),
        "keeps <eos>": saying(keep_end=True),
        "columns": lambda table, go, end, longest: say(table.T, go, end, longest),
        "unlikeliest": saying(pick=lambda scores, said: scores.argmin()),
        "second likeliest": saying(pick=lambda scores, said: scores.topk(2).indices[1]),
        "no word twice": saying(
            pick=lambda scores, said: max(
                (k for k in range(len(scores)) if k not in said), key=lambda k: float(scores[k]), default=0
            )
        ),
        "one too many": lambda table, go, end, longest: say(table, go, end, longest + 1),
        "one too few": lambda table, go, end, longest: say(table, go, end, longest - 1),
        "begins with <go>": lambda table, go, end, longest: [go, *say(table, go, end, longest)][:longest],
        "begins after <eos>": lambda table, go, end, longest: say(table, end, go, longest),
        "never says <eos>": saying(pick=lambda scores, said: scores[:-1].argmax()),
        "one word": lambda table, go, end, longest: say(table, go, end, 1),
        "nothing": lambda table, go, end, longest: [],
        "largest size": saying(pick=lambda scores, said: scores.abs().argmax()),
    },
    "attend": {
        "no mask": lambda query, states, mask: look(query, states, torch.ones_like(mask)),
        "over the batch": looking(axis=1),
        "mask of 0": looking(fill=0.0),
        "masked after": lambda query, states, mask: (
            ((states * query).sum(-1).softmax(0) * mask)[..., None] * states
        ).sum(0),
        "the mask turned round": lambda query, states, mask: look(query, states, ~mask),
        "uniform": looking(scale=0.0),
        "scaled": looking(scale=0.5),
        "only the best": looking(scale=1e4),
        "minus": looking(scale=-1.0),
        "size of the score": looking(scores=lambda query, states: (states * query).sum(-1).abs()),
        "cosine": looking(scores=lambda query, states: torch.cosine_similarity(states, query[None], dim=-1)),
        "the last state": lambda query, states, mask: states[mask.sum(0) - 1, torch.arange(len(query))],
        "a sum": lambda query, states, mask: (((states * query).sum(-1) * mask)[..., None] * states).sum(0),
        "with the query": lambda query, states, mask: look(query, states, mask) + query,
        "the mean": lambda query, states, mask: (states * mask[..., None]).sum(0) / mask.sum(0)[:, None],
        "the first query for all": lambda query, states, mask: look(query[:1].expand_as(query), states, mask),
        "weights of each unit": lambda query, states, mask: (
            (states * query).masked_fill(~mask[..., None], -torch.inf).softmax(0) * states
        ).sum(0),
    },
}
