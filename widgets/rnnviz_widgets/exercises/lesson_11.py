"""Exercises of lesson 11, translation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import PADDING, pad_sentences, telephone_pairs
from rnnviz.models import EncoderDecoder, exact_match, learn_pairs, translate_greedily
from rnnviz.training import DivergenceError
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape

#: The challenge: digits of a number, numbers to learn from and to test on, and updates.
DIGITS, LEARNED, TESTED, UPDATES = 8, 4000, 200, 300


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_teach(), _say(), _attend(), _carry()]


def _teach() -> Check:
    def inputs(draw: Draw, steps: int, batch: int) -> tuple[Tensor, int, int]:
        numbers = draw.whole(2, 9, steps, batch)
        lengths = draw.whole(1, steps, batch)
        numbers[torch.arange(steps)[:, None] >= lengths] = PADDING
        # The two signs stand anywhere in the vocabulary.
        go, end = ((0, 1), (1, 0), (10, 11), (11, 0))[int(draw.whole(0, 3, 1))]
        return numbers, go, end

    def fair(numbers: Tensor, go: int, end: int) -> bool:
        real = numbers != PADDING
        ended = bool((real[:-1] >= real[1:]).all()) if len(numbers) > 1 else True
        return (
            bool(real[:1].all())
            and ended
            and go != end
            and not bool(((numbers == go) | (numbers == end)).any())
        )

    def right(numbers: Tensor, go: int, end: int) -> Tensor:
        steps, batch = numbers.shape
        both = torch.full((2, steps + 1, batch), PADDING)
        both[0, 0], both[0, 1:], both[1, :-1] = go, numbers, numbers
        both[1, (numbers != PADDING).sum(0), torch.arange(batch)] = end
        return both

    def shape(both: Tensor, numbers: Tensor, go: int, end: int) -> bool | str:
        return describe_shape((2, len(numbers) + 1, numbers.shape[1]), both) or True

    def given(both: Tensor, numbers: Tensor, go: int, end: int) -> bool | str:
        if (said := shape(both, numbers, go, end)) is not True:
            return said
        return bool((both[0] == right(numbers, go, end)[0]).all()) or (
            f"The first sentence is given as {both[0, :, 0].tolist()}; it is {numbers[:, 0].tolist()}, and <go> is "
            f"{go}."
        )

    return Check(
        "teach",
        lesson="11",
        properties=[
            Property("There are two tables, each a step longer than the sentences.", holds=shape),
            Property("The decoder is given <go>, and then the words.", holds=given),
            Property(
                "It should say the words, and <eos> right after the last one.",
                right,
                advice="Where does each sentence end? Not where the longest does.",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 4, 5), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "At each step, what the decoder should say is what it is given a step later.",
            "`(numbers >= 0).sum(0)` is the length of each sentence: the place at which its <eos> belongs.",
            "Begin with two tables full of −1, and write into them.",
        ],
        then="what would the decoder learn if `given` and `wanted` were the same?",
    )


def say_greedily(table: Any, go: Any, end: Any, longest: Any) -> Any:  # noqa: D103 — word for word what is given
    said = []  # type: ignore[var-annotated]
    word = go
    while len(said) < longest:
        word = int(table[go].argmax())
        said.append(word)
    return said


def _say() -> Check:
    def inputs(draw: Draw, words: int, longest: int) -> tuple[Tensor, int, int, int]:
        go, end = draw.whole(0, 10**6, words).argsort()[:2].tolist()
        return draw(words, words), go, end, longest

    def fair(table: Tensor, go: int, end: int, longest: int) -> bool:
        best = table.topk(2, dim=1).values
        inside = min(go, end) >= 0 and max(go, end) < len(table)
        return inside and go != end and longest >= 1 and bool((best[:, 0] > best[:, 1]).all())

    def right(table: Tensor, go: int, end: int, longest: int) -> list[int]:
        said: list[int] = []
        word = go
        while len(said) < longest:
            word = int(table[word].argmax())
            if word == end:
                break
            said.append(word)
        return said

    def first(found: Any, table: Tensor, go: int, end: int, longest: int) -> bool | str:
        listed = _list(found)
        wanted = right(table, go, end, longest)[:1]
        return (
            listed[:1] == wanted
            or f"{listed} came back; after <go> the likeliest is {int(table[go].argmax())}."
        )

    def silent(found: Any, table: Tensor, go: int, end: int, longest: int) -> bool | str:
        listed = _list(found)
        if len(listed) > longest:
            return f"{len(listed)} words came back, and {longest} were allowed."
        return end not in listed or f"{listed} came back, with <eos>, which is {end}, among the words."

    def whole(found: Any, table: Tensor, go: int, end: int, longest: int) -> bool | str:
        listed, wanted = _list(found), right(table, go, end, longest)
        return listed == wanted or f"{listed} came back; word by word the likeliest are {wanted}."

    return Check(
        "say",
        lesson="11",
        broken=say_greedily,
        properties=[
            Property("It begins with the likeliest word after <go>.", holds=first),
            Property(
                "<eos> is no word of the sentence, and the sentence is no longer than allowed.", holds=silent
            ),
            Property(
                "Each word is the likeliest after the one before, up to <eos>.",
                holds=whole,
                advice="Which row of the table is looked at when the second word is chosen?",
            ),
        ],
        inputs=inputs,
        sizes={"words": (3, 4, 6), "longest": (1, 3, 5)},
        fair=fair,
        hints=[
            "Try it with a table of three words by hand. What does it say second, and third?",
            "What is fed back?",
            "And when does it stop, and does the sign at which it stops belong to the sentence?",
        ],
        then="what would `longest` be good for, if every sentence ended?",
    )


def _list(found: Any) -> list[int]:
    """Read whatever means a list of whole numbers as one."""
    values = found.tolist() if hasattr(found, "tolist") else list(found)
    return [int(value) for value in values]


def _attend() -> Check:
    def inputs(draw: Draw, steps: int, batch: int, units: int) -> tuple[Tensor, Tensor, Tensor]:
        states = draw(steps, batch, units)
        lengths = draw.whole(1, steps, batch)
        return draw(batch, units), states, torch.arange(steps)[:, None] < lengths

    def fair(query: Tensor, states: Tensor, mask: Tensor) -> bool:
        return bool(mask[:1].all())

    def right(query: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        scores = (states * query).sum(-1).masked_fill(~mask, -math.inf)
        context: Tensor = (scores.softmax(0)[..., None] * states).sum(0)
        return context

    def shape(context: Tensor, query: Tensor, states: Tensor, mask: Tensor) -> bool | str:
        return describe_shape(tuple(query.shape), context) or True

    return Check(
        "attend",
        lesson="11",
        properties=[
            Property("There is one vector for each sentence.", holds=shape),
            Property(
                "It is the mean of the states of the real words, weighted by the softmax of their products with the "
                "query.",
                right,
                advice="Over which axis do the weights add up to 1? What is the weight where there is no word?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"steps": (1, 2, 4, 5), "batch": (1, 2, 3), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "`(states * query).sum(-1)` has a score for every word of every sentence: (steps, batch).",
            "A weight of 0 comes from a score of −∞, set *before* the softmax.",
            "The softmax goes over the words of one sentence, which is axis 0.",
        ],
        then="what comes out if the query is all zeros?",
    )


def _carry() -> Challenge:
    return Challenge(
        "carry",
        _measure_numbers,
        0.8,
        measures=f"of {TESTED} new numbers of {DIGITS} digits without a fault",
        marks={"as it is": 0.0},
        seconds=90,
        hints=[
            "What has to fit through a state of 32 numbers? Must all of it go that way?",
            "`EncoderDecoder` has an option that lets its decoder look back.",
            "And more units, once it does.",
        ],
        then="how many digits are too many for yours?",
    )


def _measure_numbers(build: Any) -> Iterator[Score]:
    """Train what the student built on short and long numbers, and test it on long ones."""
    learn = telephone_pairs(LEARNED, 1, DIGITS, seed=5)
    test = telephone_pairs(TESTED, DIGITS, DIGITS, seed=6)
    source, target = learn.vocabularies()
    torch.manual_seed(7)
    model = build(len(source), len(target))
    if not isinstance(model, EncoderDecoder):
        kind = "torch.nn.Module of another kind" if isinstance(model, nn.Module) else type(model).__name__
        raise UnfitError(
            f"`build` returns a {kind}; it should return an EncoderDecoder, or a class made from it."
        )
    numbers, _ = pad_sentences([source.encode(one) for one in test.source])
    training = learn_pairs(model, learn, source, target, seed=7)
    try:
        for number in range(1, UPDATES + 1):
            training.step()
            if number % 25 == 0:
                model.eval()
                share = exact_match(translate_greedily(model, numbers, target, longest=12), test)
                model.train()
                says = f"After {number} updates {share:.0%} of the new numbers are without a fault."
                yield Score(round(share, 3), done=number / UPDATES, says=says)
    except DivergenceError:
        yield Score(math.nan)
