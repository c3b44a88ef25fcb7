"""Does this sentence praise? An LSTM and a GRU that read it, against bags of words that only count.

Two corpora. The made-up reviews of the course, `rnnviz.data.made_up_reviews`, in which small words such as "not" turn
a sentence round; and 10,662 real sentences from film reviews, `rnnviz.data.rt_polarity` (B. Pang and L. Lee, 2005).
Each is split once: 72 % to learn from, 8 % to choose by, 20 % to test on. The test part is looked at once.

* *Bags of words* (scikit-learn): which words of the vocabulary stand in the sentence, in no order; logistic
  regression with the strength of its penalty chosen on the second part, and naive Bayes, which has nothing to choose.
* *Readers*: `rnnviz.models.SentimentModel` with vectors of 50 numbers and 50 units, learned along with the rest; Adam,
  learning rate 0.002, 64 sentences at a time, clipped at norm 1; of 12 (made-up) or 4 (real) epochs the one that is
  best on the second part. Each is also asked about test sentences whose words were shuffled.

Published for naive Bayes on the real sentences: 0.779, and 0.790 where pairs of neighbouring words are counted too
(S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012; ten-fold
cross-validation). The bar: within 0.02, since 2,132 test sentences of one split leave a standard error of 0.009.

Claimed of the made-up reviews: reading is better than counting by at least a tenth. Of the real ones nothing is
claimed of who wins.

Run it with ``rnnviz prove sentiment`` (half a minute a seed). The real sentences need their files, see
`rnnviz.data.rt_polarity`; without them only the made-up reviews are compared. ``--keep`` writes the result beside it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import torch
from torch import Tensor

from rnnviz.data import PADDING, Reviews, Words, made_up_reviews, pad_sentences, rt_polarity, split_words
from rnnviz.data.files import DataFileError
from rnnviz.experiments.results import write_results
from rnnviz.experiments.table import Row, write_table
from rnnviz.models import SentimentModel, sentiment_loss
from rnnviz.training import Training

SIZE, UNITS, LEARNING_RATE, BATCH = 50, 50, 0.002, 64
EPOCHS = {"made-up": 12, "real": 4}
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
PUBLISHED = {"real, naive Bayes": 0.779, "real, naive Bayes, pairs too": 0.790}
WITHIN = 0.02


@dataclass(frozen=True)
class Parts:
    """A corpus in three parts, and the vocabulary of the first."""

    learn: Reviews
    choose: Reviews
    test: Reviews
    words: Words

    @classmethod
    def of(cls, reviews: Reviews) -> Parts:
        """Split a corpus, always in the same way."""
        rest, test = reviews.split(0.8, seed=0)
        learn, choose = rest.split(0.9, seed=1)
        return cls(learn, choose, test, Words(learn.sentences, least=2))

    def number(self, reviews: Reviews) -> tuple[Tensor, Tensor]:
        """Return the words of sentences by number, (time, batch), and who praises, (batch,)."""
        # A sentence of signs alone would have no word.
        encoded = [self.words.encode(one) for one in reviews.sentences]
        encoded = [one if len(one) else torch.zeros(1, dtype=torch.long) for one in encoded]
        return pad_sentences(encoded)[0], torch.tensor(reviews.positive, dtype=torch.float32)


def count_words(parts: Parts) -> dict[str, float]:
    """Fit the bags of words, and test them.

    Parameters
    ----------
    parts : Parts

    Returns
    -------
    dict of str to float
        Accuracy on the test part, by method.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB

    found = {}
    for pairs, ending in ((False, ""), (True, ", pairs too")):
        counter = CountVectorizer(analyzer=_list_pairs if pairs else split_words, binary=True)
        learn = counter.fit_transform(parts.learn.sentences)
        choose, test = (counter.transform(part.sentences) for part in (parts.choose, parts.test))
        found[f"naive Bayes{ending}"] = (
            MultinomialNB().fit(learn, parts.learn.positive).score(test, parts.test.positive)
        )
        fitted = [
            LogisticRegression(C=one, max_iter=1000).fit(learn, parts.learn.positive) for one in PENALTIES
        ]
        best = max(fitted, key=lambda model: model.score(choose, parts.choose.positive))
        found[f"logistic regression{ending}"] = best.score(test, parts.test.positive)
    return {name: float(value) for name, value in found.items()}


