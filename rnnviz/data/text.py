"""English text to read and to write character by character, and the alphabet that turns it into numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from rnnviz.data.files import find_file

__all__ = ["Characters", "Text", "alice", "manual"]

ALICE_SHA256 = "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0"

# What typewriters lack, as they would write it: a smaller alphabet is learned sooner.
_PLAIN = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"}
)


@dataclass(frozen=True)
class Text:
    """A text, and where it comes from.

    Attributes
    ----------
    name : str
        What it is called.
    text : str
        The characters; every line ends in one newline character.
    source : str
        Origin and licence.
    """

    name: str
    text: str
    source: str = ""

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return f"Text({self.name!r}, {len(self):,} characters, {len(set(self.text))} different)"


@lru_cache(maxsize=1)
def manual() -> Text:
    """Return the language reference that every Python carries, as running prose.

    Python answers ``help("for")`` from a module of its standard library, so this text is on every machine that can
    run the course. Code, grammar and tables are left out, each paragraph becomes one line, and each is taken
    once.

    Returns
    -------
    Text
        Well over 100,000 characters of technical English; how many depends on the version of Python.

    Examples
    --------
    >>> from rnnviz.data import manual
    >>> text = manual()
    >>> len(text) > 100_000, len(set(text.text)) < 100
    (True, True)
    """
    from pydoc_data.topics import topics

    paragraphs: dict[str, None] = {}
    for _, topic in sorted(topics.items()):
        for paragraph in re.split(r"\n\s*\n", topic.translate(_PLAIN)):
            line = re.sub(r"\s+", " ", paragraph).strip()
            if _is_prose(paragraph, line):
                paragraphs[line] = None
    return Text(
        "the Python manual",
        "\n".join(paragraphs) + "\n",
        "The Python Language Reference, as shipped with Python (pydoc_data.topics); PSF License.",
    )


def _is_prose(paragraph: str, line: str) -> bool:
    """Whether a paragraph is a few sentences that begin at the margin, in plain ASCII."""
    return (
        line.isascii()
        and len(line) >= 60
        and line[0].isupper()
        and line[-1] in ".:!?"
        and not any(text.startswith(" ") for text in paragraph.strip("\n").splitlines())
        and not re.search(r"::=|>>>|[|{}~^\\]|__\w+__\(|--", line)
    )


def alice() -> Text:
    """Return *Alice's Adventures in Wonderland*, where the file is at hand.

    Returns
    -------
    Text
        148,480 characters; every line ends in one newline character.

    Raises
    ------
    DataFileError
        If the file ``text/alice29.txt`` is missing or is another edition; the message says how to get it.
    """
    path = find_file("text/alice29.txt", sha256=ALICE_SHA256)
    text = path.read_bytes().decode("ascii").replace("\r\n", "\n").rstrip("\x1a")
    return Text("Alice in Wonderland", text, "Lewis Carroll, 1865; public domain. Canterbury corpus edition.")


class Characters:
    """The alphabet of a text: each character has a number.

    Parameters
    ----------
    text : str
        Every character in it gets a number, in the order of their code points.

    Attributes
    ----------
    tokens : tuple of str
        The characters, each at its number.

    Raises
    ------
    ValueError
        If the text is empty.

    Examples
    --------
    >>> from rnnviz.data import Characters
    >>> alphabet = Characters("banana")
    >>> alphabet
    Characters('abn')
    >>> alphabet.encode("nab").tolist()
    [2, 0, 1]
    >>> alphabet.decode([1, 0, 2])
    'ban'
    """

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("The text is empty, so it has no alphabet. Pass at least one character.")
        self.tokens: tuple[str, ...] = tuple(sorted(set(text)))
        self._numbers = {token: number for number, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._numbers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Characters) and other.tokens == self.tokens

    def __hash__(self) -> int:
        return hash(self.tokens)

    def __repr__(self) -> str:
        return f"Characters({''.join(self.tokens)!r})"

    def encode(self, text: str) -> Tensor:
        """Return the number of each character.

        Parameters
        ----------
        text : str
            Made of characters of the alphabet.

        Returns
        -------
        Tensor of int64, shape (time,)

        Raises
        ------
        ValueError
            If a character is not in the alphabet.
        """
        if unknown := sorted(set(text) - self._numbers.keys()):
            raise ValueError(
                f"This alphabet has no {', '.join(map(repr, unknown[:5]))}; it is {''.join(self.tokens)!r}. Leave such "
                "characters out, or build the alphabet from a text that has them."
            )
        return torch.tensor([self._numbers[character] for character in text], dtype=torch.long)

    def decode(self, numbers: Iterable[int] | Tensor) -> str:
        """Return the text that these numbers stand for."""
        listed = numbers.tolist() if isinstance(numbers, Tensor) else list(numbers)
        return "".join(self.tokens[number] for number in listed)
