"""Right words or own ones in training: how a translator copes with its own errors, for three shares of right words.

In use a decoder is given its own last word, in training the right one: it never learns what to do after an error. S.
Bengio, O. Vinyals, N. Jaitly and N. Shazeer (2015) therefore give it its own word now and then, and report better
captions and parses. What is tested here is that claim on the made-up pairs of the course: a fifth of them to learn
from, so that there are errors; a GRU of 48 units on either side, read backwards, with attention, Adam with a learning
rate of 0.01, 64 sentences an update, 120 updates. The share of right words is the same from the first update to the
last, 1, 0.5 or 0.

Measured on the others: sentences without a fault; and words right where all words before are given rightly, and
where they are its own. The difference of the last two is the *exposure bias*. Claimed, before the run: with a share of
1/2 more sentences are without a fault than with 1, and the difference is smaller (medians over the seeds).

Run it with ``rnnviz prove teacher_forcing`` (half a minute a seed); ``--keep`` writes the result beside it.

References
----------
S. Bengio, O. Vinyals, N. Jaitly and N. Shazeer, "Scheduled sampling for sequence prediction with recurrent neural
networks", NeurIPS 2015; R. J. Williams and D. Zipser, "A learning algorithm for continually running fully recurrent
neural networks", Neural Computation 1 (1989), who name teacher forcing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median

import torch

from rnnviz.data.pairs import END, Pairs, made_up_pairs, stack_pairs
from rnnviz.data.words import PADDING, Words
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.encoder_decoder import EncoderDecoder, translate_greedily
from rnnviz.models.translator_race import TranslatorRace, exact_match

__all__ = ["measure_words", "run"]

SHARES = (1.0, 0.5, 0.0)
UPDATES = 120
LEARNED = 0.2


def measure_words(
    model: EncoderDecoder, pairs: Pairs, source: Words, target: Words
) -> tuple[float, float, float]:
    """Measure sentences without a fault, and words, given the right words before and given its own.

    Parameters
    ----------
    model : EncoderDecoder
    pairs : Pairs
        To measure on.
    source, target : Words
        The vocabularies.

    Returns
    -------
    exact, given, own : float
        Shares from 0 to 1. A word is right if it stands at its place; the end counts as a word.
    """
    inputs, wanted = stack_pairs(pairs, source, target)
    model.eval()
    with torch.no_grad():
        there = wanted != PADDING
        given = float((model(inputs).argmax(-1) == wanted)[there].float().mean())
    said = translate_greedily(model, inputs[..., 0], target)
    places = right = 0
    for one, other in zip(said, pairs.target, strict=True):
        mine, truth = [*one, END], [*other, END]
        places += len(truth)
        right += sum(a == b for a, b in zip(mine, truth, strict=False))
    return exact_match(said, pairs), given, right / places


def run(seeds: Sequence[int] = (0, 1, 2), updates: int = UPDATES) -> list[Row]:
    """Train with each share and each seed.

    Parameters
    ----------
    seeds : sequence of int
    updates : int
        Of each.

    Returns
    -------
    list of Row
        Three for each share.
    """
    pairs = made_up_pairs()
    found: dict[float, list[tuple[float, float, float]]] = {share: [] for share in SHARES}
    for seed in seeds:
        learn, test = pairs.split(LEARNED, seed=seed)
        for share in SHARES:
            translators = {"one": {"attention": True, "reverse": True, "teacher_forcing": share}}
            words = pairs.vocabularies()
            race = TranslatorRace(
                learn, test, words, translators=translators, updates=updates, every=updates, seed=seed
            )
            for _ in range(updates):
                race.step()
            model = race.trainings["one"].model
            assert isinstance(model, EncoderDecoder)
            found[share].append(measure_words(model, test, *words))
    middle = {share: median(exact for exact, _, _ in runs) for share, runs in found.items()}
    gaps = {share: median(given - own for _, given, own in runs) for share, runs in found.items()}
    better, closer = middle[0.5] > middle[1.0], gaps[0.5] < gaps[1.0]
    notes = {
        True: "",
        False: f"found instead: {middle[0.5]:.3f} with a share of 1/2, {middle[1.0]:.3f} with 1",
    }
    wider = (
        ""
        if closer
        else f"found instead: a gap of {gaps[0.5]:.3f} with a share of 1/2, {gaps[1.0]:.3f} with 1"
    )
    rows = []
    for share, runs in found.items():
        half = share == 0.5
        name = f"share {share:g}"
        exact, given, own = (tuple(round(value, 4) for value in values) for values in zip(*runs, strict=True))
        rows += [
            Row(f"{name}: no fault", None, exact, better if half else None, notes[better] if half else ""),
            Row(f"{name}: words, right ones given", None, given),
            Row(f"{name}: words, own ones given", None, own, closer if half else None, wider if half else ""),
        ]
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each share comes to; return 0 where that bears the claim out, else 1."""
    settings = {"pairs": 1134, "learned": LEARNED, "units": 48, "updates": UPDATES}
    return report("teacher_forcing", __doc__, run, arguments, seeds=3, settings=settings, digits=3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
