"""Words, sentences with an opinion, and files of word vectors."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
import torch

from rnnviz.data import (
    PADDING,
    DataFileError,
    Reviews,
    VectorFileError,
    Words,
    WordVectors,
    everyday_sentences,
    made_up_reviews,
    pad_sentences,
    read_vectors,
    rt_polarity,
    split_words,
    write_vectors,
)
from rnnviz.data.files import SETTING
from rnnviz.data.vectors import LINES

needs_reviews = pytest.mark.skipif(
    not Path(os.environ.get(SETTING, ""), "sentiment/rt-polarity.pos").is_file(),
    reason=f"needs sentiment/rt-polarity.pos and .neg (Pang and Lee, 2005) in the folder that {SETTING} names",
)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("I drink milk", ["i", "drink", "milk"]),
        ('It isn’t — "well-made"!', ["it", "isn't", "well-made", "!"]),
        ("1,000.5 of 20% at 10:30", ["[NUM]", "of", "[NUM]", "at", "[NUM]"]),
        ("See https://a.b/c?d=1, or www.example.org.", ["see", "[URL]", ",", "or", "[URL]", "."]),
        ("Él está aquí", ["él", "está", "aquí"]),
        ("", []),
        ("(…)", []),
    ],
)
def test_sentences_are_cut_into_words(sentence: str, words: list[str]) -> None:
    assert split_words(sentence) == words


def test_the_most_frequent_words_come_first_and_the_rest_are_unknown() -> None:
    words = Words(["b b a c c c 7", "a"], most=5)
    assert words.tokens == ("[UNK]", "[NUM]", "[URL]", "c", "a")
    assert words.counts == (2, 1, 0, 3, 2)
    assert words.encode("a b 12 www.x.org c").tolist() == [4, 0, 1, 2, 3]
    assert words.decode(torch.tensor([4, 0])) == ["a", "[UNK]"]
    assert words.encode(["c", "zebra"]).tolist() == [3, 0]
    assert "b" not in words


def test_padding_is_the_number_of_no_word() -> None:
    numbers, lengths = pad_sentences([torch.tensor([1, 2, 3]), torch.tensor([4])])
    assert numbers.tolist() == [[1, 4], [2, PADDING], [3, PADDING]]
    assert lengths.tolist() == [3, 1]
    assert PADDING < 0


def test_made_up_reviews_are_balanced_different_and_the_same_each_time() -> None:
    reviews = made_up_reviews()
    assert len(reviews) == 600
    assert sum(reviews.positive) == 300
    assert len(set(reviews.sentences)) == 600
    made_up_reviews.cache_clear()
    assert made_up_reviews().sentences == reviews.sentences
    assert made_up_reviews(seed=1).sentences != reviews.sentences
    # No set of single words decides: the same adjectives praise and complain, next to "not".
    praise = [one for one, good in zip(reviews.sentences, reviews.positive, strict=True) if good]
    assert any("boring" in one for one in praise)
    assert {"[NUM]", "[URL]"} <= {word for one in reviews.sentences for word in split_words(one)}


def test_a_split_leaves_nothing_out_and_nothing_twice() -> None:
    training, test = made_up_reviews().split(0.75, seed=3)
    assert (len(training), len(test)) == (450, 150)
    assert not set(training.sentences) & set(test.sentences)
    assert test.sentences == made_up_reviews().split(0.75, seed=3)[1].sentences
    truth = dict(zip(made_up_reviews().sentences, made_up_reviews().positive, strict=True))
    assert all(truth[one] == good for one, good in zip(test.sentences, test.positive, strict=True))


def test_everyday_sentences_hold_words_enough_for_a_map() -> None:
    sentences = everyday_sentences()
    assert len(Words([*sentences, *made_up_reviews().sentences])) > 300
    assert everyday_sentences(10) == sentences[:10]


@needs_reviews
def test_real_reviews_are_read_whole() -> None:
    reviews = rt_polarity()
    assert (len(reviews), sum(reviews.positive)) == (10_662, 5_331)
    assert reviews.sentences[0].startswith("the rock is destined to be the 21st century's new")
    assert all(reviews.sentences)


def test_without_their_files_real_reviews_say_what_to_get(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataFileError, match=r"rt-polarity\.pos"):
        rt_polarity()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Words([]), "No word is left"),
        (lambda: Words(["a b"], least=2), r"least=2"),
        (lambda: Words(["a"], most=3), "take the first 3 places"),
        (lambda: pad_sentences([]), "no sentences"),
        (lambda: pad_sentences([torch.tensor([1]), torch.tensor([])]), "Sentence 1 has no words"),
        (lambda: made_up_reviews(1), "between 2 and 4,000"),
        (lambda: made_up_reviews(10_000), "between 2 and 4,000"),
        (lambda: everyday_sentences(0), "at least 1"),
        (lambda: Reviews("r", ("a",), ()), "one each"),
        (lambda: made_up_reviews().split(1.0), "leaves one part"),
        (lambda: WordVectors(("a",), torch.zeros(2, 3)), "one row for each word"),
        (lambda: WordVectors(("a", "a"), torch.zeros(2, 3)), "'a' comes more than once"),
        (lambda: WordVectors(("a", "b"), torch.tensor([[1.0], [torch.nan]])), "vector of 'b'"),
    ],
)
def test_refusals_say_what_to_do(wrong: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()  # type: ignore[operator]


# Word vectors.

SQUARE = WordVectors(
    ("man", "woman", "king", "queen", "tea"),
    torch.tensor([[1.0, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [-1, -1, 0]]),
)


def test_neighbours_and_analogies_are_what_the_cosine_says() -> None:
    assert [word for word, _ in SQUARE.nearest("king", 2)] == ["man", "queen"]
    assert SQUARE.nearest("king", 1)[0][1] == pytest.approx(2**-0.5, abs=1e-6)
    assert SQUARE.analogy("king", "man", "woman", 1)[0][0] == "queen"
    assert SQUARE.analogy("woman", "queen", "king", 1)[0][0] == "man"
    with pytest.raises(KeyError, match="no vector for 'milk' among these 5"):
        SQUARE.nearest("milk")
    assert torch.equal(SQUARE["tea"], torch.tensor([-1.0, -1, 0]))


def test_a_vector_of_zeros_is_nobodys_neighbour() -> None:
    vectors = WordVectors(("a", "b", "nothing"), torch.tensor([[1.0, 0], [1, 1], [0, 0]]))
    assert vectors.nearest("a")[-1] == ("nothing", 0.0)
    assert [cosine for _, cosine in vectors.nearest("nothing")] == [0.0, 0.0]


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "vectors.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_both_formats_are_read(tmp_path: Path) -> None:
    glove = read_vectors(write(tmp_path, "milk 0.5 -1e-2\ntea 1 2\n"))
    assert glove.words == ("milk", "tea")
    assert torch.equal(glove.values, torch.tensor([[0.5, -0.01], [1, 2]]))
    word2vec = read_vectors(write(tmp_path, "2 2\nmilk 0.5 -1e-2 \ntea 1 2\n"))
    assert word2vec.words == glove.words
    assert torch.equal(word2vec.values, glove.values)
    assert read_vectors(write(tmp_path, "2 2\na 1 2\nb 3 4\n"), most=1).words == ("a",)
    assert read_vectors(write(tmp_path, "a 1 2\nb 3 4\n"), most=1).words == ("a",)


def test_oddities_of_published_files_are_read(tmp_path: Path) -> None:
    # A word with blanks in it, one with a no-break space, a word twice, a number as a word, empty lines.
    text = "milk 1 2 3\n. . . 4 5 6\nat\u00a0home 7 8 9\n\nmilk 0 0 0\n1984 1 1 1\n"
    vectors = read_vectors(write(tmp_path, text))
    assert vectors.words == ("milk", ". . .", "at\u00a0home", "1984")
    assert vectors["milk"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no vectors"),
        ("3 4\n", "holds no vectors"),
        ("milk 1 2\ntea 1\n", r"line 2: 1 numbers follow 'tea', and 2 were expected.*cut off"),
        ("milk 1 2\ntea 1 2 3\n", r"line 2: 3 numbers follow 'tea', and 2 were expected"),
        ("milk 1 two\n", r"line 1: 'two' stands where a number was expected"),
        ("milk 1 nan\n", r"line 1: the vector of 'milk' holds values that are not finite"),
        ("milk\n", r"line 1: 0 numbers follow 'milk'"),
        (b"\x1f\x8b\x08rest", "compressed or binary. Unpack"),
        (b"PK\x03\x04rest", "compressed or binary"),
        (b"milk 1\ncaf\xe9 2\n", r"line 2: this is not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_by_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(VectorFileError, match=words):
        read_vectors(write(tmp_path, content))


def test_a_missing_file_and_a_silly_limit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_vectors(tmp_path / "none.txt")
    with pytest.raises(ValueError, match="most is 0"):
        read_vectors(write(tmp_path, "a 1\n"), most=0)


def make_lines(count: int, size: int = 3) -> list[str]:
    return [f"w{number} " + " ".join(str((number + k) / 7) for k in range(size)) for number in range(count)]


def test_a_file_of_many_blocks_is_read_whole(tmp_path: Path) -> None:
    lines = make_lines(2 * LINES + 100)
    vectors = read_vectors(write(tmp_path, "\n".join(lines)))  # the last line has no end
    assert vectors.words == tuple(line.split()[0] for line in lines)
    expected = torch.tensor([[float(one) for one in line.split()[1:]] for line in lines])
    assert torch.equal(vectors.values, expected)
    assert "w700" in vectors
    assert torch.equal(vectors["w700"], expected[700])
    for most in (1, LINES - 1, LINES, LINES + 1, LINES + 2, 2 * LINES + 1, 5 * LINES):
        assert len(read_vectors(tmp_path / "vectors.txt", most=most)) == min(most, len(lines))


def test_what_is_not_plain_is_read_in_any_block(tmp_path: Path) -> None:
    lines = make_lines(2 * LINES)
    lines[LINES + 5] = ". . . 4 5 6"
    lines[LINES + 7] = "tab\t7\t8\t9"
    lines[LINES + 9] = "w3 0 0 0"  # again: the first is kept
    lines[LINES + 11] = ""
    vectors = read_vectors(write(tmp_path, "\r\n".join([f"{len(lines) - 1} 3", *lines])))
    assert len(vectors) == 2 * LINES - 2
    assert vectors[". . ."].tolist() == [4, 5, 6]
    assert vectors["tab"].tolist() == [7, 8, 9]
    assert vectors["w3"].tolist() == pytest.approx([3 / 7, 4 / 7, 5 / 7])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("w 1 2", "2 numbers follow 'w', and 3 were expected"),
        ("w 1 2 3 4", "4 numbers follow 'w', and 3 were expected"),
        ("w 1 two 3", "'two' stands where a number was expected"),
        ("w 1 2 3x", "'3x' stands where a number was expected"),
        ("w 1 inf 3", "holds values that are not finite"),
        ("w 1 2e99 3", "holds values that are not finite"),
    ],
)
def test_a_fault_in_a_later_block_is_named_by_its_line(tmp_path: Path, fault: str, words: str) -> None:
    lines = make_lines(2 * LINES)
    lines[LINES + 40] = fault
    with pytest.raises(VectorFileError, match=rf"line {LINES + 41}: .*{words}"):
        read_vectors(write(tmp_path, "\n".join(lines) + "\n"))


def test_reading_holds_little_more_than_its_result(tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join(make_lines(20_000, 50)))
    read_vectors(path, most=100)
    tracemalloc.start()
    vectors = read_vectors(path)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held > vectors.values.nbytes
    assert peak < 1.3 * held


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    vectors = WordVectors(("milk", "tea", "caf\u00e9", "at\u00a0home", "."), values)
    for header in (False, True):
        again = read_vectors(write_vectors(vectors, tmp_path / "out.txt", header=header))
        assert again.words == vectors.words
        assert torch.equal(again.values, values)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").startswith("5 4\nmilk ")
    with pytest.raises(ValueError, match="'new york' cannot be written"):
        write_vectors(WordVectors(("new york",), torch.ones(1, 1)), tmp_path / "out.txt")
