"""Exercises of lesson 07, LSTM, gate by gate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.data import RECALL_WORDS, Recall
from rnnviz.models import measure_recall, recall_loss
from rnnviz.models.recall import draw_checks
from rnnviz.steps import Weights, gru_step, lstm_step
from rnnviz.training import DivergenceError, train
from rnnviz_widgets.challenge import Challenge, Score
from rnnviz_widgets.check import Check
from rnnviz_widgets.properties import Draw, Property, UnfitError, describe_difference, describe_shape

#: The challenge: updates, distances that are learned from, and those that are asked for.
UPDATES, LEARNED = 400, range(4, 21)
ASKED = (4, 6, 10, 15, 20, 30, 40, 60, 80, 120, 160)


def make_exercises() -> list[Check | Challenge]:
    """Return the exercises in the order of the lesson."""
    return [_lstm_step(), _forget_bias(), _gru_step(), _recall_far()]


def _lstm_step() -> Check:
    def inputs(draw: Draw, batch: int, features: int, units: int) -> tuple[Tensor, ...]:
        weights = draw(4 * units, features), draw(4 * units, units), draw(4 * units)
        return draw(batch, features), draw(batch, units), draw(batch, units), *weights

    def fair(x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> bool:
        units = h.shape[1]
        return W_x.shape == (4 * units, x.shape[1]) and W_h.shape == (4 * units, units) and h.shape == c.shape

    def right(x: Tensor, h: Tensor, c: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        step = lstm_step(x, h, c, Weights(W_x, W_h, b, torch.zeros_like(b)))
        return step.hidden, step.cell

    def shapes(pair: tuple[Tensor, Tensor], x: Tensor, h: Tensor, *others: Tensor) -> bool | str:
        for name, state in zip(("h", "c"), pair, strict=True):
            if said := describe_shape(h.shape, state):
                return f"The new {name}: {said}"
        return True

    def kept(pair: tuple[Tensor, Tensor], x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> bool | str:
        if (said := shapes(pair, x, h)) is not True:
            return said
        difference = describe_difference(right(x, h, c, *weights)[1], pair[1], 1e-5)
        return difference is None or f"The new c is another. {difference}"

    def shown(pair: tuple[Tensor, Tensor], x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> bool | str:
        if (said := shapes(pair, x, h)) is not True:
            return said
        difference = describe_difference(right(x, h, c, *weights)[0], pair[0], 1e-5)
        return difference is None or f"The new h is another. {difference}"

    return Check(
        "lstm-step",
        lesson="07",
        properties=[
            Property("Both new states are (batch, units).", holds=shapes, tensors=2),
            Property(
                "c keeps what the forget gate leaves, and takes what the input gate lets in.",
                holds=kept,
                tensors=2,
                advice="Which of the four goes through tanh, and which through σ? The order of the rows is i, f, g, o.",
            ),
            Property(
                "h shows what the output gate lets out.",
                holds=shown,
                tensors=2,
                advice="The output gate stands beside tanh of the new c.",
            ),
        ],
        inputs=inputs,
        sizes={"batch": (1, 2, 3), "features": (1, 2, 4), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "All four sums come from one product with `W_x` and one with `W_h`. How do their rows become four tensors?",
            "Three of the four are valves between 0 and 1; one is content, between −1 and 1.",
            "The new c is needed for the new h; the old h only for the four sums.",
        ],
        then="which weights would you set to 0 so that this cell becomes a plain sum, c + g?",
    )


def _forget_bias() -> Check:
    def inputs(draw: Draw, case: int) -> tuple[Tensor, Tensor]:
        # Between one step and some hundred, and a share that is neither nothing nor all.
        return (10 ** (1 + draw(1)[0].clamp(-1, 1))).round(), 0.5 + 0.4 * draw(1)[0].clamp(-1, 1)

    def fair(steps: Tensor, share: Tensor) -> bool:
        return bool(steps >= 1) and 0.05 < float(share) < 0.95

    def number(bias: Tensor, steps: Tensor, share: Tensor) -> bool | str:
        return describe_shape((), bias) or True

    def left(bias: Tensor, steps: Tensor, share: Tensor) -> bool | str:
        if (said := number(bias, steps, share)) is not True:
            return said
        found = float(torch.sigmoid(bias.double()) ** steps.double())
        if abs(found - float(share)) < 1e-3:
            return True
        return (
            f"With a bias of {float(bias):.3g} the gate stands at {float(torch.sigmoid(bias)):.3g}; after {int(steps)} "
            f"steps {found:.2g} are left, and {float(share):.2g} should be."
        )

    return Check(
        "forget-bias",
        lesson="07",
        broken=faulty_bias,
        properties=[
            Property("It is one number.", holds=number, tensors=1),
            Property(
                "After one step, and after many, the wanted share is left.",
                holds=left,
                tensors=1,
                advice="Put the bias you return into σ, and multiply by that as often as there are steps.",
            ),
        ],
        inputs=inputs,
        sizes={"case": (1, 2, 3, 4, 5, 6)},
        fair=fair,
        hints=[
            "Try it with one step, then with two. For which of them is it right?",
            "What is left after n steps is a power of the gate. Which gate leaves this share after n steps?",
            "The last line turns a gate into a bias, and that is right.",
        ],
        then="which bias keeps half for 100 steps?",
    )


def faulty_bias(steps: Tensor, share: Tensor) -> Tensor:
    """Return the bias with which this share of a cell state is left after so many steps."""
    gate = share / steps
    return torch.log(gate / (1 - gate))


def _gru_step() -> Check:
    def inputs(draw: Draw, batch: int, features: int, units: int) -> tuple[Tensor, ...]:
        weights = draw(3 * units, features), draw(3 * units, units), draw(3 * units), draw(3 * units)
        return draw(batch, features), draw(batch, units), *weights

    def fair(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> bool:
        units = h.shape[1]
        return W_x.shape == (3 * units, x.shape[1]) and W_h.shape == (3 * units, units)

    def right(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
        return gru_step(x, h, Weights(W_x, W_h, b_x, b_h)).hidden

    def shape(new: Tensor, x: Tensor, h: Tensor, *others: Tensor) -> bool | str:
        return describe_shape(h.shape, new) or True

    return Check(
        "gru-step",
        lesson="07",
        properties=[
            Property("The new state is (batch, units).", holds=shape, tensors=1),
            Property(
                "It is PyTorch's GRU.",
                right,
                advice="The reset gate multiplies what comes from h, with its bias, and only in the candidate.",
            ),
        ],
        inputs=inputs,
        sizes={"batch": (1, 2, 3), "features": (1, 2, 4), "units": (1, 2, 3)},
        fair=fair,
        hints=[
            "The three parts of each product are r, z, n, in this order.",
            "Two of them may be added up before they are squashed. The third may not: why?",
            "z says how much of the old state stays.",
        ],
        then="which value of z makes a unit that never changes?",
    )


def _recall_far() -> Challenge:
    return Challenge(
        "recall-far",
        _measure_reach,
        120,
        measures="words between the country and the answer",
        marks={"a forget bias of 1": 60},
        seconds=60,
        hints=[
            "What decides how much of a cell state is left after 120 words, before anything is learned?",
            "PyTorch adds `bias_ih_l0` and `bias_hh_l0`, rows i, f, g, o. Change one under `torch.no_grad()`.",
            "More units take longer, and are not what is missing.",
        ],
        then="how far does your reader get with the opposite: a forget bias of −2?",
    )


def _measure_reach(build: Any) -> Iterator[Score]:
    """Train what the student built on near stories, and find the farthest distance at which nine in ten are right."""
    model = build(len(RECALL_WORDS))
    if not isinstance(model, nn.Module):
        raise UnfitError(f"`build` returns a {type(model).__name__}; it should return a torch.nn.Module.")
    check, _ = Recall(4, 2)(torch.Generator().manual_seed(0))
    logits = model(check)
    if not isinstance(logits, Tensor) or logits.shape != (*check.shape, len(RECALL_WORDS)):
        found = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise UnfitError(
            f"From stories (time, batch) = {tuple(check.shape)} the network makes {found}; it should be logits, "
            f"{(*check.shape, len(RECALL_WORDS))}."
        )
    checks = draw_checks(ASKED, 100)
    training = train(
        model, Recall(LEARNED), loss=recall_loss, learning_rate=0.01, clip_norm=1.0, steps=UPDATES, seed=7
    )
    try:
        for step in training:
            if step.number % 50 == 49:
                reach, says = _find_reach(model, checks)
                yield Score(reach, done=(step.number + 1) / UPDATES, says=says)
    except DivergenceError:
        yield Score(math.nan)


def _find_reach(model: nn.Module, checks: list[tuple[Tensor, Tensor]]) -> tuple[int, str]:
    model.eval()
    shares = measure_recall(model, checks)  # type: ignore[arg-type]
    model.train()
    reach = 0
    for distance, share in zip(ASKED, shares, strict=True):
        if share < 0.9:
            return reach, f"Over {distance} words {share:.0%} of the answers are right."
        reach = distance
    return reach, f"Over {reach} words {shares[-1]:.0%} of the answers are right."
