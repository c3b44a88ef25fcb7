"""Real sentences, English to French: BLEU with and without attention, on pairs that people wrote for Tatoeba.

The 8,000 shortest pairs of the file, of at most 7 words a side; nine in ten of the English sentences to learn from. A
GRU of 64 units on either side, words as vectors of 48, at most 2,500 of them in each language (the others are [UNK]);
Adam with a learning rate of 0.005, 64 pairs an update, 600 updates: some five times through the pairs. Greedy. BLEU is
that of `sacrebleu` (M. Post, 2018) over the whole test part, on text as it is cut here, in lower case, with every
translation that the file has of a sentence as a reference; so it can be compared within this table and with nothing
that is printed elsewhere.

Claimed, before the run: with attention BLEU is higher (median over the seeds). D. Bahdanau, K. Cho and Y. Bengio (2015)
found so on newspaper text, most of all for long sentences. These here are short.

Run it with ``rnnviz prove tatoeba`` (two minutes a seed); it needs ``translation/fra-eng.zip``, see
`rnnviz.data.english_french`, and ``pip install sacrebleu``. ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from rnnviz.data.pairs import Pairs, english_french
from rnnviz.data.words import pad_sentences
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models.encoder_decoder import EncoderDecoder, translate_greedily
from rnnviz.models.translator_race import exact_match, learn_pairs

__all__ = ["measure_bleu", "run"]

PAIRS, LONGEST, WORDS, UPDATES = 8000, 7, 2500, 600


def measure_bleu(said: Sequence[Sequence[str]], pairs: Pairs) -> float:
    """Compute BLEU over all sentences, each source sentence once, with all its translations as references.

    Parameters
    ----------
    said : sequence of sequence of str
        One translation for each pair; pairs with the same source have the same.
    pairs : Pairs

    Returns
    -------
    float
        From 0 to 100.

    Raises
    ------
    ModuleNotFoundError
        If sacrebleu is not installed.
    ValueError
        If there is not one translation for each pair.

    Examples
    --------
    >>> from rnnviz.data import Pairs
    >>> from rnnviz.experiments.tatoeba import measure_bleu
    >>> pairs = Pairs("one", (("we", "eat", "red", "apples"),), (("nous", "mangeons", "des", "pommes"),))
    >>> round(measure_bleu([pairs.target[0]], pairs))
    100
    """
    from sacrebleu import corpus_bleu

    if len(said) != len(pairs):
        raise ValueError(f"There are {len(said)} translations of {len(pairs)} sentences; give one each.")
    references: dict[tuple[str, ...], list[str]] = {}
    for source, target in zip(pairs.source, pairs.target, strict=True):
        references.setdefault(source, []).append(" ".join(target))
    answers = {source: " ".join(one) for source, one in zip(pairs.source, said, strict=True)}
    most = max(map(len, references.values()))
    # A sentence with fewer translations than another has no further ones: sacrebleu passes over None.
    columns: list[Any] = [
        [listed[k] if k < len(listed) else None for listed in references.values()] for k in range(most)
    ]
    # The text is cut into words already.
    return float(corpus_bleu([answers[source] for source in references], columns, tokenize="none").score)


def run(seeds: Sequence[int] = (0, 1, 2), updates: int = UPDATES) -> list[Row]:
    """Train with and without attention, with each seed.

    Parameters
    ----------
    seeds : sequence of int
        One training of each translator, and one division of the sentences.
    updates : int
        Of each.

    Returns
    -------
    list of Row
        BLEU, and the share of sentences that one of the references says to the letter, in per cent.
    """
    pairs = english_french(PAIRS, LONGEST)
    found: dict[str, list[tuple[float, float]]] = {"without attention": [], "with attention": []}
    for seed in seeds:
        learn, test = pairs.split(0.9, seed=seed)
        source, target = learn.vocabularies(most=WORDS)
        numbers, _ = pad_sentences([source.encode(one) for one in test.source])
        for name, runs in found.items():
            model = EncoderDecoder(
                len(source),
                len(target),
                embedding=48,
                units=64,
                attention=name == "with attention",
                seed=seed,
            )
            training = learn_pairs(model, learn, source, target, learning_rate=0.005, seed=seed)
            for _ in range(updates):
                training.step()
            said = translate_greedily(model.eval(), numbers, target, longest=12)
            runs.append((round(measure_bleu(said, test), 2), round(100 * exact_match(said, test), 2)))
    middle = {name: median(bleu for bleu, _ in runs) for name, runs in found.items()}
    rows = []
    for name, runs in found.items():
        bleu, exact = zip(*runs, strict=True)
        claimed = name == "with attention"
        better = middle["with attention"] > middle["without attention"]
        rows += [
            Row(f"{name}: BLEU", None, bleu, better if claimed else None),
            Row(f"{name}: to the letter, %", None, exact),
        ]
    return rows


def main(arguments: Sequence[str] = ()) -> int:
    """Print what each reaches; return 0 where that bears the claim out, else 1."""
    settings = {"pairs": PAIRS, "longest": LONGEST, "words": WORDS, "updates": UPDATES, "units": 64}
    return report("tatoeba", __doc__, run, arguments, seeds=3, settings=settings, digits=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
