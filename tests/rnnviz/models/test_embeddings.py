"""Embeddings: learned from neighbours, from verdicts, and by counting; and the map that stands still."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.data import PADDING, Words, everyday_sentences, made_up_reviews, pad_sentences
from rnnviz.models import (
    SentimentModel,
    SkipGram,
    WordLearning,
    count_vectors,
    list_neighbours,
    project_words,
    sentiment_loss,
)
from rnnviz.training import Runner

SENTENCES = everyday_sentences()
VOCABULARY = Words(SENTENCES)
DRINKS = {"milk", "tea", "coffee", "water", "juice", "wine"}


def test_padding_does_not_reach_a_verdict() -> None:
    model = SentimentModel(10, 4, 5, "lstm", seed=1)
    short = torch.tensor([3, 4])
    together, _ = pad_sentences([torch.tensor([1, 2, 3, 4, 5]), short])
    torch.testing.assert_close(model(together)[1], model(short[:, None])[0])
    # The verdict is the last word's.
    torch.testing.assert_close(model(together)[1], model.read(together)[1, 1])
    changed = together.clone()
    changed[0, 1] = 9
    assert model(changed)[1] != model(together)[1]


def test_a_recorder_sees_where_each_sentence_ends() -> None:
    model = SentimentModel(10, 4, 5)
    numbers, _ = pad_sentences([torch.tensor([1, 2, 3]), torch.tensor([4])])
    with rv.record(model) as trace:
        model(numbers)
    assert trace["recurrent.l0"].lengths.tolist() == [3, 1]


def test_neighbours_are_all_pairs_within_the_window() -> None:
    numbers = torch.tensor([0, 1, 2, 3])
    found = {tuple(pair) for pair in list_neighbours([numbers, torch.tensor([7])], window=2).tolist()}
    assert found == {(a, b) for a in range(4) for b in range(4) if 0 < abs(a - b) <= 2}
    assert len(list_neighbours([numbers], window=9)) == 12


def test_skip_gram_learns_which_words_keep_the_same_company() -> None:
    learning = WordLearning.skip_gram(VOCABULARY, SENTENCES, batch=512, learning_rate=0.01)
    losses = []
    for _ in range(800):
        learning.step()
        losses.append(learning.frame().loss if learning.training.number % 400 == 0 else math.nan)
    assert losses[-1] < losses[399] < math.log(len(VOCABULARY))
    vectors = learning.vectors()
    assert {word for word, _ in vectors.nearest("tea", 3)} <= DRINKS
    assert {word for word, _ in vectors.nearest("monday", 4)} <= {
        *("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    }


def test_counting_finds_queens_and_capitals() -> None:
    vectors = count_vectors(VOCABULARY, SENTENCES)
    assert vectors.analogy("king", "man", "woman")[0][0] == "queen"
    assert vectors.analogy("paris", "france", "italy")[0][0] == "rome"
    assert {word for word, _ in vectors.nearest("tea", 3)} <= DRINKS
    assert torch.equal(count_vectors(VOCABULARY, SENTENCES).values, vectors.values)


def test_counting_is_the_best_approximation_of_the_information() -> None:
    sentences = ["a b c", "a c", "b c d", "d a"] * 3
    vocabulary = Words(sentences)
    pairs = list_neighbours([vocabulary.encode(one) for one in sentences], 2)
    counts = torch.zeros(7, 7, dtype=torch.float64)
    for a, b in pairs.tolist():
        counts[a, b] += 1
    total = counts.sum()
    expected = torch.zeros(7, 7, dtype=torch.float64)
    for a in range(7):
        for b in range(7):
            if counts[a, b]:
                expected[a, b] = max(
                    0.0, math.log(counts[a, b] * total / (counts[a].sum() * counts[b].sum()))
                )
    left, strength, _ = torch.linalg.svd(expected)
    values = count_vectors(vocabulary, sentences, size=3, window=2).values.double()
    torch.testing.assert_close(
        values @ values.T, left[:, :3] * strength[:3] @ left[:, :3].T, atol=1e-5, rtol=0
    )


def test_sentiment_turns_on_not() -> None:
    training, test = made_up_reviews().split()
    vocabulary = Words(training.sentences)
    numbers, _ = pad_sentences([vocabulary.encode(one) for one in training.sentences])
    learning = WordLearning.sentiment(vocabulary, numbers, training.positive)
    for _ in range(400):
        learning.step()
    model = learning.training.model
    held_out, _ = pad_sentences([vocabulary.encode(one) for one in test.sentences])
    with torch.no_grad():
        right = (model(held_out) > 0) == torch.tensor(test.positive)
        verdict = {
            one: float(model(vocabulary.encode(one)[:, None]).sigmoid())
            for one in ("the soup was good .", "the soup was not good at all .")
        }
    assert right.float().mean() > 0.75
    assert verdict["the soup was good ."] > 0.9
    assert verdict["the soup was not good at all ."] < 0.1


def test_the_loss_of_a_verdict_is_torchs() -> None:
    logits, positive = torch.tensor([2.0, -1.0]), torch.tensor([True, True])
    expected = -logits.sigmoid().log().mean()
    torch.testing.assert_close(sentiment_loss(logits, positive), expected)


def test_a_map_keeps_the_two_largest_spreads() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(50, 6, generator=generator) * torch.tensor([5.0, 3, 1, 0.5, 0.1, 0])
    places = project_words(vectors)
    centred = vectors - vectors.mean(0)
    torch.testing.assert_close(places.norm(), torch.linalg.svdvals(centred)[:2].norm(), atol=1e-4, rtol=1e-5)
    assert torch.equal(project_words(vectors), places)


def test_a_turned_or_mirrored_cloud_does_not_move() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(50, 6, generator=generator) * torch.tensor([5.0, 4.9, 1, 0.5, 0.1, 0])
    places = project_words(vectors)
    turn, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    torch.testing.assert_close(project_words(vectors @ turn + 7, places), places, atol=1e-3, rtol=0)
    # Without the earlier map, the same cloud may come out turned or mirrored.
    assert project_words(vectors[:, :1]).shape == (50, 2)


def test_words_move_little_from_frame_to_frame() -> None:
    learning = WordLearning.skip_gram(VOCABULARY, SENTENCES, learning_rate=0.005)
    before, moves = learning.frame(), []
    for _ in range(40):
        for _ in range(5):
            learning.step()
        frame = learning.frame()
        moved, spread = frame.places - before.places, frame.places
        moves.append(float((moved**2).sum() ** 0.5 / (spread**2).sum() ** 0.5))
        before = frame
    # While order arises, a third direction may overtake the second, and the map turns towards it once.
    assert max(moves) < 0.7
    assert sorted(moves)[-4] < 0.3
    assert moves[-1] < 0.1
    learning.reset()
    assert learning.frame().step == 0


def test_it_runs_in_the_background() -> None:
    runner = Runner(WordLearning.skip_gram(VOCABULARY, SENTENCES, size=4))
    runner.step(3)
    runner.wait(30)
    assert runner.error is None
    assert runner.latest.step == 3
    assert runner.latest.vectors.shape == (len(VOCABULARY), 4)
    runner.stop()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: SentimentModel(5, cell="x"), "cell is 'x'"),
        (lambda: SentimentModel(5, size=0), "size is 0"),
        (lambda: SentimentModel(5)(torch.full((2, 1), PADDING)), "no words"),
        (lambda: SkipGram(0), "words is 0"),
        (lambda: list_neighbours([torch.tensor([1])]), "no word has a neighbour"),
        (lambda: list_neighbours([torch.tensor([1, 2])], 0), "window is 0"),
        (lambda: count_vectors(VOCABULARY, SENTENCES, size=10_000), "size is 10000"),
        (lambda: project_words(torch.zeros(3, 2), torch.zeros(2, 2)), "3 words need"),
        (lambda: WordLearning(["a"], rv_training()), "1 words and 5 vectors"),
    ],
)
def test_refusals_say_what_to_do(wrong: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()  # type: ignore[operator]


def rv_training() -> object:
    """Return the training of a table of five words."""
    from rnnviz.training import train

    pair = torch.zeros(2, dtype=torch.long)
    return train(SkipGram(5, 2), (pair, pair), loss=nn.functional.cross_entropy)
