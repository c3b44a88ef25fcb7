"""Word vectors: which words lie close together, and what a direction means."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

__all__ = ["VectorFileError", "WordVectors", "read_vectors", "write_vectors"]

LINES = 512
"""Lines that are read at a time: few enough to weigh nothing beside the vectors."""
Floats = np.ndarray[Any, np.dtype[np.float32]]


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
    _numbers: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.values.dim() != 2 or len(self.values) != len(self.words) or not self.words:
            raise ValueError(
                f"There are {len(self.words)} words and vectors of shape {tuple(self.values.shape)}; there must be "
                "one row for each word."
            )
        numbers = {word: number for number, word in enumerate(self.words)}
        if len(numbers) != len(self.words):
            twice = next(word for number, word in enumerate(self.words) if numbers[word] != number)
            raise ValueError(f"The word {twice!r} comes more than once; keep one of its vectors.")
        # Piece by piece: isfinite makes copies, which for a table of 400,000 words are as large as itself.
        for start in range(0, len(self.values), 4096):
            piece = self.values[start : start + 4096]
            if not torch.isfinite(piece).all():
                row = start + int((~torch.isfinite(piece)).any(1).nonzero()[0])
                raise ValueError(
                    f"The vector of {self.words[row]!r} holds values that are not finite numbers."
                )
        object.__setattr__(self, "_numbers", numbers)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers

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
            return self._numbers[word]
        except KeyError:
            raise KeyError(f"There is no vector for {word!r} among these {len(self):,} words.") from None


def write_vectors(vectors: WordVectors, path: str | Path, *, header: bool = False) -> Path:
    r"""Write word vectors as text: a line a word, its numbers behind it.

    Parameters
    ----------
    vectors : WordVectors
    path : str or Path
        Written anew where it exists.
    header : bool, default False
        Begin with a line that says how many words and how many numbers there are, as word2vec and fastText do; GloVe
        does not.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If a word is empty, or holds a blank, a tab or a line's end: it could not be told from its numbers.

    Examples
    --------
    >>> import pathlib, tempfile, torch
    >>> from rnnviz.data import WordVectors, read_vectors, write_vectors
    >>> vectors = WordVectors(("milk", "tea"), torch.tensor([[0.1, 0.9], [0.2, 0.8]]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_vectors(vectors, pathlib.Path(folder) / "small.txt")
    ...     print(path.read_text())
    ...     torch.equal(read_vectors(path).values, vectors.values)
    milk 0.1 0.9
    tea 0.2 0.8
    <BLANKLINE>
    True
    """
    for word in vectors.words:
        if not word or re.search(r"[ \t\r\n]", word):
            raise ValueError(
                f"The word {word!r} cannot be written: it is empty or holds blanks. Replace them, by an underscore say."
            )
    path = Path(path)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        if header:
            file.write(f"{len(vectors)} {vectors.values.shape[1]}\n")
        for word, row in zip(vectors.words, vectors.values.detach().float().numpy(), strict=True):
            # Nine digits are enough for every float32; where fewer give the same number, fewer.
            file.write(f"{word} {' '.join(map(str, row))}\n")
    return path


def read_vectors(path: str | Path, *, most: int | None = None) -> WordVectors:
    r"""Read word vectors from the text format of GloVe, word2vec or fastText.

    Each line holds a word and its numbers, with blanks or tabs between. word2vec's and fastText's files begin with
    a line that says how many words and how many numbers there are; GloVe's do not. What that line says must be true.
    The file is read in blocks, straight into the table: little more memory is needed than the result holds.

    Parameters
    ----------
    path : str or Path
        An uncompressed text file in UTF-8.
    most : int, optional
        Read only this many words; these files list the frequent ones first.

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
    with path.open("rb") as file:
        return _Reading(path, file, most).read()


class _Reading:
    """One reading of a file, from its first line to the last.

    The table is made at once, with a row for each line: rows that are collected first take twice its memory while it
    is put together. Lines are read in blocks, and the numbers of a block by one call. A block that is not plain, a
    word, blanks and numbers in each line, is read again line by line, which takes more kinds and finds every fault.
    """

    def __init__(self, path: Path, file: BinaryIO, most: int | None) -> None:
        self.path, self.file, self.most = path, file, most
        self.stated: tuple[int, int] | None = None
        self.numbers: dict[str, int] = {}
        self.table: Floats = np.empty((0, 0), dtype=np.float32)
        self.lines = self.size = self.read_words = 0

    def read(self) -> WordVectors:
        """Read all, and check what the first line states."""
        self.lines = _count_lines(self.file)
        block: list[bytes] = []
        start = 1
        for raw in self.file:
            if start == 1 and not block:
                _refuse_other_kinds(self.path, raw)
                raw = raw.removeprefix(b"\xef\xbb\xbf")
                if self._read_header(raw):
                    start = 2
                    continue
            block.append(raw)
            # The first line alone: only then is it known how many numbers there are.
            if len(block) == (LINES if self.size else 1):
                self._take(block, start)
                start += len(block)
                block = []
            if self.most is not None and self.read_words + len(block) >= self.most and block:
                self._take(block, start)
                start += len(block)
                block = []
            if self.most is not None and self.read_words >= self.most:
                break
        self._take(block, start)
        self._check_end()
        words = tuple(self.numbers)
        self.numbers = {}
        return WordVectors(words, torch.from_numpy(self.table[: len(words)]))

    def _read_header(self, raw: bytes) -> bool:
        parts = raw.split()
        if len(parts) != 2 or not all(part.isdigit() for part in parts):
            return False
        self.stated = int(parts[0]), int(parts[1])
        return True

    def _check_end(self) -> None:
        name = self.path.name
        if not self.numbers:
            raise VectorFileError(f"{name} holds no vectors; each line must be a word and its numbers.")
        if self.stated is None or self.most is not None or self.read_words == self.stated[0]:
            return
        more = (
            "The file was cut short: get it again" if self.read_words < self.stated[0] else "Correct line 1"
        )
        raise VectorFileError(
            f"{name}, line 1 states {self.stated[0]:,} words, and {self.read_words:,} are there. {more}, or read those "
            f"with most={self.read_words}."
        )

    def _take(self, block: list[bytes], start: int) -> None:
        """Read a block of lines, the first of which has this number."""
        if block and not (self.size and self._take_plain(block)):
            for number, raw in enumerate(block, start):
                self._take_line(number, raw)

    def _take_plain(self, block: list[bytes]) -> bool:
        """Read a block in which every line is plain, or nothing of it."""
        try:
            parted = [raw.split(b" ", 1) for raw in block]
            words = [word.decode() for word, _ in parted]
            numbers = [rest.strip(b"\r\n ") for _, rest in parted]
        except ValueError:
            return False
        if not all(words) or any(rest.count(b" ") != self.size - 1 for rest in numbers):
            return False
        with warnings.catch_warnings():
            # What is no number ends the reading with a warning.
            warnings.simplefilter("error", DeprecationWarning)
            try:
                values = np.fromstring(b" ".join(numbers), dtype=np.float32, sep=" ")
            except (DeprecationWarning, ValueError):
                return False
        if values.size != len(block) * self.size or not np.isfinite(values).all():
            return False
        self._keep(words, values.reshape(-1, self.size))
        return True

    def _take_line(self, number: int, raw: bytes) -> None:
        last = not raw.endswith(b"\n")
        line = _decode(self.path, number, raw, last)
        if not line:
            return
        # Only blanks and tabs separate: some words hold a no-break space.
        parts = re.split(r"[ \t]+", line)
        if self.stated is not None and not self.numbers and len(parts) - 1 != self.stated[1]:
            raise VectorFileError(
                f"{self.path.name}, line 1 states vectors of {self.stated[1]:,} numbers, and in line {number} "
                f"{len(parts) - 1:,} follow the word. Correct line 1, or get the file again."
            )
        word, values = _read_row(self.path, number, parts, self.size, last)
        self._keep([word], values[None])

    def _keep(self, words: Iterable[str], rows: Floats) -> None:
        """Put rows into the table. Some published files list a word twice; the first is the more frequent."""
        if not self.size:
            self.size = rows.shape[1]
            count = self.lines if self.most is None else min(self.lines, self.most)
            self.table = np.empty((count, self.size), dtype=np.float32)
        for word, row in zip(words, rows, strict=True):
            self.read_words += 1
            if word not in self.numbers:
                self.table[len(self.numbers)] = row
                self.numbers[word] = len(self.numbers)


def _count_lines(file: BinaryIO) -> int:
    """Count the lines of a file, and go back to its beginning; one more where the last has no end."""
    count = 1
    while piece := file.read(1 << 20):
        count += piece.count(b"\n")
    file.seek(0)
    return count


def _decode(path: Path, number: int, raw: bytes, last: bool) -> str:
    try:
        return raw.decode("utf-8").strip("\r\n \t")
    except UnicodeDecodeError as error:
        if last and error.end == len(raw):
            raise VectorFileError(
                f"{path.name}, line {number}: the file ends in the middle of a character. It was cut short: get it "
                f"again, or leave that line out with most={number - 1}."
            ) from None
        raise VectorFileError(
            f"{path.name}, line {number}: this is not UTF-8 text: byte {error.start + 1} is "
            f"0x{raw[error.start]:02X}. Save the file as UTF-8."
        ) from None


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
        # Beyond float32 is infinite, and refused below.
        with np.errstate(over="ignore"):
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
