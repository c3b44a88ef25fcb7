"""A word that decides another one, many words later: "I grew up in France … I speak fluent French".

The sentences are made by a small grammar, so that the distance between the two words can be chosen, and so that nothing
can be learned by heart: every draw is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["LANGUAGES", "RECALL_WORDS", "STORIES", "Recall"]

#: What is spoken where.
LANGUAGES = {
    "France": "French",
    "Spain": "Spanish",
    "Italy": "Italian",
    "Germany": "German",
    "Poland": "Polish",
    "Japan": "Japanese",
    "Greece": "Greek",
    "Turkey": "Turkish",
}

#: How a story begins; the last country counts. "@" is a country, "#" a language, and both are drawn anew each time.
OPENINGS = ("I grew up in @", "I was born in # , but grew up in @")
QUESTION = "I speak fluent"
#: What stands in between: "#" is a country and "~" a language that have nothing to do with the answer.
CLAUSES = (
    "well ,",
    "it rained .",
    "school was far .",
    "the winters were cold .",
    "my father built boats .",
    "my mother sold bread .",
    "my brother mended clocks .",
    "my sister lives in # .",
    "my friend speaks ~ .",
    "we kept bees behind the house .",
    "we spent a summer in # .",
)
#: For a single word that is left over.
PATCH = "so"


#: Three stories of the same length to look at, each with its answer.
STORIES = {
    "I was born in Spain , but grew up in France . my sister lives in Japan . the winters were cold . "
    "we kept bees behind the house . I speak fluent": "French",
    "I grew up in Italy . my friend speaks Polish . we spent a summer in Greece . my father built boats . "
    "school was far . it rained . I speak fluent": "Italian",
    "I grew up in Japan . my mother sold bread . my brother mended clocks . we kept bees behind the house . "
    "my sister lives in Turkey . so I speak fluent": "Japanese",
}


def _list_words() -> tuple[str, ...]:
    texts = (*OPENINGS, ".", *CLAUSES, PATCH, QUESTION)
    plain = {word for text in texts for word in text.split() if word not in "@#~"}
    return (*sorted(plain, key=str.lower), *LANGUAGES, *LANGUAGES.values())


#: Every word there is, by its number.
RECALL_WORDS: tuple[str, ...] = _list_words()
_NUMBERS = {word: number for number, word in enumerate(RECALL_WORDS)}
_COUNTRIES = [_NUMBERS[word] for word in LANGUAGES]
_SPOKEN = [_NUMBERS[word] for word in LANGUAGES.values()]


@dataclass(frozen=True)
class Recall:
    """Read a story, and say at its end which language is spoken where the storyteller grew up.

    A story is ``I grew up in France . … I speak fluent``, and the answer ``French``. Every other one begins with ``I
    was born in Spain , but grew up in France .``, and what stands in between names other countries and other languages:
    the answer is not the first country, nor the last, nor the only one.

    Each call draws one distance for the whole batch, so that its stories are equally long but for their openings; those
    with the shorter one are padded *in front*, with full stops.

    Parameters
    ----------
    distances : int or sequence of int
        Words between the country that counts and the answer, each at least 4; a draw has one of them.
    batch : int, default 32
        Stories a draw.

    Attributes
    ----------
    baseline : float
        Share of right answers of who guesses one of the eight languages, 1/8.
    words : tuple of str
        The vocabulary; what is read and what comes next are numbers into it.

    Raises
    ------
    ValueError
        For a distance below 4, no distance at all, or an empty batch.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Recall
    >>> stories, following = Recall(12, batch=2)(torch.Generator().manual_seed(0))
    >>> stories.shape, following.shape  # (time, batch) each
    (torch.Size([23, 2]), torch.Size([23, 2]))
    >>> Recall.read(stories[:, 0]), Recall.words[following[-1, 0]]
    ('I was born in Greece , but grew up in Turkey . my brother mended clocks . well , so I speak fluent', 'Turkish')
    """

    distances: int | Sequence[int]
    batch: int = 32

    words = RECALL_WORDS
    baseline = 1 / len(LANGUAGES)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch is {self.batch}; a draw needs at least one story.")
        if not self._choices or min(self._choices) < 4:
            raise ValueError(
                f"distances is {self.distances!r}; give one or several, each at least 4: the full stop after "
                f'the country and "{QUESTION}" lie between it and the answer.'
            )

    @property
    def _choices(self) -> tuple[int, ...]:
        return (self.distances,) if isinstance(self.distances, int) else tuple(self.distances)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        stories : Tensor of int64, shape (time, batch)
            Numbers of words.
        following : Tensor of int64, shape (time, batch)
            Numbers of the words that come next; in the last row the answers.
        """
        chances = _Chances(generator)
        distance = self._choices[chances.below(len(self._choices))]
        stories, answers = zip(*(_tell(distance, chances) for _ in range(self.batch)), strict=True)
        longest = max(map(len, stories))
        stop = _NUMBERS["."]
        padded = [[stop] * (longest - len(story)) + story for story in stories]
        words = torch.tensor(
            [[*story, answer] for story, answer in zip(padded, answers, strict=True)]
        ).T.contiguous()
        return words[:-1], words[1:]

    @staticmethod
    def read(story: Tensor) -> str:
        """Return a story, (time,), as text, without what pads it."""
        text = " ".join(RECALL_WORDS[number] for number in story.tolist())
        return text.lstrip(" .")

    @staticmethod
    def number(text: str) -> Tensor:
        """Return a text, words and punctuation apart, as numbers, (time,).

        Raises
        ------
        ValueError
            For a word that is not in the vocabulary.
        """
        if unknown := [word for word in text.split() if word not in _NUMBERS]:
            raise ValueError(
                f"The word {unknown[0]!r} is not among the {len(RECALL_WORDS)} that the stories are made of, see "
                "Recall.words."
            )
        return torch.tensor([_NUMBERS[word] for word in text.split()])


class _Chances:
    """Numbers from a generator, drawn many at a time: a call for each would take longer than the story."""

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator
        self._drawn: list[float] = []

    def below(self, limit: int) -> int:
        if not self._drawn:
            self._drawn = torch.rand(1024, generator=self._generator, dtype=torch.float64).tolist()
        return int(self._drawn.pop() * limit)


def _tell(distance: int, chances: _Chances) -> tuple[list[int], int]:
    """Return one story, and its answer."""
    home = chances.below(len(LANGUAGES))

    def spell(text: str) -> list[int]:
        # What is named beside the point is never the answer itself.
        other = (home + 1 + chances.below(len(LANGUAGES) - 1)) % len(LANGUAGES)
        special = {"@": _COUNTRIES[home], "#": _COUNTRIES[other], "~": _SPOKEN[other]}
        return [special[word] if word in special else _NUMBERS[word] for word in text.split()]

    story = spell(OPENINGS[chances.below(len(OPENINGS))] + " .")
    left = distance - 1 - len(QUESTION.split())
    while left:
        fitting = [clause for clause in CLAUSES if len(clause.split()) <= left]
        clause = spell(fitting[chances.below(len(fitting))]) if fitting else spell(PATCH)
        story += clause
        left -= len(clause)
    return story + spell(QUESTION), _SPOKEN[home]
