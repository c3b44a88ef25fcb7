"""Word vectors: which words lie close together, and what a direction means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

__all__ = ["VectorFileError", "WordVectors", "read_vectors"]


class VectorFileError(ValueError):
    """A file of word vectors could not be read; the message names the line and what was expected there."""


@dataclass(frozen=True, eq=False)
class WordVectors:
    """One vector for each word.

    Attributes
    ----------
    words : tuple of str
        Each once.
    values : Tensor, shape (word, size)
        The vectors.

    Raises
    ------
    ValueError
        If their numbers differ, a word comes twice, or a value is not finite.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import WordVectors
    >>> made = WordVectors(
    ...     ("man", "woman", "king", "queen", "tea"),
    ...     torch.tensor([[1.0, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [-1, -1, 0]]),
    ... )
    >>> made.analogy("king", "man", "woman", count=1)
    [('queen', 0.958569)]
    """

    words: tuple[str, ...]
    values: Tensor

    def __post_init__(self) -> None:
        if self.values.dim() != 2 or len(self.values) != len(self.words) or not self.words:
            raise ValueError(
                f"There are {len(self.words)} words and vectors of shape {tuple(self.values.shape)}; there must be "
                "one row for each word."
            )
        if len(set(self.words)) != len(self.words):
            twice = next(word for word in self.words if self.words.count(word) > 1)
            raise ValueError(f"The word {twice!r} comes more than once; keep one of its vectors.")
        if not torch.isfinite(self.values).all():
            row = int((~torch.isfinite(self.values)).any(1).nonzero()[0])
            raise ValueError(f"The vector of {self.words[row]!r} holds values that are not finite numbers.")

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words, {self.values.shape[1]} numbers each)"

    def __getitem__(self, word: str) -> Tensor:
        return self.values[self._number(word)]

    def nearest(self, word: str, count: int = 5) -> list[tuple[str, float]]:
        """Return the words whose vectors point most nearly the same way.

        Parameters
        ----------
        word : str
        count : int, default 5

        Returns
        -------
        list of (str, float)
            Words other than this one and the cosine of the angle, the largest first.

        Raises
        ------
        KeyError
            If there is no vector for the word.
        """
        return self._closest(self[word], {word}, count)

    def analogy(self, a: str, b: str, c: str, count: int = 5) -> list[tuple[str, float]]:
        """Return the words closest to a − b + c: ``analogy("king", "man", "woman")``.

        Parameters
        ----------
        a, b, c : str
            b is to a as c is to the answer. All three are left out of the answer, as is usual; that leaves
            the answer fewer ways to be wrong.
        count : int, default 5

        Returns
        -------
        list of (str, float)
            Words and cosines, the largest first.

        Raises
        ------
        KeyError
            If there is no vector for one of the words.

        References
        ----------
        T. Mikolov, W. Yih and G. Zweig, "Linguistic regularities in continuous space word representations",
        NAACL 2013. Each vector is brought to length 1 first, as there.
        """
        towards = [self[word] / self[word].norm().clamp_min(1e-12) for word in (a, b, c)]
        return self._closest(towards[0] - towards[1] + towards[2], {a, b, c}, count)

    def _closest(self, vector: Tensor, without: set[str], count: int) -> list[tuple[str, float]]:
        lengths = self.values.norm(dim=1) * vector.norm()
        cosines = (self.values @ vector) / lengths.clamp_min(1e-12)
        order = cosines.argsort(descending=True, stable=True).tolist()
        chosen = [number for number in order if self.words[number] not in without][:count]
        return [(self.words[number], round(float(cosines[number]), 6)) for number in chosen]

    def _number(self, word: str) -> int:
        try:
            return self.words.index(word)
        except ValueError:
            raise KeyError(f"There is no vector for {word!r} among these {len(self):,} words.") from None


def read_vectors(path: str | Path, *, most: int | None = None) -> WordVectors:
    r"""Read word vectors from the text format of GloVe or word2vec.

    Each line holds a word and its numbers, with blanks or tabs between. word2vec's files begin with a line that says
    how many words and how many numbers there are; GloVe's do not. What that line says must be true.

    Parameters
    ----------
    path : str or Path
        An uncompressed text file in UTF-8.
    most : int, optional
        Read only so many words; these files list the frequent ones first.

    Returns
    -------
    WordVectors
        In float32.

    Raises
    ------
    VectorFileError
        If the file is no such text; the message names the line.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rnnviz.data import read_vectors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "small.txt"
    ...     _ = path.write_text("milk 0.1 0.9\ntea 0.2 0.8\n")
    ...     read_vectors(path)
    WordVectors(2 words, 2 numbers each)
    """
    if most is not None and most < 1:
        raise ValueError(f"most is {most}; it must be at least 1.")
    path = Path(path)
    if path.is_dir():
        raise VectorFileError(f"{str(path)!r} is a folder. Pass a file of vectors in it.")
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {str(path)!r}. Download a set of vectors, unpack it and pass its path."
        )
    words: list[str] = []
    rows: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    stated: tuple[int, int] | None = None
    size = 0
    for number, parts, last in _read_lines(path):
        if number == 1 and len(parts) == 2 and all(part.isdecimal() for part in parts):
            stated = int(parts[0]), int(parts[1])
            continue
        if most is not None and len(words) == most:
            break
        if stated is not None and not words and len(parts) - 1 != stated[1]:
            raise VectorFileError(
                f"{path.name}, line 1 states vectors of {stated[1]:,} numbers, and in line {number} {len(parts) - 1:,} "
                "follow the word. Correct line 1, or get the file again."
            )
        word, values = _read_row(path, number, parts, size, last)
        size = len(values)
        words.append(word)
        rows.append(values)
    if not words:
        raise VectorFileError(f"{path.name} holds no vectors; each line must be a word and its numbers.")
    if stated is not None and most is None and len(words) != stated[0]:
        more = "The file was cut short: get it again" if len(words) < stated[0] else "Correct line 1"
        raise VectorFileError(
            f"{path.name}, line 1 states {stated[0]:,} words, and {len(words):,} are there. {more}, or read those with "
            f"most={len(words)}."
        )
    # Some published files list a word twice; the first is the more frequent.
    first = {word: number for number, word in reversed(list(enumerate(words)))}
    kept = sorted(first.values())
    return WordVectors(
        tuple(words[number] for number in kept), torch.from_numpy(np.stack([rows[k] for k in kept]))
    )


def _read_lines(path: Path) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the number of each line, its parts, and whether the file ends in it without a line's end."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if number == 1:
                _refuse_other_kinds(path, raw)
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            last = not raw.endswith(b"\n")
            try:
                line = raw.decode("utf-8").strip("\r\n \t")
            except UnicodeDecodeError as error:
                if last and error.end == len(raw):
                    raise VectorFileError(
                        f"{path.name}, line {number}: the file ends in the middle of a character. It was cut short: "
                        f"get it again, or leave that line out with most={number - 1}."
                    ) from None
                raise VectorFileError(
                    f"{path.name}, line {number}: this is not UTF-8 text: byte {error.start + 1} is "
                    f"0x{raw[error.start]:02X}. Save the file as UTF-8."
                ) from None
            if line:
                # Only blanks and tabs separate: some words hold a no-break space.
                yield number, re.split(r"[ \t]+", line), last


def _refuse_other_kinds(path: Path, raw: bytes) -> None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise VectorFileError(f"{path.name} is text in UTF-16. Save it as UTF-8.")
    if raw.startswith((b"\x1f\x8b", b"PK")) or b"\0" in raw:
        raise VectorFileError(
            f"{path.name} is compressed or binary. Unpack it first; of word2vec's files, take the one in text format."
        )


def _read_row(
    path: Path, number: int, parts: Sequence[str], size: int, last: bool
) -> tuple[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    # In GloVe's largest file a few words hold blanks; the numbers are the last ones of the line.
    cut = len(parts) - size if size else 1
    if cut < 1 or len(parts) < 2:
        cure = (
            f"It is the last line: the file was cut short. Get it again, or leave that line out with most={number - 1}."
            if last
            else "The file may be cut off."
        )
        raise VectorFileError(
            f"{path.name}, line {number}: {len(parts) - 1} numbers follow {parts[0]!r}, and {size or 'some'} were "
            f"expected. {cure}"
        )
    try:
        values = np.array(parts[cut:], dtype=np.float32)
    except ValueError:
        bad = next(part for part in parts[cut:] if not _is_number(part))
        raise VectorFileError(
            f"{path.name}, line {number}: {bad[:20]!r} stands where a number was expected, after the word "
            f"{parts[0][:20]!r}."
        ) from None
    word = " ".join(parts[:cut])
    if cut > 1 and all(_is_number(part) for part in parts[1:cut]):
        raise VectorFileError(
            f"{path.name}, line {number}: {len(parts) - 1} numbers follow {parts[0][:20]!r}, and {size} were expected."
        )
    if not np.isfinite(values).all():
        raise VectorFileError(
            f"{path.name}, line {number}: the vector of {word!r} holds values that are not finite."
        )
    return word, values


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
