"""How long a sentence fits through one state? Telephone numbers, translated with and without attention.

Without attention all that a decoder knows of the source is the encoder's last state. K. Cho and others (2014) found
that their translators get worse with longer sentences, and D. Bahdanau, K. Cho and Y. Bengio (2015) that with attention
they do not. They measured on newspaper text. What is tested here is the claim on numbers of which no digit can be
guessed, digit by digit from English to French: 4,000 numbers of 1 to 12 digits to learn from, a GRU of 32 units on
either side, words as vectors of 16, Adam with a learning rate of 0.01, 64 numbers an update, 300 updates. Three
translators: source read forwards, read backwards, and read backwards with attention. Each is tested on 200 new numbers
of 2, 4, … 16 digits.

Claimed, before the run: at 12 digits attention translates more without a fault than either of the others, and without
attention 12 digits are worse than 4 (medians over the seeds). Numbers of 14 and 16 digits are longer than any that was
learned from; of them nothing is claimed.

Run it with ``rnnviz prove bottleneck`` (half a minute a seed); ``--keep`` writes the result beside it.

References
----------
K. Cho, B. van Merriënboer, D. Bahdanau and Y. Bengio, "On the properties of neural machine translation: encoder–decoder
approaches", SSST-8 (2014); D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align
and translate", ICLR 2015.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from rnnviz.data.pairs import telephone_pairs
from rnnviz.data.words import pad_sentences
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.encoder_decoder import EncoderDecoder, translate_greedily
from rnnviz.models.translator_race import TRANSLATORS, TranslatorRace, exact_match

__all__ = ["run"]

LEARNED, LONGEST, UPDATES = 4000, 12, 300
LENGTHS = tuple(range(2, 17, 2))
TESTED = 200
SIZES = {"embedding": 16, "units": 32}


def run(seeds: Sequence[int] = (0, 1, 2), updates: int = UPDATES) -> tuple[list[Row], dict[str, Any]]:
    """Train each translator with each seed, and test it at each length.

    Parameters
    ----------
    seeds : sequence of int
    updates : int
        Of each translator.

    Returns
    -------
    rows : list of Row
        Share of new numbers without a fault, at 4, 8 and 12 digits.
    details : dict
        In ``lengths`` the digits, and in ``exact`` the shares, by translator and seed.
    """
    options = {name: {**chosen, **SIZES} for name, chosen in TRANSLATORS.items()}
    tests = {length: telephone_pairs(TESTED, length, length, seed=1000 + length) for length in LENGTHS}
    exact: dict[str, list[list[float]]] = {name: [] for name in options}
    for seed in seeds:
        learn = telephone_pairs(LEARNED, 1, LONGEST, seed=seed)
        source, target = learn.vocabularies()
        race = TranslatorRace(
            learn,
            tests[LONGEST],
            (source, target),
            translators=options,
            updates=updates,
            every=updates,
            seed=seed,
        )
        for _ in range(updates):
            race.step()
        for name, training in race.trainings.items():
            assert isinstance(training.model, EncoderDecoder)
            shares = []
            for test in tests.values():
                numbers, _ = pad_sentences([source.encode(one) for one in test.source])
                shares.append(exact_match(translate_greedily(training.model, numbers, target), test))
            exact[name].append(shares)
    return judge(exact), {"lengths": list(LENGTHS), "exact": exact}


def judge(exact: dict[str, list[list[float]]]) -> list[Row]:
    """Set what was measured beside what is claimed; see the module's documentation."""

    def at(name: str, length: int) -> tuple[float, ...]:
        return tuple(shares[LENGTHS.index(length)] for shares in exact[name])

    rows = []
    for name in exact:
        for length in (4, 8, 12):
            values, holds = at(name, length), None
            if length == LONGEST:
                others = [one for one in exact if one != "with attention"]
                holds = (
                    all(median(values) > median(at(one, length)) for one in others)
                    if name == "with attention"
                    else median(values) < median(at(name, 4))
                )
            rows.append(Row(f"{name}, {length} digits", None, values, holds))
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each translates; return 0 where that bears the claims out, else 1."""
    settings = {"learned": LEARNED, "longest": LONGEST, "updates": UPDATES, **SIZES}
    return report("bottleneck", __doc__, run, arguments, seeds=3, settings=settings, digits=3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
