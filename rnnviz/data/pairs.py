"""Sentences and their translations: a small corpus made by rule, and a real one where its file is at hand."""

from __future__ import annotations

import csv
import io
import random
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

import torch
from torch import Tensor

from rnnviz.data.files import DataFileError, find_file, read_content
from rnnviz.data.reading.encoding import EncodingError, decode
from rnnviz.data.words import Words, pad_sentences, split_words

__all__ = [
    "END",
    "GO",
    "Pairs",
    "english_french",
    "made_up_pairs",
    "read_pairs",
    "stack_pairs",
    "telephone_pairs",
]

GO, END = "<go>", "<eos>"
"""What a decoder is given before the first word, and what it says after the last."""

SHA256 = "16c4f7d0df9e7c5e6c54cdb0447f3f4a18a55052ff5e2e0b27dd4a06c0e49d04"

# (English, French, person): 1–3 singular, 4 and 6 plural.
_SUBJECTS = (
    ("I", "je", 1),
    ("you", "tu", 2),
    ("he", "il", 3),
    ("she", "elle", 3),
    ("the girl", "la fille", 3),
    ("my brother", "mon frère", 3),
    ("we", "nous", 4),
    ("they", "ils", 6),
    ("the children", "les enfants", 6),
)
# English forms for I and for he, then the French ones for the persons 1, 2, 3, 4, 6.
_VERBS = {
    "drink": ("drink", "drinks", ("bois", "bois", "boit", "buvons", "boivent")),
    "eat": ("eat", "eats", ("mange", "manges", "mange", "mangeons", "mangent")),
    "read": ("read", "reads", ("lis", "lis", "lit", "lisons", "lisent")),
    "see": ("see", "sees", ("vois", "vois", "voit", "voyons", "voient")),
    "want": ("want", "wants", ("veux", "veux", "veut", "voulons", "veulent")),
    "like": ("like", "likes", ("aime", "aimes", "aime", "aimons", "aiment")),
}
_PERSONS = {1: 0, 2: 1, 3: 2, 4: 3, 6: 4}
# (English, French, French after "ne … pas"): there "du", "de la" and "un" turn into "de".
_THINGS = (
    ("the black cat", "le chat noir", "le chat noir"),
    ("a white house", "une maison blanche", "de maison blanche"),
    ("a small book", "un petit livre", "de petit livre"),
    ("the long letter", "la longue lettre", "la longue lettre"),
)
_OBJECTS = {
    "drink": (("milk", "du lait", "de lait"), ("water", "de l' eau", "d' eau"), ("tea", "du thé", "de thé")),
    "eat": (
        ("bread", "du pain", "de pain"),
        ("soup", "de la soupe", "de soupe"),
        ("a red apple", "une pomme rouge", "de pomme rouge"),
    ),
    "read": _THINGS[2:],
    "see": _THINGS,
    "want": (*_THINGS, ("cheese", "du fromage", "de fromage")),
    # What one likes stays "le" and "la" in French, with "ne … pas" too.
    "like": (
        ("music", "la musique", "la musique"),
        ("the black cat", "le chat noir", "le chat noir"),
        ("the white house", "la maison blanche", "la maison blanche"),
        ("the small book", "le petit livre", "le petit livre"),
    ),
}
_WHENS = (("", ""), ("today", "aujourd'hui"), ("every day", "tous les jours"))
_VOWELS = "aeiouyéèêh"


