"""Files of other kinds than tables, and of odd encodings: read, or refused with the line, the byte and the cure."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rnnviz.data import (
    CsvError,
    DataFileError,
    VectorFileError,
    read_csv,
    read_pairs,
    read_text,
    read_vectors,
)
from rnnviz.data.digits import read_digits, read_idx
from rnnviz.data.reading.encoding import EncodingError, decode

POEM = "Déjà vu – “naïve”\nnaïf\n"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (POEM.encode(), None),
        (POEM.encode("utf-8-sig"), None),
        (POEM.encode("utf-16"), None),
        (POEM.replace("\n", "\r\n").encode(), None),
        (POEM.replace("\n", "\r").encode(), None),
        (POEM.encode("utf-16-le"), None),
        (POEM.encode("utf-16-be"), None),
        (POEM.encode("cp1252"), "The file is not UTF-8; it was read as Windows-1252."),
        (
            "Déjà vu – “naïve”\n".encode() + "naïf\n".encode("cp1252"),
            "UTF-8 but for line 2, read as Windows-1252.",
        ),
    ],
)
def test_texts_in_odd_encodings_are_read(tmp_path: Path, content: bytes, note: str | None) -> None:
    path = tmp_path / "poem.txt"
    path.write_bytes(content)
    text = read_text(path)
    assert (text.name, text.text) == ("poem", POEM)
    assert text.source == "poem.txt" if note is None else note in text.source


def test_texts_that_cannot_be_read_name_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    for content, words in (
        ("one\n日本語です".encode("shift_jis"), r"poem.txt, line 2: byte 1 \(0x93\).*encoding='shift_jis'"),
        (b"one\ntwo \0three" + bytes(40), r"line 2: byte 5 is 0x00"),
        (b" \n", "is empty"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataFileError, match=words):
            read_text(path)
    path.write_bytes("日本語".encode("shift_jis"))
    assert read_text(path, encoding="shift_jis").text == "日本語"
    path.write_bytes("é".encode("cp1252"))
    with pytest.raises(
        DataFileError, match=r"line 1: byte 1 \(0xE9\) is a character in an encoding other than utf-8"
    ):
        read_text(path, encoding="utf-8")
    with pytest.raises(DataFileError, match="no encoding 'klingon'"):
        read_text(path, encoding="klingon")


def test_a_byte_is_located_from_its_line() -> None:
    with pytest.raises(EncodingError) as caught:
        decode(b"one\ntwo \x81", None)
    assert (caught.value.line, caught.value.place) == (2, 5)


def test_tables_in_mixed_encodings_are_read_and_noted() -> None:
    rows = [f"2024-01-{day:02};{day % 5};" for day in range(1, 31)]
    content = "\n".join(["date;Besucher;Bemerkung", *(row + "schön" for row in rows)]).encode()
    content = content.replace("schön".encode(), "schön".encode("cp1252"), 1)
    assert read_csv(content).notes[0] == "The file is UTF-8 but for line 2, read as Windows-1252."
    with pytest.raises(CsvError, match=r"Line 2: byte 14 \(0x93\)"):
        read_csv(content.replace("schön".encode("cp1252"), b"\x93\xfa\x96\x7b", 1))


@pytest.mark.parametrize("read", [read_text, read_pairs, read_vectors, read_idx, read_csv])
def test_a_folder_is_called_one(tmp_path: Path, read) -> None:
    (tmp_path / "inside.txt").write_text("a")
    with pytest.raises((DataFileError, VectorFileError, CsvError), match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize("read", [read_text, read_pairs, read_vectors, read_idx, read_csv])
def test_a_missing_file_is_said_to_be_missing(tmp_path: Path, read) -> None:
    with pytest.raises((DataFileError, FileNotFoundError, CsvError), match="There is no file"):
        read(tmp_path / "nowhere.txt")


def test_gzip_under_a_bare_name_is_called_so(tmp_path: Path) -> None:
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 1, 7])
    bare = tmp_path / "train-labels-idx1-ubyte"
    bare.write_bytes(gzip.compress(labels))
    with pytest.raises(
        DataFileError, match=r"is compressed by gzip, and .*Rename it to train-labels-idx1-ubyte.gz"
    ):
        read_idx(bare)
    twice = tmp_path / "twice.gz"
    twice.write_bytes(gzip.compress(gzip.compress(labels)))
    with pytest.raises(DataFileError, match="compressed by gzip twice"):
        read_idx(twice)
    named = tmp_path / "labels.gz"
    named.write_bytes(gzip.compress(labels))
    np.testing.assert_array_equal(read_idx(named), [7])
    with pytest.raises(DataFileError, match="is a folder"):
        read_digits(tmp_path, named)


# Pairs of sentences.

OLD = "Go.\tVa !\nRun!\tCours !\n"
NEW = "Go.\tVa !\tCC-BY 2.0 (France) Attribution: tatoeba.org #2877272 (CM)\nRun!\tCours !\tCC-BY 2.0\n"


@pytest.mark.parametrize("content", [OLD, NEW])
def test_archives_for_anki_of_any_year_are_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "fra-eng.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_about.txt", "This file is longer than the pairs.\n" * 9)
        archive.writestr("fra.txt", content)
    pairs = read_pairs(path)
    assert pairs.source == (("go", "."), ("run", "!"))
    assert pairs.target == (("va", "!"), ("cours", "!"))


@pytest.mark.parametrize(
    "content",
    [
        "Good day.\tBuongiorno.\n\nYes!\tSì!\n".encode(),
        "Good day.\tBuongiorno.\nYes!\tSì!".encode("utf-16"),
        "Good day.\tBuongiorno.\r\nYes!\tSì!".encode("cp1252"),
        "1276\tGood day.\t9813\tBuongiorno.\n77\tYes!\t12\tSì!".encode(),
        "Good day.;Buongiorno.\nYes!;Sì!".encode(),
        '"Good day.","Buongiorno."\n"Yes!","Sì!"'.encode(),
    ],
)
def test_pair_files_of_ones_own_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    pairs = read_pairs(path)
    assert (pairs.name, len(pairs)) == ("mine", 2)
    assert pairs.target == (("buongiorno", "."), ("sì", "!"))
    assert len(read_pairs(path, most=1)) == 1
    assert len(read_pairs(path, longest=2)) == 1


def test_pair_files_that_are_none_get_their_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    for content, words in (
        (b"", "is empty"),
        (b"Good day.\tBuongiorno.\nYes!\n", r"mine.txt, line 2: 'Yes!' is one sentence.*tab"),
        (b"Good day, sir.,Buongiorno.\n", r"line 1: 3 parts lie between signs ','.*quotation marks"),
        (b"PK\x03\x04 cut", "damaged archive"),
        (b"\x89PNG\0\0", "no text"),
        ("Yes\tはい".encode("shift_jis"), r"line 1: byte 5 .*encoding"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataFileError, match=words):
            read_pairs(path)
    path.write_text("Good day to you.\tBuongiorno.\n")
    with pytest.raises(DataFileError, match="no pair of at most 2 words"):
        read_pairs(path, longest=2)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deck.apkg", "x")
    with pytest.raises(DataFileError, match=r"holds no text file, but deck.apkg"):
        read_pairs(path)


# Word vectors.


@pytest.mark.parametrize(
    "content",
    [
        b"milk 0.1 0.9\ntea 0.2 0.8\n",
        b"2 2\nmilk 0.1 0.9\ntea 0.2 0.8\n",
        b"\xef\xbb\xbfmilk 0.1 0.9\ntea 0.2 0.8\n",
        b"\xef\xbb\xbf2 2\nmilk 0.1 0.9\ntea 0.2 0.8\n",
        b"milk\t0.1\t0.9\ntea\t0.2\t0.8\n",
        b"2\t2\nmilk\t0.1 0.9\ntea\t0.2 0.8\n",
        b"milk  0.1  0.9 \r\ntea 0.2 0.8 \r\n",
        b"milk 0.1 0.9\ntea 0.2 0.8",
    ],
)
def test_vectors_with_a_header_a_mark_or_tabs_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    vectors = read_vectors(path)
    assert vectors.words == ("milk", "tea")
    np.testing.assert_allclose(vectors["tea"], [0.2, 0.8])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"3 2\nmilk 1 2\ntea 3 4\n",
            r"line 1 states 3 words, and 2 are there. The file was cut short.*most=2",
        ),
        (b"1 2\nmilk 1 2\ntea 3 4\n", r"line 1 states 1 words, and 2 are there. Correct line 1"),
        (b"2 3\nmilk 1 2\ntea 3 4\n", r"line 1 states vectors of 3 numbers, and in line 2 2 follow the word"),
        (
            b"milk 1 2\ntea 3",
            r"line 2: 1 numbers follow 'tea', and 2 were expected. It is the last line.*most=1",
        ),
        (b"milk 1 2\ntea 3 4\ncaf\xc3", r"line 3: the file ends in the middle of a character.*most=2"),
        (b"milk 1 2\ncaf\xe9 3 4\n", r"line 2: this is not UTF-8 text: byte 4 is 0xE9"),
        ("milk 1 2\n".encode("utf-16"), "is text in UTF-16"),
    ],
)
def test_vectors_that_disagree_with_themselves_are_refused_by_line(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(VectorFileError, match=words):
        read_vectors(path)


def test_the_most_frequent_words_of_a_cut_file_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"3 2\nmilk 1 2\ntea 3")
    assert read_vectors(path, most=1).words == ("milk",)


def test_tables_need_pandas_and_say_so() -> None:
    code = (
        "import sys; sys.modules['clevercsv'] = None\n"
        "from rnnviz.data import read_csv\n"
        "try: read_csv(b'a,b\\n1,2')\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == (
        'To read a table, clevercsv is needed, which is not installed. Run: pip install "rnnviz[course]"'
    )
