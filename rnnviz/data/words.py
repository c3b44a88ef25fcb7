"""Words as numbers: how a sentence is cut into words, and the vocabulary that counts them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

__all__ = ["NUMBER", "PADDING", "UNKNOWN", "URL", "Words", "pad_sentences", "split_words"]

UNKNOWN, NUMBER, URL = "[UNK]", "[NUM]", "[URL]"
PADDING = -1
"""Stands where a sentence has ended: the number of no word, so that nothing can take it for one."""

_TOKEN = re.compile(
    r"(?P<url>(?:https?://|www\.)\S+?(?=[.,;:!?)]*(?:\s|$)))"
    r"|(?P<number>\d+(?:[.,:]\d+)*%?)"
    r"|(?P<word>[^\W\d_]+(?:['\u2019-][^\W\d_]+)*)"
    r"|(?P<mark>[.,;:!?])"
)


def split_words(sentence: str) -> list[str]:
    """Cut a sentence into lower-case words and punctuation marks.

    Every number becomes ``[NUM]`` and every web address ``[URL]``: one row of the table for all of them, since no
    corpus is large enough to learn each.

    Parameters
    ----------
    sentence : str

    Returns
    -------
    list of str
        Brackets, quotes and the like are left out.

    Examples
    --------
    >>> from rnnviz.data import split_words
    >>> split_words("I drink milk, 3.5% fat. See www.example.org!")
    ['i', 'drink', 'milk', ',', '[NUM]', 'fat', '.', 'see', '[URL]', '!']
    """
    found = []
    for match in _TOKEN.finditer(sentence):
        kind = match.lastgroup
        word = match[0].lower().replace("\u2019", "'")
        found.append(URL if kind == "url" else NUMBER if kind == "number" else word)
    return found


class Words:
    """A vocabulary: the words of some sentences, the most frequent first, and a number for all others.

    Parameters
    ----------
    sentences : iterable of str or of lists of str
        A string is cut by `split_words`; a list is taken as it is.
    most : int, optional
        Largest number of words, the special ones included; by default all.
    least : int, default 1
        A word must occur so often to be in it.

    Attributes
    ----------
    tokens : tuple of str
        ``"[UNK]", "[NUM]", "[URL]"``, then the words by falling frequency (equal ones in alphabetical order).
    counts : tuple of int
        How often each was seen; for ``[UNK]``, how many words were left out.

    Raises
    ------
    ValueError
        If there is no word, or a limit leaves none.

    Examples
    --------
    >>> from rnnviz.data import Words
    >>> words = Words(["I drink milk", "I drink tea"], least=2)
    >>> words.tokens
    ('[UNK]', '[NUM]', '[URL]', 'drink', 'i')
    >>> words.encode("I drink coffee").tolist()
    [4, 3, 0]
    """

    def __init__(
        self, sentences: Iterable[str | Sequence[str]], *, most: int | None = None, least: int = 1
    ) -> None:
        special = (UNKNOWN, NUMBER, URL)
        if most is not None and most <= len(special):
            raise ValueError(f"most is {most}; {', '.join(special)} take the first {len(special)} places.")
        counter = Counter(
            word for one in sentences for word in (split_words(one) if isinstance(one, str) else one)
        )
        ranked = sorted(
            (word for word, count in counter.items() if count >= least and word not in special),
            key=lambda word: (-counter[word], word),
        )[: None if most is None else most - len(special)]
        if not ranked:
            raise ValueError(
                f"No word is left of these sentences, in which {len(counter)} different words were found "
                f"(least={least}). Pass sentences with words in them, or a lower limit."
            )
        self.tokens: tuple[str, ...] = (*special, *ranked)
        self._numbers = {token: number for number, token in enumerate(self.tokens)}
        left_out = sum(count for word, count in counter.items() if word not in self._numbers)
        self.counts = (counter[UNKNOWN] + left_out, *(counter[token] for token in self.tokens[1:]))

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._numbers

    def __repr__(self) -> str:
        return f"Words({len(self)} words, the most frequent {', '.join(map(repr, self.tokens[3:6]))})"

    def encode(self, sentence: str | Sequence[str]) -> Tensor:
        """Return the number of each word; a word that is not in the vocabulary has that of ``[UNK]``, 0.

        Parameters
        ----------
        sentence : str or sequence of str
            A string is cut by `split_words`.

        Returns
        -------
        Tensor of int64, shape (time,)
        """
        listed = split_words(sentence) if isinstance(sentence, str) else sentence
        return torch.tensor([self._numbers.get(word, 0) for word in listed], dtype=torch.long)

    def decode(self, numbers: Iterable[int] | Tensor) -> list[str]:
        """Return the words that these numbers stand for."""
        listed = numbers.tolist() if isinstance(numbers, Tensor) else list(numbers)
        return [self.tokens[number] for number in listed]


def pad_sentences(encoded: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Put sentences of different lengths side by side.

    Parameters
    ----------
    encoded : sequence of Tensor of int64, each of shape (time,)

    Returns
    -------
    numbers : Tensor of int64, shape (time, batch)
        As long as the longest; where a sentence has ended, `PADDING`.
    lengths : Tensor of int64, shape (batch,)

    Raises
    ------
    ValueError
        If there is no sentence, or one without a word.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import pad_sentences
    >>> numbers, lengths = pad_sentences([torch.tensor([5, 6]), torch.tensor([7])])
    >>> numbers.tolist(), lengths.tolist()
    ([[5, 7], [6, -1]], [2, 1])
    """
    if not encoded or not all(len(one) for one in encoded):
        empty = [place for place, one in enumerate(encoded) if not len(one)]
        raise ValueError(
            f"Sentence {empty[0]} has no words; leave it out."
            if empty
            else "There are no sentences; pass at least one."
        )
    lengths = torch.tensor([len(one) for one in encoded])
    return torch.nn.utils.rnn.pad_sequence(list(encoded), padding_value=PADDING), lengths
