"""Temporal order: clipping and a regulariser against exploding and vanishing gradients.

R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, section
4.1: a tanh network of 50 units must say in which order two symbols came. Plain gradient descent, with the norm of the
gradient clipped, and with a regulariser Ω besides, which asks the gradient to keep its size from step to step. The
paper shows curves, and says in words: clipping extends the length that is solved, and the regulariser extends it
further. Both sentences are judged here, and nothing is read off a curve.

As there: biases zero, input and output weights N(0, 0.01), 15 weights in each row of W_hh, rescaled to a spectral
radius of 0.95; gradient descent with learning rate 0.01, batches of 20, clipped at 1, Ω weighed by 2. Solved means
that fewer than 1 % of 1,000 fresh sequences are answered wrongly. We keep one length fixed in a run (the paper draws
lengths around it), and stop after 25,000 updates (the paper trains for far longer).

The bar: a remedy reaches a length where more than half of the seeds solve it, and one remedy extends another where it
reaches a longer one.

Run it with ``rnnviz prove temporal_order`` (about twenty minutes for four seeds on one core); ``--keep`` writes the
result beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from rnnviz.data.tasks import TemporalOrder
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.initialise import draw_recurrent_matrix
from rnnviz.training import DivergenceError, train

UNITS, RATE, BATCH, CLIP, WEIGHT = 50, 0.01, 20, 1.0, 2.0
UPDATES, EVERY = 25_000, 250
#: Share of wrong answers below which it counts as solved.
SOLVED = 0.01
#: Remedies: whether the gradient is clipped, and how much the regulariser weighs.
REMEDIES: dict[str, tuple[float | None, float]] = {
    "SGD": (None, 0.0),
    "SGD + clip": (CLIP, 0.0),
    "SGD + clip + Ω": (CLIP, WEIGHT),
}
#: What the paper says: the first remedy reaches further than the second.
CLAIMS = {
    "clipping extends it": ("SGD + clip", "SGD"),
    "Ω extends it further": ("SGD + clip + Ω", "SGD + clip"),
}


class OrderNet(nn.Module):
    """A tanh network, step by step, that also returns its states: the regulariser needs the gradient at each.

    Parameters
    ----------
    units : int
        Size of the state, at least 15.
    seed : int
        Of the weights.

    Examples
    --------
    >>> import torch
    >>> answers, states = OrderNet(20)(torch.zeros(7, 3, 6))
    >>> answers.shape, len(states)
    (torch.Size([3, 4]), 7)
    """

    def __init__(self, units: int = UNITS, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)

        def draw(*shape: int) -> nn.Parameter:
            return nn.Parameter(0.01 * torch.randn(*shape, generator=generator))

        self.weight_ih, self.weight_ho = (
            draw(TemporalOrder.features, units),
            draw(units, TemporalOrder.outputs),
        )
        self.weight_hh = nn.Parameter(
            draw_recurrent_matrix(units, "sparse", spectral_radius=0.95, generator=generator)
        )
        self.bias_h = nn.Parameter(torch.zeros(units))
        self.bias_o = nn.Parameter(torch.zeros(TemporalOrder.outputs))

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Read (time, batch, symbol); return (batch, answer) and the state after each step."""
        states = []
        state = inputs.new_zeros(inputs.shape[1], len(self.bias_h))
        for arriving in (inputs @ self.weight_ih + self.bias_h).unbind():
            state = torch.tanh(torch.addmm(arriving, state, self.weight_hh.T))
            states.append(state)
        return states[-1] @ self.weight_ho + self.bias_o, states


def keep_size(weight_hh: Tensor, states: Sequence[Tensor], gradients: Sequence[Tensor]) -> Tensor:
    """Penalise a gradient that changes its size on the way back: the regulariser Ω of the paper.

    For each step, Ω_k = (‖∂L/∂h_{k+1} · ∂h_{k+1}/∂h_k‖ / ‖∂L/∂h_{k+1}‖ − 1)². States and gradients are taken as
    given, so that only W_hh is moved, as in the paper's equation 10.

    Parameters
    ----------
    weight_hh : Tensor, shape (unit, unit)
    states, gradients : sequence of Tensor, shape (batch, unit)
        h_k and ∂L/∂h_k of each step.

    Returns
    -------
    Tensor, a scalar
        The mean over steps and sequences that have a gradient.

    Examples
    --------
    >>> import torch
    >>> still = [torch.zeros(1, 2)] * 3
    >>> keep_size(torch.eye(2), still, [torch.ones(1, 2)] * 3)  # nothing grows, nothing shrinks
    tensor(0.)
    >>> keep_size(0.5 * torch.eye(2), still, [torch.ones(1, 2)] * 3)
    tensor(0.2500)
    """
    later = torch.stack([state.detach() for state in states[1:]])
    arriving = torch.stack(list(gradients[1:]))
    before = (arriving * (1 - later.square())) @ weight_hh
    size = arriving.norm(dim=-1)
    felt = size > 0
    ratio = before.norm(dim=-1)[felt] / size[felt]
    return (ratio - 1).square().mean() if felt.any() else weight_hh.sum() * 0