def _list_pairs(sentence: str) -> list[str]:
    words = split_words(sentence)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def read_words(parts: Parts, cell: str, epochs: int, seed: int) -> tuple[float, float]:
    """Train a reader, and test it.

    Parameters
    ----------
    parts : Parts
    cell : {"lstm", "gru"}
    epochs : int
        Of which the best on the second part is taken.
    seed : int
        Of the weights, the order of the sentences, and the shuffled words.

    Returns
    -------
    whole, shuffled : float
        Accuracy on the test part as it is, and with the words of each sentence shuffled.
    """
    model = SentimentModel(len(parts.words), SIZE, UNITS, cell, seed=seed)
    learn, choose, test = (parts.number(part) for part in (parts.learn, parts.choose, parts.test))
    training = Training(
        model,
        learn,
        loss=sentiment_loss,
        learning_rate=LEARNING_RATE,
        batch=BATCH,
        clip_norm=1.0,
        seed=seed,
    )
    best, whole, mixed = -1.0, 0.0, 0.0
    shuffled = shuffle_words(test[0], seed), test[1]
    for _ in range(epochs):
        for _ in range(max(1, len(parts.learn) // BATCH)):
            training.step()
        if (chosen := measure_accuracy(model, *choose)) > best:
            best, whole, mixed = chosen, measure_accuracy(model, *test), measure_accuracy(model, *shuffled)
    return whole, mixed


def measure_accuracy(model: SentimentModel, numbers: Tensor, positive: Tensor, batch: int = 500) -> float:
    """Tell which share of the sentences a reader judges rightly.

    Parameters
    ----------
    model : SentimentModel
    numbers : Tensor of int64, shape (time, batch)
    positive : Tensor, shape (batch,)
    batch : int, default 500
        Sentences at a time.

    Returns
    -------
    float
        From 0 to 1.
    """
    model.eval()
    right = 0
    with torch.no_grad():
        for at in range(0, len(positive), batch):
            logits = model(numbers[:, at : at + batch])
            right += int(((logits > 0) == (positive[at : at + batch] > 0.5)).sum())
    model.train()
    return right / len(positive)


def shuffle_words(numbers: Tensor, seed: int) -> Tensor:
    """Put the words of each sentence into another order; padding stays where it is.

    Parameters
    ----------
    numbers : Tensor of int64, shape (time, batch)
    seed : int

    Returns
    -------
    Tensor of int64, shape (time, batch)

    Examples
    --------
    >>> import torch
    >>> from rnnviz.experiments.sentiment import shuffle_words
    >>> shuffle_words(torch.tensor([[1, 4], [2, -1], [3, -1]]), seed=0)[:, 1].tolist()
    [4, -1, -1]
    """
    drawn = torch.rand(numbers.shape, generator=torch.Generator().manual_seed(seed))
    return numbers.gather(0, drawn.masked_fill(numbers == PADDING, 2).argsort(0))


def compare(
    corpus: str, reviews: Reviews, seeds: Sequence[int], epochs: int | None = None
) -> dict[str, tuple[float, ...]]:
    """Test all methods on one corpus.

    Parameters
    ----------
    corpus : {"made-up", "real"}
        What its rows are called.
    reviews : Reviews
    seeds : sequence of int
        One training each, for each reader.
    epochs : int, optional
        By default as in ``EPOCHS``.

    Returns
    -------
    dict of str to tuple of float
        Accuracy on the test part: one value, or one a seed.
    """
    parts = Parts.of(reviews)
    found: dict[str, tuple[float, ...]] = {
        f"{corpus}, {name}": (value,) for name, value in count_words(parts).items()
    }
    for cell in ("lstm", "gru"):
        both = [read_words(parts, cell, epochs or EPOCHS[corpus], seed) for seed in seeds]
        found[f"{corpus}, {cell.upper()}"] = tuple(whole for whole, _ in both)
        found[f"{corpus}, {cell.upper()}, words shuffled"] = tuple(mixed for _, mixed in both)
    return found


def judge(found: dict[str, tuple[float, ...]]) -> list[Row]:
    """Set what was measured beside what is claimed; see the module's documentation."""
    best = max(
        values[0]
        for name, values in found.items()
        if name.startswith(("made-up, naive", "made-up, logistic"))
    )
    rows = []
    for name, values in found.items():
        holds = None
        if (published := PUBLISHED.get(name)) is not None:
            holds = abs(values[0] - published) <= WITHIN
        elif name in ("made-up, LSTM", "made-up, GRU"):
            holds = median(values) >= best + 0.1
        rows.append(Row(name, published, tuple(round(value, 4) for value in values), holds))
    return rows


def run(seeds: Sequence[int], epochs: int | None = None) -> tuple[list[Row], str]:
    """Compare on the made-up reviews, and on the real ones where they are at hand.

    Parameters
    ----------
    seeds : sequence of int
    epochs : int, optional
        By default as in ``EPOCHS``.

    Returns
    -------
    rows : list of Row
    missing : str
        What is to be said of the real ones where they are not at hand; else empty.
    """
    found, missing = compare("made-up", made_up_reviews(1500), seeds, epochs), ""
    try:
        real = rt_polarity()
    except DataFileError as error:
        missing = f"The real sentences are left out. {error}"
    else:
        found |= compare("real", real, seeds, epochs)
    return judge(found), missing


def main(arguments: Sequence[str] = ()) -> int:
    """Print what we measure; return 0 where it bears the claims out, else 1."""
    parser = argparse.ArgumentParser(
        prog="rnnviz prove sentiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="write the result beside this module")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}; at least 1 is needed")
    began = time.perf_counter()
    rows, missing = run(range(options.seeds))
    print(write_table(rows, 3))
    if missing:
        print(missing)
    if options.keep:
        if missing:
            parser.error("nothing is kept without the real sentences")
        settings: dict[str, Any] = {"seeds": options.seeds, "size": SIZE, "units": UNITS, "batch": BATCH}
        settings |= {"learning_rate": LEARNING_RATE, "epochs": EPOCHS}
        write_results("sentiment", rows, settings=settings, seconds=time.perf_counter() - began)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