@dataclass(frozen=True)
class Pairs:
    """Sentences, and what each means in another language, both cut into words.

    Attributes
    ----------
    name : str
        What the collection is called.
    source, target : tuple of tuples of str
        A sentence and its translation stand at the same place.
    origin : str
        Where it comes from, and on what terms.

    Raises
    ------
    ValueError
        If there is not one translation for each sentence, or one of them has no words.
    """

    name: str
    source: tuple[tuple[str, ...], ...]
    target: tuple[tuple[str, ...], ...]
    origin: str = ""

    def __post_init__(self) -> None:
        if len(self.source) != len(self.target) or not self.source:
            raise ValueError(
                f"There are {len(self.source)} sentences and {len(self.target)} translations; there must be one each."
            )
        empty = [k for k, both in enumerate(zip(self.source, self.target, strict=True)) if not all(both)]
        if empty:
            raise ValueError(f"Pair {empty[0]} has a side without words; leave it out.")

    def __len__(self) -> int:
        return len(self.source)

    def __repr__(self) -> str:
        return f"Pairs({self.name!r}, {len(self):,} pairs)"

    def split(self, share: float = 0.9, seed: int = 0) -> tuple[Pairs, Pairs]:
        """Divide into a part to train on and a part to test on; no source sentence is in both.

        Parameters
        ----------
        share : float
            Part of the sentences to train on, between 0 and 1.
        seed : int
            Which sentences.
        """
        sentences = sorted(set(self.source))
        if not 0 < share < 1 or len(sentences) < 2:
            raise ValueError(f"A share of {share} of {len(sentences)} sentences leaves one side empty.")
        random.Random(seed).shuffle(sentences)
        kept = set(sentences[: min(len(sentences) - 1, max(1, round(share * len(sentences))))])

        def part(inside: bool) -> Pairs:
            chosen = [
                both for both in zip(self.source, self.target, strict=True) if (both[0] in kept) == inside
            ]
            source, target = zip(*chosen, strict=True)
            return Pairs(self.name, source, target, self.origin)

        return part(True), part(False)

    def vocabularies(self, most: int | None = None) -> tuple[Words, Words]:
        """Return the words of the source, and those of the target with `GO` and `END` among them.

        Parameters
        ----------
        most : int, optional
            Largest size of each.
        """
        said = [[*sentence, GO, END] for sentence in self.target]
        return Words(map(list, self.source), most=most), Words(said, most=most)


def made_up_pairs() -> Pairs:
    """Return simple English sentences and their French translations, made by rule for this course.

    Subject, verb, object, a time, with or without a "not": enough for verbs to agree with their subjects, adjectives
    to change places, one word to become three, and ``ne … pas`` to close round a verb. Nobody would call it French
    literature; what a network says of other sentences, it cannot know.

    Returns
    -------
    Pairs
        1,134 of them.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs
    >>> pairs = made_up_pairs()
    >>> pairs
    Pairs('made-up English–French', 1,134 pairs)
    >>> " ".join(pairs.source[0]), " ".join(pairs.target[0])
    ('i drink milk', 'je bois du lait')
    """
    both = list(_compose())
    return Pairs(
        "made-up English–French",
        tuple(tuple(split_words(english)) for english, _ in both),
        tuple(tuple(french.lower().split()) for _, french in both),
        "composed by rule for this course",
    )


def _compose() -> Iterator[tuple[str, str]]:
    for (english, french, person), verb, (when, quand), negated in product(
        _SUBJECTS, _VERBS, _WHENS, (False, True)
    ):
        plain, third, forms = _VERBS[verb]
        form = forms[_PERSONS[person]]
        for thing, chose, pas_chose in _OBJECTS[verb]:
            if negated:
                said = f"{english} {'does' if person == 3 else 'do'} not {plain} {thing} {when}"
                ne = "n'" if form[0] in _VOWELS else "ne"
                dit = f"{french} {ne} {form} pas {pas_chose} {quand}"
            else:
                said = f"{english} {third if person == 3 else plain} {thing} {when}"
                je = "j'" if french == "je" and form[0] in _VOWELS else french
                dit = f"{je} {form} {chose} {quand}"
            yield said.strip(), dit.strip()


_DIGITS = (
    ("zero", "zéro"),
    ("one", "un"),
    ("two", "deux"),
    ("three", "trois"),
    ("four", "quatre"),
    ("five", "cinq"),
    ("six", "six"),
    ("seven", "sept"),
    ("eight", "huit"),
    ("nine", "neuf"),
)


