"""The exercises of lesson 10, and the numbers that its text and its questions reveal."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import rnnviz_widgets as rw
from rnnviz.data import (
    ANALOGIES,
    WORD_KINDS,
    Words,
    WordVectors,
    ask_analogies,
    everyday_sentences,
    made_up_reviews,
    manual,
    pad_sentences,
)
from rnnviz.experiments.results import read_rows
from rnnviz.models import SentimentModel, WordLearning
from rnnviz_widgets.exercises import read_exercises

SENTENCES = everyday_sentences()
VOCABULARY = Words(SENTENCES)
LEARN, TEST = made_up_reviews(1500).split(0.8)


def learn_company(vocabulary: Words, sentences: Any) -> WordVectors:
    learning = WordLearning.skip_gram(vocabulary, sentences, size=32, batch=512, learning_rate=0.01)
    for _ in range(1000):
        learning.step()
    return learning.vectors()


def cosine(vectors: WordVectors, one: str, other: str) -> float:
    return float(torch.cosine_similarity(vectors[one], vectors[other], dim=0))


def test_there_are_four_with_hints() -> None:
    checks = read_exercises("10")
    assert [check.name for check in checks] == ["average", "neighbours", "analogy", "learn-from-few"]
    assert all(len(check.hints) >= 3 and check.then for check in checks)


def test_what_is_said_of_the_sentences() -> None:
    assert len(VOCABULARY) == 165
    assert len(SENTENCES) == 3000
    assert all(word in VOCABULARY for kind in WORD_KINDS.values() for word in kind)
    assert all(word in VOCABULARY for word in ("i", "drink", "milk", "tea", "throne", "glass"))
    # "In the sentences milk stands next to drink or glass of every time, and never in one sentence with tea."
    with_milk = [one for one in SENTENCES if " milk " in f" {one} "]
    assert with_milk
    assert all("drink milk" in one or "glass of milk" in one for one in with_milk)
    assert not any("tea" in one.split() for one in with_milk)
    # "although no sentence says that milk is a drink"
    assert not any("is a drink" in one for one in SENTENCES)


def test_the_neighbours_that_the_question_reveals() -> None:
    vectors = learn_company(VOCABULARY, SENTENCES)
    nearest = vectors.nearest("milk", 5)
    assert {word for word, _ in nearest} == set(WORD_KINDS["drinks"]) - {"milk"}
    assert all(value > 0.95 for _, value in nearest)
    # The analogies of the map.
    assert vectors.analogy("king", "man", "woman", 1)[0][0] == "queen"
    assert vectors.analogy("france", "paris", "rome", 1)[0][0] == "italy"
    assert vectors.analogy("barks", "dog", "cat", 1)[0][0] != "purrs"


def test_wrong_answers_are_of_the_right_kind() -> None:
    vectors = learn_company(VOCABULARY, SENTENCES)
    for relation in ("country → language", "one → several"):
        kind = {after for _, after in ANALOGIES[relation]}
        answers = [vectors.analogy(b, a, c, 1)[0][0] for a, b, c, _ in ask_analogies(relation)]
        assert sum(answer in kind for answer in answers) >= 0.9 * len(answers)


def test_how_often_analogies_work_as_the_question_reveals() -> None:
    shares = {row.what: row.median for row in read_rows("analogies")}
    assert [name for name in ANALOGIES if shares[name] > 0.5] == ["man → woman", "capital → country"]
    assert all(shares[name] == 1 for name in ("man → woman", "capital → country"))
    assert all(0.1 <= shares[name] <= 0.2 for name in list(ANALOGIES)[2:])


def test_good_and_bad_keep_the_same_company_and_mean_the_opposite() -> None:
    vocabulary = Words(LEARN.sentences)
    company = learn_company(vocabulary, LEARN.sentences)
    assert cosine(company, "good", "bad") == pytest.approx(0.88, abs=0.04)
    assert cosine(company, "good", "great") == pytest.approx(0.93, abs=0.04)
    numbers, _ = pad_sentences([vocabulary.encode(one) for one in LEARN.sentences])
    judging = WordLearning.sentiment(vocabulary, numbers, LEARN.positive)
    for _ in range(300):
        judging.step()
    assert cosine(judging.vectors(), "good", "bad") < -0.7
    assert cosine(judging.vectors(), "good", "great") > 0.7
    model = judging.training.model
    others, _ = pad_sentences([vocabulary.encode(one) for one in TEST.sentences])
    right = (model(others) > 0) == torch.tensor(TEST.positive)
    assert float(right.double().mean()) > 0.97
    # The sentence that one is asked to type.
    typed = vocabulary.encode("the soup was not delicious at all .")[:, None]
    assert float(model(typed).detach()) < 0


def test_the_cover_of_a_vocabulary() -> None:
    counts = torch.tensor(sorted(Words(manual().text.split("\n")).counts, reverse=True)).double()
    covered = counts.cumsum(0) / counts.sum()
    # "more than half", "a good part of the vocabulary, and next to nothing of the text"
    assert float(covered[99]) > 0.5
    once = counts == 1
    assert float(once.double().mean()) > 0.25
    assert float(counts[once].sum() / counts.sum()) < 0.06


def test_who_judges_best_as_the_question_reveals() -> None:
    shares = {row.what: row.measured for row in read_rows("sentiment")}
    middle = {name: median(values) for name, values in shares.items()}
    real = {
        name.removeprefix("real, "): value
        for name, value in middle.items()
        if name.startswith("real") and "shuffled" not in name
    }
    assert max(real, key=real.__getitem__) == "naive Bayes, pairs too"
    assert [
        round(100 * real[name], 1)
        for name in ("naive Bayes, pairs too", "naive Bayes", "GRU", "LSTM", "logistic regression")
    ] == [77.3, 76.4, 75.2, 74.4, 75.0]
    assert middle["made-up, LSTM"] > 0.95
    assert middle["made-up, LSTM, words shuffled"] < 0.8
    assert abs(middle["real, LSTM"] - middle["real, LSTM, words shuffled"]) < 0.02


def drop_half(words: int) -> nn.Module:
    model = SentimentModel(words, 32, 32)
    model.embedding = nn.Sequential(nn.Embedding(words, 32), nn.Dropout(0.5))  # type: ignore[assignment]
    model.projection = nn.Sequential(nn.Dropout(0.5), nn.Linear(32, 1))  # type: ignore[assignment]
    return model


class Bag(nn.Module):
    def __init__(self, words: int) -> None:
        super().__init__()
        self.embed, self.decide = nn.Embedding(words, 16), nn.Linear(16, 1)

    def forward(self, numbers: Tensor) -> Tensor:
        real = (numbers >= 0)[..., None]
        logits: Tensor = self.decide((self.embed(numbers.clamp(min=0)) * real).sum(0) / real.sum(0))
        return logits[:, 0]


def test_the_challenge_is_reached_with_dropout_and_not_without() -> None:
    reached = rw.exercise("10", "learn-from-few", drop_half)
    assert isinstance(reached, rw.Challenge)
    assert reached.state == "reached"
    assert reached.elapsed < reached.seconds / 3
    for build, about in ((lambda words: SentimentModel(words, 16, 16), 0.73), (Bag, 0.67)):
        short = rw.exercise("10", "learn-from-few", build)
        assert isinstance(short, rw.Challenge)
        assert short.state == "short"
        assert short.score == pytest.approx(about, abs=0.05)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda words: 3, "should return a torch.nn.Module"),
        (lambda words: nn.Identity(), "should be two logits"),
        (lambda words: nn.Embedding(words, 5), "cannot|range|index"),
    ],
)
def test_what_is_no_attempt_is_refused(build: Callable[..., Any], says: str) -> None:
    failed = rw.exercise("10", "learn-from-few", build)
    assert isinstance(failed, rw.Challenge)
    assert failed.state == "failed"
    assert any(part in failed.sentence for part in says.split("|"))
