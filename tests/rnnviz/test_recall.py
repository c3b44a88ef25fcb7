"""The recall task, the networks that read it, the race, and the experiment."""

from __future__ import annotations

import pytest
import torch

from rnnviz.data import LANGUAGES, RECALL_WORDS, STORIES, Recall
from rnnviz.experiments.recall import CELLS, DISTANCES, run
from rnnviz.experiments.results import read_results
from rnnviz.models import (
    RECALL_CELLS,
    RecallRace,
    StoryReader,
    measure_recall,
    read_recall_lstm,
    recall_loss,
)


def draw(distance: int, batch: int = 200, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return Recall(distance, batch)(torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("distance", [4, 5, 6, 7, 13, 40])
def test_the_country_stands_so_many_words_before_the_answer(distance: int) -> None:
    stories, following = draw(distance)
    assert torch.equal(following[:-1], stories[1:])
    for story, answer in zip(stories.T, following[-1], strict=True):
        words = [RECALL_WORDS[number] for number in story]
        home = len(words) - 1 - words[::-1].index("up") + 2
        assert words[home - 1] == "in"
        assert LANGUAGES[words[home]] == RECALL_WORDS[answer]
        assert len(words) - 1 - home == distance
        assert words[-3:] == ["I", "speak", "fluent"]


def test_the_answer_is_not_to_be_had_by_a_rule_of_thumb() -> None:
    """Neither the first country, nor the last country or language, nor the most frequent answer tells it."""
    stories, following = draw(40, 1000)
    numbers = {RECALL_WORDS.index(country): RECALL_WORDS.index(name) for country, name in LANGUAGES.items()}
    numbers |= {RECALL_WORDS.index(name): RECALL_WORDS.index(name) for name in LANGUAGES.values()}
    named = [[numbers[word] for word in story.tolist() if word in numbers] for story in stories.T]
    answers = following[-1].tolist()
    first = sum(one[0] == answer for one, answer in zip(named, answers, strict=True)) / 1000
    last = sum(one[-1] == answer for one, answer in zip(named, answers, strict=True)) / 1000
    assert first < 0.6
    assert last < 0.2
    assert max(answers.count(one) for one in set(answers)) < 180


def test_chance_is_the_generators_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, other, different = draw(12), draw(12), draw(12, seed=1)
    StoryReader("c + g")
    assert torch.equal(one[0], other[0])
    assert not torch.equal(one[0], different[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_draw_has_one_of_the_distances() -> None:
    task, generator = Recall((4, 30), 8), torch.Generator().manual_seed(0)
    lengths = {len(task(generator)[0]) // 20 for _ in range(20)}
    assert lengths == {0, 2}


def test_texts_become_numbers_and_back() -> None:
    text = "I grew up in France . I speak fluent"
    assert Recall.read(Recall.number(text)) == text
    with pytest.raises(ValueError, match="'Mars'"):
        Recall.number("I grew up in Mars")


@pytest.mark.parametrize(
    ("distances", "batch", "says"),
    [(3, 1, "at least 4"), ((), 1, "one or several"), (9, 0, "at least one story")],
)
def test_what_cannot_be_drawn_is_refused(distances: int, batch: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Recall(distances, batch)


@pytest.mark.parametrize("cell", RECALL_CELLS)
def test_every_reader_gives_logits_and_gradients(cell: str) -> None:
    model = StoryReader(cell, units=5, width=3)
    stories, following = draw(6, 4)
    logits = model(stories)
    assert logits.shape == (*stories.shape, len(RECALL_WORDS))
    recall_loss(logits, following).backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in model.parameters())


def test_forget_gates_begin_open_and_the_last_stage_begins_as_torchs_lstm() -> None:
    stage, lstm = StoryReader("+ output gate", seed=3), StoryReader("LSTM", seed=3)
    stories, _ = draw(10, 4)
    torch.testing.assert_close(stage(stories), lstm(stories))
    bias = lstm.recurrent.bias_ih_l0  # type: ignore[union-attr]
    assert bias[32:64].mean() > 0.9  # type: ignore[index,operator]
    with pytest.raises(ValueError, match="'squashed c'"):
        StoryReader("peephole")
    with pytest.raises(ValueError, match="at least 1"):
        StoryReader(units=0)


def test_the_shipped_reader_remembers_and_a_fresh_one_guesses() -> None:
    checks = [draw(distance, 200, seed=9) for distance in (6, 20, 40)]
    assert min(measure_recall(read_recall_lstm(), checks)) > 0.9
    assert max(measure_recall(StoryReader(), checks)) < 0.3


def test_the_example_stories_are_equally_long_and_the_shipped_reader_answers_them() -> None:
    stories = torch.stack([Recall.number(text) for text in STORIES], 1)
    answers = read_recall_lstm()(stories)[-1].argmax(-1)
    assert [RECALL_WORDS[answer] for answer in answers] == list(STORIES.values())


def test_the_race_takes_turns_measures_and_begins_again() -> None:
    race = RecallRace(["tanh RNN", "GRU"], learned=(4, 6), distances=(4, 9), updates=4, every=2, units=6)
    begun = race.frame()
    assert [one.updates for one in begun.values()] == [0, 0]
    race.step()
    race.step()
    assert [one.updates for one in race.frame().values()] == [1, 1]
    race.run()
    done = race.frame()
    assert [len(one.recall) for one in done.values()] == [3, 3]
    assert all(len(shares) == 2 for one in done.values() for shares in one.recall)
    with pytest.raises(StopIteration):
        race.step()
    race.reset()
    assert {name: one.recall for name, one in race.frame().items()} == {
        name: one.recall for name, one in begun.items()
    }
    race.run()
    assert {name: one.recall for name, one in race.frame().items()} == {
        name: one.recall for name, one in done.items()
    }
    with pytest.raises(ValueError, match="No cell"):
        RecallRace([], learned=(4,), distances=(4,), updates=1)
    with pytest.raises(ValueError, match="at least 1"):
        RecallRace(["GRU"], learned=(4,), distances=(4,), updates=0)


def test_the_experiment_measures_every_cell_and_gives_the_best_lstm() -> None:
    rows, details, best = run([0], updates=1, distances=(4, 20, 80), stories=8)
    assert [row.what for row in rows[:2]] == ["tanh RNN, over 20 words", "tanh RNN, over 80 words"]
    assert set(details["recall"]) == set(CELLS)
    assert all(len(seeds) == 1 and len(seeds[0]) == 3 for seeds in details["recall"].values())
    assert isinstance(best.recurrent, torch.nn.LSTM)
    assert not all(row.holds for row in rows)  # a single update bears nothing out


def test_what_is_stored_bears_out_what_is_claimed() -> None:
    stored = read_results("recall")
    assert all(row["holds"] for row in stored["rows"])
    assert stored["details"]["distances"] == list(DISTANCES)
    assert {len(seeds) for seeds in stored["details"]["recall"].values()} == {stored["settings"]["seeds"]}
