"""Exercises of lesson 10, words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import PADDING, Words, made_up_reviews, pad_sentences
from rnnviz.models import sentiment_loss
from rnnviz.training import DivergenceError, train
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_shape

#: The challenge: reviews to learn from, of so many, and updates.
LEARNED, REVIEWS, UPDATES = 200, 1500, 400


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_average(), _neighbours(), _analogy(), _learn_from_few()]


def _draw_table(draw: Draw, words: int, size: int) -> Tensor:
    """Draw vectors of different lengths, none of which is all zeros: such a one has no direction."""
    table = draw(words, size)
    table[:, 0] += (table == 0).all(1)
    return table


def _average() -> Check:
    def inputs(draw: Draw, words: int, size: int, steps: int, batch: int) -> tuple[Tensor, Tensor]:
        numbers = draw.whole(0, words - 1, steps, batch)
        lengths = draw.whole(1, steps, batch)
        numbers[torch.arange(steps)[:, None] >= lengths] = PADDING
        # The last word is the one that −1 would pick.
        return _draw_table(draw, words, size), numbers

    def fair(table: Tensor, numbers: Tensor) -> bool:
        real = numbers != PADDING
        ended = (real[:-1] >= real[1:]).all() if len(numbers) > 1 else torch.tensor(True)
        return bool(real[:1].all()) and bool(ended) and int(numbers.max()) < len(table)

    def right(table: Tensor, numbers: Tensor) -> Tensor:
        real = (numbers != PADDING)[..., None]
        vectors: Tensor = (table[numbers.clamp(min=0)] * real).sum(0) / real.sum(0)
        return vectors

    def shape(averages: Tensor, table: Tensor, numbers: Tensor) -> bool | str:
        return describe_shape((numbers.shape[1], table.shape[1]), averages) or True

    return Check(
        "average",
        lesson="10",
        properties=[
            Property("There is one vector for each sentence.", holds=shape),
            Property(
                "It is the average of the vectors of its words, and of nothing else.",
                right,
                advice="What becomes of the places where a sentence has ended, in the sum and in what you divide by?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"words": (2, 4), "size": (1, 2, 3), "steps": (1, 2, 4, 5), "batch": (1, 2, 3)},
        fair=fair,
        hints=[
            "`table[numbers]` looks up all words at once. Which row does −1 pick?",
            "Set what is not there to zero before you add up: where is `numbers >= 0`?",
            "Each sentence has a length of its own, and its sum is divided by that.",
        ],
        then="would two sentences with the same words in another order have the same average?",
    )


def _cosines(table: Tensor, target: Tensor) -> Tensor:
    lengths = table.double().norm(dim=1) * target.double().norm()
    cosines: Tensor = (table.double() @ target.double()) / lengths.clamp_min(1e-12)
    return cosines


def _neighbours() -> Check:
    def inputs(draw: Draw, words: int, size: int, count: int) -> tuple[Tensor, int, int]:
        return _draw_table(draw, words, size), int(draw.whole(0, words - 1, 1)), min(count, words - 1)

    def fair(table: Tensor, word: int, count: int) -> bool:
        return bool((table.norm(dim=1) > 0).all()) and 0 <= word < len(table) and 1 <= count < len(table)

    def whole(found: Tensor, table: Tensor, word: int, count: int) -> bool | str:
        if said := describe_shape((count,), found):
            return said
        if not torch.equal(found, found.round()) or found.min() < 0 or found.max() >= len(table):
            return f"{found.tolist()} came back; they must be numbers of rows, from 0 to {len(table) - 1}."
        if len(set(found.tolist())) < count:
            return f"{found.long().tolist()} came back: a word comes more than once."
        return True

    def others(found: Tensor, table: Tensor, word: int, count: int) -> bool | str:
        if (said := whole(found, table, word, count)) is not True:
            return said
        return word not in found.long().tolist() or f"Word {word} itself is among its neighbours."

    def nearest(found: Tensor, table: Tensor, word: int, count: int) -> bool | str:
        if (said := others(found, table, word, count)) is not True:
            return said
        cosines = _cosines(table, table[word])
        chosen = found.long().tolist()
        left = [number for number in range(len(table)) if number != word and number not in chosen]
        # Words that are equally near may stand in any order.
        for number in left:
            least = min(chosen, key=lambda one: float(cosines[one]))
            if cosines[number] > cosines[least] + 1e-5:
                return (
                    f"Word {number} is nearer (cosine {float(cosines[number]):.2f}) than word {least} "
                    f"({float(cosines[least]):.2f}), and was left out."
                )
        for before, after in pairwise(chosen):
            if cosines[after] > cosines[before] + 1e-5:
                return (
                    f"Word {after} (cosine {float(cosines[after]):.2f}) stands after word {before} "
                    f"({float(cosines[before]):.2f}), which is farther."
                )
        return True

    return Check(
        "neighbours",
        lesson="10",
        properties=[
            Property("There are `count` different numbers of rows.", holds=whole),
            Property("The word itself is not among them.", holds=others),
            Property(
                "They are the nearest by their angle, in falling order.",
                holds=nearest,
                advice="A long vector has a large product with everything. What does the cosine divide by?",
            ),
        ],
        returns="tensor",
        inputs=inputs,
        sizes={"words": (2, 3, 5, 7), "size": (2, 1, 3), "count": (1, 2, 4)},
        fair=fair,
        hints=[
            "Bring every vector to length 1 first. What is then left to do for a cosine?",
            "Which word has the largest cosine of all with a word? Take care of it before you sort.",
            "`argsort` sorts upwards unless it is told otherwise.",
        ],
        then="which words would come first if you left out the division?",
    )


def answer_analogy(table: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: D103 — word for word what the student is given
    unit = table / table.norm(dim=1, keepdim=True)
    target = unit[b] - unit[a] + unit[c]
    return (unit @ target).argmax()


def _analogy() -> Check:
    def inputs(draw: Draw, words: int, size: int) -> tuple[Tensor, int, int, int]:
        table = _draw_table(draw, words, size)
        a, b, c = draw.whole(0, 10**6, words).argsort()[:3].tolist()
        return table, a, b, c

    def fair(table: Tensor, a: int, b: int, c: int) -> bool:
        inside = min(a, b, c) >= 0 and max(a, b, c) < len(table)
        return bool((table.norm(dim=1) > 0).all()) and inside and len({a, b, c}) == 3 and len(table) > 3

    def another(found: int, table: Tensor, a: int, b: int, c: int) -> bool | str:
        if not 0 <= found < len(table):
            return f"{found} is no row of the table; they go from 0 to {len(table) - 1}."
        names = {a: "a", b: "b", c: "c"}
        return found not in names or f"Word {found} came back, which is {names[found]} of the question."

    def nearest(found: int, table: Tensor, a: int, b: int, c: int) -> bool | str:
        if (said := another(found, table, a, b, c)) is not True:
            return said
        unit = table.double() / table.double().norm(dim=1, keepdim=True)
        target = unit[b] - unit[a] + unit[c]
        if target.norm() < 1e-6:
            return True
        cosines = _cosines(table, target)
        cosines[[a, b, c]] = -math.inf
        best = int(cosines.argmax())
        return bool(cosines[found] > cosines[best] - 1e-5) or (
            f"Word {found} came back, with a cosine of {float(cosines[found]):.2f}; word {best} has "
            f"{float(cosines[best]):.2f}."
        )

    return Check(
        "analogy",
        lesson="10",
        broken=answer_analogy,
        properties=[
            Property("The answer is another word than the three of the question.", holds=another),
            Property(
                "It is the nearest to b − a + c, all three brought to length 1.",
                holds=nearest,
                advice="Which words are left to be chosen from?",
            ),
        ],
        returns="whole number",
        inputs=inputs,
        sizes={"words": (4, 5, 7), "size": (2, 3, 1)},
        fair=fair,
        hints=[
            "Try it with any three words. Who answers, most of the time?",
            "If the way from a to b is short, where does one arrive, starting at c?",
            "Before `argmax` chooses, some words must be out of the race.",
        ],
        then="how many of the 110 questions does it answer as it was, broken?",
    )


def _learn_from_few() -> Challenge:
    return Challenge(
        "learn-from-few",
        _measure_judgement,
        0.85,
        measures="of 1,300 new reviews judged rightly",
        marks={"an average of word vectors": 0.67, "SentimentModel as it is": 0.73},
        seconds=60,
        hints=[
            "After 400 updates all 200 are known by heart. What keeps a network from learning by heart?",
            "A word that comes twice in training is learned from two sentences. Should the verdict hang on it alone?",
            "`torch.nn.Dropout` on the vectors, on the state, or on both; and more numbers for what is left.",
        ],
        then="and with 100 reviews?",
    )


def _measure_judgement(build: Any) -> Iterator[Score]:
    """Train what the student built on a few reviews, and let it judge the others."""
    learn, test = made_up_reviews(REVIEWS).split(LEARNED / REVIEWS, seed=3)
    words = Words(made_up_reviews(REVIEWS).sentences)
    numbers, others = (
        pad_sentences([words.encode(one) for one in part.sentences])[0] for part in (learn, test)
    )
    wanted, truth = torch.tensor(learn.positive).float(), torch.tensor(test.positive)
    torch.manual_seed(7)
    model = build(len(words))
    if not isinstance(model, nn.Module):
        raise UnfitError(f"`build` returns a {type(model).__name__}; it should return a torch.nn.Module.")
    logits = model(numbers[:, :2])
    if not isinstance(logits, Tensor) or logits.shape != (2,):
        found = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise UnfitError(f"From two sentences the network makes {found}; it should be two logits, (2,).")
    training = train(
        model,
        (numbers, wanted),
        loss=sentiment_loss,
        learning_rate=0.005,
        batch=32,
        clip_norm=1.0,
        steps=UPDATES,
        seed=7,
    )
    try:
        for step in training:
            if step.number % 50 == 49:
                model.eval()
                with torch.no_grad():
                    share = float(((model(others) > 0) == truth).double().mean())
                model.train()
                says = f"After {step.number + 1} updates {share:.0%} of the new reviews are judged rightly."
                yield Score(round(share, 3), done=(step.number + 1) / UPDATES, says=says)
    except DivergenceError:
        yield Score(math.nan)