def train_order(
    steps: int,
    clip: float | None,
    weight: float,
    *,
    seed: int = 0,
    updates: int = UPDATES,
    every: int = EVERY,
) -> int | None:
    """Train one network on one length; return the updates until it was solved, None where it never was."""
    model = OrderNet(seed=seed)
    task = TemporalOrder(steps, BATCH)
    checked, answers = TemporalOrder(steps, 1000)(torch.Generator().manual_seed(10**6))

    def loss(outputs: tuple[Tensor, list[Tensor]], wanted: Tensor) -> Tensor:
        guesses, states = outputs
        wrong = nn.functional.cross_entropy(guesses, wanted)
        if not weight:
            return wrong
        gradients = torch.autograd.grad(wrong, states, retain_graph=True)
        return wrong + weight * keep_size(model.weight_hh, states, gradients)

    training = train(
        model,
        task,
        loss=loss,
        optimiser=lambda parameters: torch.optim.SGD(parameters, lr=RATE),
        steps=updates,
        clip_norm=clip,
        seed=seed,
    )
    try:
        for step in training:
            if (step.number + 1) % every:
                continue
            with torch.no_grad():
                share = float((model(checked)[0].argmax(1) != answers).float().mean())
            if share < SOLVED:
                return step.number + 1
    except DivergenceError:
        return None
    return None


def run(
    seeds: Sequence[int] = (0, 1, 2, 3), lengths: Sequence[int] = (20, 40), updates: int = UPDATES
) -> list[Row]:
    """Train with each remedy, each length and each seed.

    Parameters
    ----------
    seeds : sequence of int
        One training each.
    lengths : sequence of int
        Of the sequences.
    updates : int
        Most updates of a training; fewer than 25,000 bear nothing out.

    Returns
    -------
    list of Row
        See `judge`.
    """
    return judge(
        {
            (length, name): [train_order(length, clip, weight, seed=seed, updates=updates) for seed in seeds]
            for length in lengths
            for name, (clip, weight) in REMEDIES.items()
        }
    )


def judge(after: Mapping[tuple[int, str], Sequence[int | None]]) -> list[Row]:
    """Say which lengths each remedy reaches, and whether the paper's two sentences hold.

    Parameters
    ----------
    after : mapping of (int, str) to sequence of int or None
        By length and remedy, the updates until it was solved, one a seed; None where it never was.

    Returns
    -------
    list of Row
        The seeds that solved each (1 or 0 a seed), which is compared with nothing; then the two claims.

    Examples
    --------
    >>> from rnnviz.experiments.temporal_order import judge
    >>> plain, clipped, both = (20, "SGD"), (20, "SGD + clip"), (20, "SGD + clip + Ω")
    >>> [row.holds for row in judge({plain: [None], clipped: [900], both: [300]})[-2:]]
    [True, False]
    """
    rows, reach = [], dict.fromkeys(REMEDIES, 0)
    for (length, name), found in after.items():
        solved = tuple(float(one is not None) for one in found)
        told = ", ".join("never" if one is None else str(one) for one in found)
        rows.append(Row(f"T={length}, {name}", None, solved, note=f"after {told} updates.", yes=True))
        if sum(solved) > len(solved) / 2:
            reach[name] = max(reach[name], length)
    for claim, (better, worse) in CLAIMS.items():
        holds = reach[better] > reach[worse]
        found_instead = "" if holds else "found instead: "
        note = f"{found_instead}{better} reaches {_say(reach[better])}, {worse} {_say(reach[worse])}."
        rows.append(Row(claim, 1.0, (float(holds),), holds, note, yes=True))
    return rows


def _say(length: int) -> str:
    return f"T={length}" if length else "no length"


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published claims and ours; return 0 where ours bear them out, else 1."""
    settings = {"units": UNITS, "learning_rate": RATE, "batch": BATCH, "updates": UPDATES}
    settings |= {"clip_norm": CLIP, "regulariser": WEIGHT}
    return report("temporal_order", __doc__, run, arguments, seeds=4, settings=settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
