"""English text to read and to write character by character, and the alphabet that turns it into numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from rnnviz.data.files import DataFileError, find_file, read_content
from rnnviz.data.reading.encoding import EncodingError, decode

__all__ = ["Characters", "Text", "alice", "manual", "read_text"]

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


def read_text(path: str | Path, *, encoding: str | None = None) -> Text:
    r"""Read a text of your own.

    Parameters
    ----------
    path : str or Path
        A file of plain text.
    encoding : str, optional
        By default UTF-8, UTF-16 where its mark stands, else Windows-1252, line by line.

    Returns
    -------
    Text
        Every line ends in one newline character, whatever system wrote the file. ``source`` says where it was not
        plain UTF-8.

    Raises
    ------
    DataFileError
        If there is no such file, if it is no text, or if a byte cannot be read; the message names line and byte.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rnnviz.data import read_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "poem.txt")
    ...     _ = path.write_bytes("caf\u00e9\r\n".encode("cp1252"))
    ...     text = read_text(path)
    >>> text.text, text.source
    ('café\n', 'poem.txt. The file is not UTF-8; it was read as Windows-1252.')
    """
    path = Path(path)
    raw = read_content(path)
    if not raw.strip():
        raise DataFileError(f"{path} is empty. Pass a file with text in it.")
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding is None and not marked and b"\0" in raw:
        # Latin letters in UTF-16 are every other byte; in anything else than text they are not.
        start = raw[:200]
        if start[1::2].count(0) > 0.4 * len(start) and 0 not in start[::2]:
            encoding = "utf-16-le"
        elif start[::2].count(0) > 0.4 * len(start) and 0 not in start[1::2]:
            encoding = "utf-16-be"
        else:
            line, place = _locate(raw, raw.index(b"\0"))
            raise DataFileError(
                f"{path.name}, line {line}: byte {place} is 0x00, which no text holds. Pass a file of plain text, "
                "not of a word processor."
            )
    try:
        text, note = decode(raw, encoding, prose=True)
    except EncodingError as error:
        raise DataFileError(f"{path.name}, line {error.line}: {error}") from None
    except LookupError:
        raise DataFileError(
            f"There is no encoding {encoding!r}; try 'utf-8', 'cp1252' or 'latin-1'."
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return Text(path.stem, text, f"{path.name}. {note}" if note else path.name)


def _locate(raw: bytes, at: int) -> tuple[int, int]:
    """Return the line of a byte, and its place in the line, both counted from 1."""
    return raw.count(b"\n", 0, at) + 1, at - raw.rfind(b"\n", 0, at)


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
