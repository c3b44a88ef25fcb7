"""Word embeddings: a table of vectors that a task fills, and what its two-dimensional map looks like meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.data.vectors import WordVectors
from rnnviz.data.words import PADDING, Words
from rnnviz.models.forecaster import CELLS, initialise
from rnnviz.training import Training

__all__ = [
    "SentimentModel",
    "SkipGram",
    "WordFrame",
    "WordLearning",
    "count_vectors",
    "list_neighbours",
    "project_words",
    "sentiment_loss",
]


class SentimentModel(nn.Module):
    """Reads a sentence word by word and says how likely it is that it praises: sequence→vector.

    Each word's number picks a row of a table, the embedding; a recurrent layer reads the rows; the state at the last
    word gives one logit. The table is learned along with the rest.

    Parameters
    ----------
    words : int
        Size of the vocabulary.
    size : int, default 16
        Numbers in a word's vector.
    units : int, default 16
        Size of the state.
    cell : {"rnn", "gru", "lstm"}
        Kind of recurrent layer.
    seed : int, default 0
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown cell, or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import pad_sentences
    >>> from rnnviz.models import SentimentModel
    >>> numbers, _ = pad_sentences([torch.tensor([3, 1, 4]), torch.tensor([2])])
    >>> model = SentimentModel(5)
    >>> model(numbers).shape, model.read(numbers).shape
    (torch.Size([2]), torch.Size([3, 2]))
    """

    def __init__(
        self, words: int, size: int = 16, units: int = 16, cell: str = "gru", *, seed: int = 0
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        for name, number in {"words": words, "size": size, "units": units}.items():
            if number < 1:
                raise ValueError(f"{name} is {number}; it must be at least 1.")
        self.embedding = nn.Embedding(words, size, device="meta").to_empty(device="cpu")
        self.recurrent = CELLS[cell](size, units, device="meta").to_empty(device="cpu")
        self.projection = nn.Linear(units, 1, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, numbers: Tensor) -> Tensor:
        """Judge whole sentences.

        Parameters
        ----------
        numbers : Tensor of int64, shape (time, batch)
            Words by their number; `rnnviz.data.PADDING` where a sentence has ended.

        Returns
        -------
        Tensor, shape (batch,)
            Logits; their sigmoid is the probability that the sentence praises.
        """
        lengths = (numbers != PADDING).sum(0)
        logits = self.read(numbers)
        return logits.gather(0, (lengths - 1)[None])[0]

    def read(self, numbers: Tensor) -> Tensor:
        """Judge after every word what has been read so far.

        Parameters
        ----------
        numbers : Tensor of int64, shape (time, batch)

        Returns
        -------
        Tensor, shape (time, batch)
            Logits; after the end of a sentence they mean nothing.

        Raises
        ------
        ValueError
            If a sentence is empty.
        """
        lengths = (numbers != PADDING).sum(0)
        if not (lengths > 0).all():
            raise ValueError("A sentence has no words; leave it out.")
        vectors = self.embedding(numbers.clamp_min(0))
        # Packed, so that a recorder knows where each sentence ends.
        packed = nn.utils.rnn.pack_padded_sequence(vectors, lengths.cpu(), enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.recurrent(packed)[0], total_length=len(numbers))
        logits: Tensor = self.projection(hidden)[..., 0]
        return logits

    def vectors(self, vocabulary: Words) -> WordVectors:
        """Return the table that was learned, word by word."""
        return WordVectors(vocabulary.tokens, self.embedding.weight.detach().clone())


def sentiment_loss(logits: Tensor, positive: Tensor) -> Tensor:
    """Return the mean of −log p of the true verdict.

    Parameters
    ----------
    logits : Tensor, shape (batch,)
    positive : Tensor of bool or float, shape (batch,)

    Returns
    -------
    Tensor, a scalar
        In nats; a coin pays log 2.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import sentiment_loss
    >>> round(sentiment_loss(torch.zeros(3), torch.tensor([True, False, True])).item(), 3)
    0.693
    """
    return nn.functional.binary_cross_entropy_with_logits(logits, positive.to(logits.dtype))


class SkipGram(nn.Module):
    """Guesses from one word which others stand near it; the vectors are what it needs for that.

    Parameters
    ----------
    words : int
        Size of the vocabulary.
    size : int, default 16
        Numbers in a word's vector.
    seed : int, default 0
        Of the initial weights.

    Raises
    ------
    ValueError
        If a size is below 1.

    References
    ----------
    T. Mikolov, K. Chen, G. Corrado and J. Dean, "Efficient estimation of word representations in vector space", 2013.
    With a vocabulary this small the softmax runs over all words, without their shortcuts.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import SkipGram
    >>> SkipGram(30)(torch.tensor([4, 8])).shape
    torch.Size([2, 30])
    """

    def __init__(self, words: int, size: int = 16, *, seed: int = 0) -> None:
        super().__init__()
        for name, number in {"words": words, "size": size}.items():
            if number < 1:
                raise ValueError(f"{name} is {number}; it must be at least 1.")
        self.embedding = nn.Embedding(words, size, device="meta").to_empty(device="cpu")
        self.context = nn.Linear(size, words, bias=False, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, numbers: Tensor) -> Tensor:
        """Score every word as a neighbour of these.

        Parameters
        ----------
        numbers : Tensor of int64, shape (batch,)

        Returns
        -------
        Tensor, shape (batch, word)
            Logits.
        """
        scores: Tensor = self.context(self.embedding(numbers))
        return scores


def list_neighbours(encoded: Sequence[Tensor], window: int = 3) -> Tensor:
    """List every pair of words that stand at most ``window`` places apart in a sentence.

    Parameters
    ----------
    encoded : sequence of Tensor of int64, each of shape (time,)
    window : int, default 3

    Returns
    -------
    Tensor of int64, shape (pair, 2)
        A word and a neighbour of it; each pair of places comes in both directions.

    Raises
    ------
    ValueError
        If the window is below 1, or no sentence has two words.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import list_neighbours
    >>> list_neighbours([torch.tensor([5, 6, 7])], window=1).tolist()
    [[5, 6], [6, 7], [6, 5], [7, 6]]
    """
    if window < 1:
        raise ValueError(f"window is {window}; it must be at least 1.")
    pairs: list[Tensor] = []
    for numbers in encoded:
        distances = range(1, min(window, len(numbers) - 1) + 1)
        pairs += [torch.stack([numbers[:-distance], numbers[distance:]], 1) for distance in distances]
    if not pairs:
        raise ValueError("No sentence has two words, so no word has a neighbour. Pass longer sentences.")
    forward = torch.cat(pairs)
    return torch.cat([forward, forward.flip(1)])


def count_vectors(
    vocabulary: Words, sentences: Sequence[str], size: int = 16, window: int = 3
) -> WordVectors:
    """Make word vectors by counting alone: which words stand near which, squeezed into a few numbers each.

    The counts become the pointwise mutual information (how much oftener two words meet than chance would have it;
    negative values are set to 0), and the best approximation of that table with ``size`` columns is taken.

    Parameters
    ----------
    vocabulary : Words
    sentences : sequence of str
    size : int, default 16
        Numbers in a word's vector; at most the number of words.
    window : int, default 3
        How far apart neighbours may stand.

    Returns
    -------
    WordVectors

    Raises
    ------
    ValueError
        If a size is unusable, or there are no neighbours.

    References
    ----------
    O. Levy and Y. Goldberg, "Neural word embedding as implicit matrix factorization", NeurIPS 2014.

    Examples
    --------
    >>> from rnnviz.data import Words, everyday_sentences
    >>> from rnnviz.models import count_vectors
    >>> sentences = everyday_sentences()
    >>> vectors = count_vectors(Words(sentences), sentences)
    >>> {word for word, _ in vectors.nearest("tea", 3)} <= {"milk", "coffee", "water", "juice", "wine"}
    True
    """
    if not 1 <= size <= len(vocabulary):
        raise ValueError(f"size is {size}; it must be from 1 to {len(vocabulary)}, the number of words.")
    pairs = list_neighbours([vocabulary.encode(sentence) for sentence in sentences], window)
    counts = torch.zeros(len(vocabulary), len(vocabulary), dtype=torch.float64)
    counts.index_put_(
        (pairs[:, 0], pairs[:, 1]), torch.ones(len(pairs), dtype=torch.float64), accumulate=True
    )
    share = counts.sum(1, keepdim=True)
    information = (counts * counts.sum() / (share * share.T).clamp_min(1)).clamp_min(1).log()
    left, strength, _ = torch.linalg.svd(information)
    values = left[:, :size] * strength[:size].sqrt()
    return WordVectors(vocabulary.tokens, _fix_signs(values).float())


def _fix_signs(values: Tensor) -> Tensor:
    """Turn each column so that its largest entry is positive: an SVD leaves the signs to the library."""
    largest = values.gather(0, values.abs().argmax(0, keepdim=True))
    return values * torch.where(largest < 0, -1.0, 1.0)


def project_words(vectors: Tensor, towards: Tensor | None = None) -> Tensor:
    """Lay words out on a plane, so that as much of their spread as possible can be seen.

    The plane holds the two directions in which the vectors differ most (principal components). Any rotation or
    mirror image of it is as good; the one closest to the previous map is taken, so that words move on screen only
    where they moved among each other.

    Parameters
    ----------
    vectors : Tensor, shape (word, size)
    towards : Tensor, shape (word, 2), optional
        The previous map.

    Returns
    -------
    Tensor, shape (word, 2)
        Around the origin, in the unit of the vectors; with a size of 1, all on a line.

    Raises
    ------
    ValueError
        If the previous map has another number of words.

    References
    ----------
    P. H. Schönemann, "A generalized solution of the orthogonal Procrustes problem", Psychometrika 1966.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import project_words
    >>> before = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> mirrored = before * torch.tensor([-1.0, 1.0])
    >>> torch.allclose(project_words(mirrored, towards=before), before, atol=1e-5)
    True
    """
    if towards is not None and towards.shape != (len(vectors), 2):
        raise ValueError(
            f"The previous map has shape {tuple(towards.shape)}; {len(vectors)} words need ({len(vectors)}, 2)."
        )
    centred = (vectors - vectors.mean(0)).double()
    left, strength, _ = torch.linalg.svd(centred, full_matrices=False)
    places = _fix_signs(left[:, :2] * strength[:2])
    places = nn.functional.pad(places, (0, 2 - places.shape[1]))
    if towards is not None:
        u, _, v = torch.linalg.svd(places.T @ towards.double())
        places = places @ u @ v
    return places.to(vectors.dtype)


def _find_table(model: nn.Module) -> Tensor:
    embedding = model.get_submodule("embedding")
    assert isinstance(embedding, nn.Embedding), embedding
    return embedding.weight


@dataclass(frozen=True, eq=False)
class WordFrame:
    """Where the words are now.

    Attributes
    ----------
    step : int
        Updates made so far.
    loss : float
        Averaged over the last updates, in nats; not a number before the first.
    vectors : ndarray of float32, shape (word, size)
    places : ndarray of float32, shape (word, 2)
        Their map, turned towards the map of the frame before.
    """

    step: int
    loss: float
    vectors: np.ndarray[Any, np.dtype[np.float32]]
    places: np.ndarray[Any, np.dtype[np.float32]]


class WordLearning:
    """Word vectors that are being learned, with a map that can be drawn at any moment.

    It has the three methods of a `rnnviz.training.Watchable`, so a `rnnviz.training.Runner` can run it in the
    background. `skip_gram` and `sentiment` make the two kinds of the course.

    Parameters
    ----------
    words : sequence of str
        Each at its row of the table.
    training : rnnviz.training.Training
        What moves the table.
    table : callable, optional
        Returns the table (word, size); by default ``training.model.embedding.weight``.

    Raises
    ------
    ValueError
        If words and rows differ in number.

    Examples
    --------
    >>> from rnnviz.data import Words, everyday_sentences
    >>> from rnnviz.models import WordLearning
    >>> sentences = everyday_sentences(500)
    >>> learning = WordLearning.skip_gram(Words(sentences), sentences, size=8)
    >>> for _ in range(10):
    ...     learning.step()
    >>> learning.frame().places.shape == (len(learning.words), 2)
    True
    """

    def __init__(
        self, words: Sequence[str], training: Training, table: Callable[[], Tensor] | None = None
    ) -> None:
        self.words = tuple(words)
        self.training = training
        self._table = table if table is not None else lambda: _find_table(training.model)
        if len(self._table()) != len(self.words):
            raise ValueError(
                f"There are {len(self.words)} words and {len(self._table())} vectors; give one each."
            )
        self._loss = math.nan
        self._places: Tensor | None = None

    @classmethod
    def skip_gram(
        cls,
        vocabulary: Words,
        sentences: Sequence[str],
        *,
        size: int = 16,
        window: int = 4,
        batch: int = 128,
        learning_rate: float = 0.002,
        seed: int = 0,
    ) -> WordLearning:
        """Learn from which words stand near which.

        Parameters
        ----------
        vocabulary : Words
        sentences : sequence of str
        size, seed
            Of the model, see `SkipGram`.
        window : int, default 4
            See `list_neighbours`.
        batch : int, default 128
            Pairs at a time.
        learning_rate : float, default 0.002
            Of Adam.

        Returns
        -------
        WordLearning
        """
        pairs = list_neighbours([vocabulary.encode(sentence) for sentence in sentences], window)
        training = Training(
            SkipGram(len(vocabulary), size, seed=seed),
            (pairs[:, 0], pairs[:, 1]),
            loss=nn.functional.cross_entropy,
            learning_rate=learning_rate,
            batch=batch,
            seed=seed,
        )
        return cls(vocabulary.tokens, training)

    @classmethod
    def sentiment(
        cls,
        vocabulary: Words,
        numbers: Tensor,
        positive: Sequence[bool],
        *,
        size: int = 16,
        units: int = 16,
        cell: str = "gru",
        batch: int = 32,
        learning_rate: float = 0.005,
        seed: int = 0,
    ) -> WordLearning:
        """Learn from which sentences praise.

        Parameters
        ----------
        vocabulary : Words
        numbers : Tensor of int64, shape (time, batch)
            Sentences, as `rnnviz.data.pad_sentences` lays them side by side.
        positive : sequence of bool
            One for each sentence.
        size, units, cell, seed
            Of the model, see `SentimentModel`.
        batch : int, default 32
            Sentences at a time.
        learning_rate : float, default 0.005
            Of Adam. The gradient is clipped to a norm of 1.

        Returns
        -------
        WordLearning
        """
        training = Training(
            SentimentModel(len(vocabulary), size, units, cell, seed=seed),
            (numbers, torch.tensor(list(positive), dtype=torch.float32)),
            loss=sentiment_loss,
            learning_rate=learning_rate,
            batch=batch,
            clip_norm=1.0,
            seed=seed,
        )
        return cls(vocabulary.tokens, training)

    @property
    def loss(self) -> float:
        """Averaged over the last updates, in nats; not a number before the first."""
        return self._loss

    def step(self) -> None:
        """Make one update of the weights."""
        loss = self.training.step().loss
        # An average that forgets, since the loss of a single batch jumps; the first fifty count alike.
        weight = max(0.02, 1 / self.training.number)
        self._loss = loss if math.isnan(self._loss) else (1 - weight) * self._loss + weight * loss

    def frame(self) -> WordFrame:
        """Return where the words are now, their map turned towards the one before."""
        vectors = self._table().detach().float()
        self._places = project_words(vectors, self._places)
        return WordFrame(self.training.number, self._loss, vectors.numpy().copy(), self._places.numpy())

    def reset(self) -> None:
        """Go back to the beginning."""
        self.training.reset()
        self._loss, self._places = math.nan, None

    def vectors(self) -> WordVectors:
        """Return the words with their vectors, as a copy."""
        return WordVectors(self.words, self._table().detach().float().clone())
