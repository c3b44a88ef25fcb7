"""Text and its alphabet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from rnnviz.data import Characters, DataFileError, Text, alice, manual
from rnnviz.data.files import SETTING

needs_alice = pytest.mark.skipif(
    not Path(os.environ.get(SETTING, ""), "text/alice29.txt").is_file(),
    reason=f"needs text/alice29.txt (Canterbury corpus) in the folder that {SETTING} names",
)


def test_the_manual_is_long_plain_prose() -> None:
    text = manual()
    assert len(text) > 100_000
    assert text.text.isascii()
    assert text.text.endswith(".\n") or text.text[-2] in ":!?"
    paragraphs = text.text.splitlines()
    assert len(set(paragraphs)) == len(paragraphs)
    assert not [line for line in paragraphs if len(line) < 60 or line.startswith(" ")]
    assert not [line for line in paragraphs if ">>>" in line or "::=" in line]
    # English, by the share of its commonest word.
    words = text.text.lower().split()
    assert 0.04 < words.count("the") / len(words) < 0.12


def test_the_manual_is_the_same_each_time() -> None:
    assert manual() == manual()
    assert repr(manual()).startswith("Text('the Python manual', ")


@needs_alice
def test_alice_is_read_whole() -> None:
    text = alice()
    assert len(text) == 148_480
    assert "\r" not in text.text
    assert "Down the Rabbit-Hole" in text.text
    assert text.text.rstrip().endswith("THE END")


def test_without_its_file_alice_says_what_to_get(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataFileError, match=r"alice29\.txt"):
        alice()


def test_characters_go_there_and_back() -> None:
    alphabet = Characters(manual().text)
    passage = manual().text[500:900]
    codes = alphabet.encode(passage)
    assert codes.dtype == torch.long
    assert codes.shape == (400,)
    assert alphabet.decode(codes) == passage
    assert "e" in alphabet
    assert "é" not in alphabet
    assert alphabet == Characters("".join(alphabet.tokens))
    assert hash(alphabet) == hash(Characters("".join(alphabet.tokens)))
    assert alphabet.encode("").shape == (0,)


def test_refusals_name_what_is_missing() -> None:
    with pytest.raises(ValueError, match="no alphabet"):
        Characters("")
    with pytest.raises(ValueError, match=r"has no 'x', 'z'; it is 'abc'"):
        Characters("abc").encode("zax")
    assert repr(Text("short", "abcab")) == "Text('short', 5 characters, 3 different)"