def telephone_pairs(count: int, shortest: int, longest: int, *, seed: int = 0) -> Pairs:
    """Return telephone numbers in English and in French, digit by digit.

    Any digit can follow any other, so nothing of a number can be guessed: each digit has to be carried over. That makes
    them a measure of how much fits through between an encoder and a decoder.

    Parameters
    ----------
    count : int
        How many.
    shortest, longest : int
        Digits in each; every number between is as likely.
    seed : int
        Which.

    Returns
    -------
    Pairs

    Raises
    ------
    ValueError
        If there is nothing to be made.

    Examples
    --------
    >>> from rnnviz.data import telephone_pairs
    >>> numbers = telephone_pairs(1, 4, 4)
    >>> " ".join(numbers.source[0]), " ".join(numbers.target[0])
    ('seven four two five', 'sept quatre deux cinq')
    """
    if count < 1 or not 1 <= shortest <= longest:
        raise ValueError(
            f"telephone_pairs was given count={count}, shortest={shortest} and longest={longest}; each is at least 1, "
            "and the longest is no shorter than the shortest."
        )
    chance = random.Random(seed)
    said = [chance.choices(_DIGITS, k=chance.randint(shortest, longest)) for _ in range(count)]
    source = tuple(tuple(english for english, _ in digits) for digits in said)
    target = tuple(tuple(french for _, french in digits) for digits in said)
    return Pairs("telephone numbers", source, target, "drawn for this course")


@lru_cache(maxsize=4)
def english_french(most: int = 10_000, longest: int = 8) -> Pairs:
    """Read pairs of sentences that people wrote for Tatoeba, the shortest first.

    Parameters
    ----------
    most : int
        How many pairs.
    longest : int
        Most words of either side, punctuation marks counted.

    Returns
    -------
    Pairs
        Lower case, numbers as ``[NUM]``. A sentence may stand there several times with different translations.

    Raises
    ------
    DataFileError
        If ``translation/fra-eng.zip`` is in no folder that the setting ``RNNVIZ_DATA`` names, or is not the original.
    """
    try:
        path = find_file("translation/fra-eng.zip", sha256=SHA256)
    except DataFileError as error:
        raise DataFileError(
            f"{error} Another edition, or pairs of your own, are read by read_pairs(path)."
        ) from None
    pairs = read_pairs(path, most=most, longest=longest)
    return Pairs(
        "Tatoeba English–French",
        pairs.source,
        pairs.target,
        "tatoeba.org by way of manythings.org/anki, CC BY 2.0",
    )


LARGEST = 200_000_000


def read_pairs(
    path: str | Path, *, most: int | None = None, longest: int | None = None, encoding: str | None = None
) -> Pairs:
    r"""Read pairs of sentences: an archive for Anki, or a file of your own with a pair a line.

    Parameters
    ----------
    path : str or Path
        A zip archive of manythings.org/anki, of any year; or a text with a sentence, a tab, and its translation in
        each line. Semicolons, vertical bars or commas may stand in place of tabs if sentences that hold them are in
        quotation marks. Numbers and further columns, such as the authors in newer archives, are passed over.
    most : int, optional
        How many pairs; by default all.
    longest : int, optional
        Most words of either side, punctuation marks counted; longer pairs are passed over.
    encoding : str, optional
        By default UTF-8, UTF-16 where its mark stands, else Windows-1252, line by line.

    Returns
    -------
    Pairs
        Lower case, numbers as ``[NUM]``.

    Raises
    ------
    DataFileError
        If the file is not there or is no such text; the message names the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rnnviz.data import read_pairs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "mine.txt")
    ...     _ = path.write_text("Good day.\tBuongiorno.\nThank you.\tGrazie.\n")
    ...     pairs = read_pairs(path)
    >>> pairs, pairs.target[1]
    (Pairs('mine', 2 pairs), ('grazie', '.'))
    """
    path = Path(path)
    text = _read_table(path, encoding)
    source, target = [], []
    for sides in _cut_sides(text, path.name):
        one, other = (tuple(split_words(side)) for side in sides)
        if one and other and (longest is None or max(len(one), len(other)) <= longest):
            source.append(one)
            target.append(other)
        if len(source) == most:
            break
    if not source:
        raise DataFileError(
            f"{path.name} holds no pair"
            + (f" of at most {longest} words" if longest is not None else "")
            + ". Each line must be a sentence, a tab, and its translation."
        )
    return Pairs(path.stem, tuple(source), tuple(target), path.name)


