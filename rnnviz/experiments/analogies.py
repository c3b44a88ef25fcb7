"""How often analogies work: "man is to woman as king is to …?", asked of word vectors by b − a + c.

T. Mikolov, W. Yih and G. Zweig ("Linguistic regularities in continuous space word representations", NAACL 2013) made
these questions known, and answered four in ten of theirs. T. Linzen ("Issues in evaluating semantic spaces using word
analogies", 2016) added two controls: what if the three words of the question are not left out of the answer, and what
if the offset b − a is not used at all, so that the answer is c's nearest neighbour?

Here each relation of `rnnviz.data.ANALOGIES` is asked for in full, 110 questions, of vectors of 32 numbers that
`SkipGram` learns from the 3,000 everyday sentences in 1,000 updates, 512 pairs at a time, by Adam with learning rate
0.01. An answer counts when it is the nearest of all words. Beside the relations stand vectors made by counting
(`count_vectors`, no chance in it).

What is claimed: which relation works depends on the relation. Where the sentences say the second word of each pair in
the same places as those of all others ("man → woman", "capital → country"), more than nine in ten questions are
answered; where they do not, fewer than half are. And without its offset no relation does so well.

Run it with ``rnnviz prove analogies`` (two seconds a seed); ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rnnviz.data import ANALOGIES, Words, WordVectors, ask_analogies, everyday_sentences
from rnnviz.experiments.report import report
from rnnviz.experiments.table import Row
from rnnviz.models import WordLearning, count_vectors

SIZE, UPDATES, BATCH, LEARNING_RATE = 32, 1000, 512, 0.01
#: What the sentences say in the same places for all pairs.
PARALLEL = ("man → woman", "capital → country")


def answer_share(
    vectors: WordVectors, relation: str, *, leave_out: bool = True, offset: bool = True
) -> float:
    """Tell which share of a relation's questions word vectors answer.

    Parameters
    ----------
    vectors : WordVectors
    relation : str
        A key of `rnnviz.data.ANALOGIES`.
    leave_out : bool, default True
        Whether a, b and c are no answers, as is usual.
    offset : bool, default True
        Whether b − a is added to c; otherwise the answer is c's nearest neighbour.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    KeyError
        If there is no vector for one of the words.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import ANALOGIES, WordVectors
    >>> from rnnviz.experiments.analogies import answer_share
    >>> pairs = ANALOGIES["man → woman"]
    >>> apart = torch.eye(6).repeat_interleave(2, 0)  # one direction a pair …
    >>> offset = torch.tensor([[0.0], [1.0]]).repeat(6, 1)  # … and one for the difference
    >>> made = WordVectors(tuple(word for pair in pairs for word in pair), torch.cat([apart, offset], 1))
    >>> answer_share(made, "man → woman")
    1.0
    """
    unit = vectors.values / vectors.values.norm(dim=1, keepdim=True).clamp_min(1e-12)
    numbers = {word: number for number, word in enumerate(vectors.words)}
    right = 0
    questions = list(ask_analogies(relation))
    for a, b, c, answer in questions:
        target = unit[numbers[c]] + (unit[numbers[b]] - unit[numbers[a]] if offset else 0)
        cosines = unit @ target
        for word in (a, b, c) if leave_out else ():
            cosines[numbers[word]] = -2
        right += int(cosines.argmax()) == numbers[answer]
    return right / len(questions)


def run(seeds: Sequence[int] = (0, 1, 2, 3, 4), updates: int = UPDATES) -> list[Row]:
    """Learn vectors with each seed, and ask all questions.

    Parameters
    ----------
    seeds : sequence of int
        One training each.
    updates : int
        Of each.

    Returns
    -------
    list of Row
        For each relation the share that is answered, then that of the two controls, then counting.
    """
    sentences = everyday_sentences()
    vocabulary = Words(sentences)
    learned = [_learn(vocabulary, sentences, seed, updates) for seed in seeds]
    counted = count_vectors(vocabulary, sentences, SIZE, window=4)
    shares = {name: tuple(answer_share(one, name) for one in learned) for name in ANALOGIES}
    rows = [Row(name, None, share) for name, share in shares.items()]
    rows = [
        Row(one.what, None, one.measured, one.median > 0.9 if one.what in PARALLEL else one.median < 0.5)
        for one in rows
    ]
    kept = {name: tuple(answer_share(one, name, leave_out=False) for one in learned) for name in ANALOGIES}
    rows += [Row(f"{name}, no word left out", None, share) for name, share in kept.items()]
    plain = {name: tuple(answer_share(one, name, offset=False) for one in learned) for name in ANALOGIES}
    rows += [
        Row(
            f"{name}, c's neighbour alone",
            None,
            share,
            max(share) < min(shares[name]) if name in PARALLEL else None,
        )
        for name, share in plain.items()
    ]
    rows += [Row(f"{name}, by counting", None, (answer_share(counted, name),)) for name in ANALOGIES]
    return rows


def _learn(vocabulary: Words, sentences: Sequence[str], seed: int, updates: int) -> WordVectors:
    learning = WordLearning.skip_gram(
        vocabulary, sentences, size=SIZE, batch=BATCH, learning_rate=LEARNING_RATE, seed=seed
    )
    for _ in range(updates):
        learning.step()
    return learning.vectors()


def main(arguments: Sequence[str] = ()) -> int:
    """Print what we measure; return 0 where it bears the claims out, else 1."""
    settings = {"size": SIZE, "updates": UPDATES, "batch": BATCH, "learning_rate": LEARNING_RATE, "window": 4}
    return report("analogies", __doc__, run, arguments, seeds=5, settings=settings, digits=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