def _read_table(path: Path, encoding: str | None) -> str:
    raw = read_content(path)
    name = path.name
    if raw.startswith(b"PK\x03\x04"):
        name, raw = _unpack(path, raw)
    if not raw.strip():
        raise DataFileError(f"{name} is empty. Each line must be a sentence, a tab, and its translation.")
    if b"\0" in raw and encoding is None and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataFileError(
            f"{name} is no text. Pass a text file with a pair a line, or an archive that holds one."
        )
    try:
        return decode(raw, encoding, prose=True)[0]
    except EncodingError as error:
        raise DataFileError(f"{name}, line {error.line}: {error}") from None
    except LookupError:
        raise DataFileError(
            f"There is no encoding {encoding!r}; try 'utf-8', 'cp1252' or 'latin-1'."
        ) from None


def _unpack(path: Path, raw: bytes) -> tuple[str, bytes]:
    """Return the text of an archive for Anki: the one file beside the remarks."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [
                info
                for info in archive.infolist()
                if info.filename.lower().endswith((".txt", ".tsv", ".csv"))
            ]
            names = [info for info in names if not Path(info.filename).name.startswith(("_", "."))] or names
            if not names:
                held = ", ".join(archive.namelist()[:5]) or "nothing"
                raise DataFileError(
                    f"{path.name} holds no text file, but {held}. Pass an archive with a pair file in it."
                )
            chosen = max(names, key=lambda info: info.file_size)
            if chosen.file_size > LARGEST:
                raise DataFileError(
                    f"{chosen.filename} in {path.name} would have {chosen.file_size / 1e6:,.0f} MB; up to "
                    f"{LARGEST / 1e6:.0f} MB can be read. Unpack it and keep a part."
                )
            return f"{path.name}/{chosen.filename}", archive.read(chosen)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise DataFileError(f"{path.name} is a damaged archive ({error}). Get it again.") from None


def _cut_sides(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the two sentences of each line; columns of numbers, as in Tatoeba's lists, are no sentence."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sample = [line for line in lines[:50] if line.strip()]
    delimiter = max("\t;|,", key=lambda sign: (sum(sign in line for line in sample), sign == "\t"))
    if sum("\t" in line for line in sample) > 0.5 * len(sample):
        delimiter = "\t"
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = line.split("\t") if delimiter == "\t" else next(csv.reader([line], delimiter=delimiter))
        sides = [cell.strip() for cell in cells if cell.strip() and not cell.strip().isdigit()]
        if delimiter != "\t" and len(sides) > 2:
            raise DataFileError(
                f"{name}, line {number}: {len(sides)} parts lie between signs {delimiter!r}, and two sentences were "
                "expected. Put a tab between the two, or put sentences that hold the sign into quotation marks."
            )
        if len(sides) < 2:
            raise DataFileError(
                f"{name}, line {number}: {line[:40]!r} is one sentence, and two were expected, with a tab between them."
            )
        yield sides[0], sides[1]


def stack_pairs(pairs: Pairs, source: Words, target: Words) -> tuple[Tensor, Tensor]:
    """Return what a translator reads and what it should say, as numbers.

    Parameters
    ----------
    pairs : Pairs
    source, target : Words
        The vocabularies; see `Pairs.vocabularies`.

    Returns
    -------
    inputs : Tensor of int64, shape (time, batch, 2)
        The source sentence, and the target sentence after `GO`: in training the decoder is given the right word,
        whatever it said itself (teacher forcing). Padded with `rnnviz.data.PADDING`.
    wanted : Tensor of int64, shape (time, batch)
        The target sentence and `END`, padded alike.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs, stack_pairs
    >>> pairs = made_up_pairs()
    >>> inputs, wanted = stack_pairs(pairs, *pairs.vocabularies())
    >>> inputs.shape, wanted.shape
    (torch.Size([12, 1134, 2]), torch.Size([12, 1134]))
    """
    read, _ = pad_sentences([source.encode(sentence) for sentence in pairs.source])
    given, _ = pad_sentences([target.encode([GO, *sentence]) for sentence in pairs.target])
    wanted, _ = pad_sentences([target.encode([*sentence, END]) for sentence in pairs.target])
    steps = max(len(read), len(given))
    return torch.stack([_lengthen(read, steps), _lengthen(given, steps)], dim=-1), _lengthen(wanted, steps)


def _lengthen(numbers: Tensor, steps: int) -> Tensor:
    return torch.nn.functional.pad(numbers, (0, 0, 0, steps - len(numbers)), value=-1)
