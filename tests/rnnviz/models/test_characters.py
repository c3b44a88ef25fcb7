"""The character model: what it computes, how it is sampled, and that it learns."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.data import Characters, manual, roll_dice
from rnnviz.models import (
    CharacterLearning,
    CharacterModel,
    choose_character,
    draw_passages,
    next_character_loss,
    write_text,
)
from rnnviz.training import Runner

RHYME = "one two, buckle my shoe. three four, knock at the door. " * 12


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_both_kinds_of_output_agree_at_the_last_step(cell: str) -> None:
    codes = torch.randint(9, (7, 3), generator=torch.Generator().manual_seed(0))
    each = CharacterModel(9, 6, cell, layers=2, seed=4)
    last = CharacterModel(9, 6, cell, layers=2, outputs="last", seed=4)
    assert each(codes).shape == (7, 3, 9)
    # Equal but for rounding: a product with more rows may be summed in another order.
    torch.testing.assert_close(each(codes)[-1], last(codes), atol=1e-6, rtol=0)
    # What comes later does not reach what was said before.
    changed = codes.clone()
    changed[5] = (changed[5] + 1) % 9
    assert torch.equal(each(changed)[:5], each(codes)[:5])
    assert not torch.equal(each(changed)[5:], each(codes)[5:])


def test_the_weights_come_from_the_seed_and_torchs_own_numbers_are_left_alone() -> None:
    before = torch.get_rng_state()
    one, two, other = (CharacterModel(9, 6, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one.recurrent.weight_hh_l0, two.recurrent.weight_hh_l0)
    assert not torch.equal(one.recurrent.weight_hh_l0, other.recurrent.weight_hh_l0)


def test_it_can_be_recorded() -> None:
    model = CharacterModel(9, 6, "lstm")
    with rv.record(model) as trace:
        model(torch.zeros(5, 1, dtype=torch.long))
    assert trace.layers == ("recurrent.l0",)
    assert trace["recurrent.l0"].cell.shape == (5, 1, 6)


def test_passages_come_from_everywhere_with_what_follows_them() -> None:
    codes = torch.arange(60)
    generator = torch.Generator().manual_seed(0)
    inputs, targets = draw_passages(codes, steps=5, batch=2000)(generator)
    assert torch.equal(targets, inputs + 1)
    assert set(inputs[0].tolist()) == set(range(55))
    inputs, targets = draw_passages(codes, steps=5, batch=3, outputs="last")(generator)
    assert targets.shape == (3,)
    assert torch.equal(targets, inputs[-1] + 1)


def test_the_loss_is_torchs_and_a_blind_guess_costs_log_n() -> None:
    logits = torch.randn(4, 3, 7, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(12).reshape(4, 3) % 7
    expected = -logits.log_softmax(-1).gather(-1, targets[..., None]).mean()
    torch.testing.assert_close(next_character_loss(logits, targets), expected)
    torch.testing.assert_close(
        next_character_loss(logits[-1], targets[-1]), nn.functional.cross_entropy(logits[-1], targets[-1])
    )
    blind = next_character_loss(torch.zeros(2, 2, 50), torch.zeros(2, 2, dtype=torch.long))
    assert blind.item() == pytest.approx(math.log(50), abs=1e-6)


def test_the_dice_are_those_of_mulberry32() -> None:
    # The values of the published JavaScript for seeds 0, 42 and −1.
    assert roll_dice(0, 2) == [0.26642920868471265, 0.0003297457005828619]
    assert roll_dice(42, 3) == [0.6011037519201636, 0.44829055899754167, 0.8524657934904099]
    assert roll_dice(-1, 1) == roll_dice(2**32 - 1, 1)
    dice = torch.tensor(roll_dice(7, 20_000))
    assert dice.mean().item() == pytest.approx(0.5, abs=0.01)
    assert dice.min() >= 0
    assert dice.max() < 1


def test_characters_are_chosen_as_often_as_they_are_likely() -> None:
    logits = torch.tensor([0.3, -1.0, 1.5, 0.0])
    dice = [(place + 0.5) / 4000 for place in range(4000)]
    for temperature in (0.5, 1.0, 2.0):
        chosen = torch.tensor([choose_character(logits, die, temperature) for die in dice])
        share = chosen.bincount(minlength=4) / len(dice)
        torch.testing.assert_close(share, (logits / temperature).softmax(0), atol=1e-3, rtol=0)


def test_a_lower_temperature_moves_each_choice_towards_the_likelier() -> None:
    logits = torch.randn(30, generator=torch.Generator().manual_seed(1))
    rank = logits.argsort(descending=True).argsort()
    for die in roll_dice(3, 50):
        ranks = [int(rank[choose_character(logits, die, t)]) for t in (0, 0.2, 0.5, 1, 2, 5)]
        assert ranks == sorted(ranks)
        assert ranks[0] == 0
        assert int(rank[choose_character(logits, die, 5, top_k=4)]) < 4
    assert choose_character(logits, 1 - 1e-12, 1e-3) == int(logits.argmax())


def test_writing_feeds_each_character_back() -> None:
    alphabet = Characters(RHYME)
    model = CharacterModel(len(alphabet), 12, "lstm", seed=2)
    written = write_text(model, alphabet, "one t", 30, temperature=1.3, top_k=9, seed=5)
    # The same, by reading the whole text anew for each character.
    text, dice = "one t", roll_dice(5, 30)
    for die in dice:
        with torch.no_grad():
            logits = model(alphabet.encode(text)[:, None])[-1, 0]
        text += alphabet.decode([choose_character(logits, die, 1.3, 9)])
    assert written == text[5:]


def test_a_forced_character_stands_and_what_precedes_it_stays() -> None:
    alphabet = Characters(RHYME)
    model = CharacterModel(len(alphabet), 12, seed=2)
    free = write_text(model, alphabet, "o", 40, seed=1)
    forced = write_text(model, alphabet, "o", 40, seed=1, forced={20: "z" if "z" in alphabet else "k"})
    assert forced[:20] == free[:20]
    assert forced[20] == "k"
    assert forced[21:] != free[21:]


def test_it_learns_a_rhyme_while_it_writes_samples() -> None:
    learning = CharacterLearning(RHYME, "gru", 48, steps=20, batch=16, learning_rate=0.01, length=60)
    blind = math.log(len(learning.alphabet))
    frames = list(learning.frames(200, every=50))
    assert [frame.step for frame in frames] == [50, 100, 150, 200]
    assert frames[-1].loss < 0.35 < 0.6 * blind < frames[0].loss + blind
    assert all(len(frame.sample) == 60 for frame in frames)
    assert frames[-1].sample[1:30] in RHYME + RHYME
    learning.reset()
    assert learning.frame().step == 0
    assert math.isnan(learning.frame().loss)
    again = list(learning.frames(50, every=50))
    assert again[0].sample == frames[0].sample


def test_it_runs_in_the_background() -> None:
    runner = Runner(CharacterLearning(RHYME, units=8, length=10))
    runner.step(3)
    runner.wait(30)
    assert runner.error is None
    assert runner.latest.step == 3
    runner.stop()


def test_the_real_text_is_learned_at_all() -> None:
    learning = CharacterLearning(manual().text, units=32, steps=25, batch=16)
    frames = list(learning.frames(60, every=60))
    assert frames[-1].loss < 0.8 * math.log(len(learning.alphabet))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: CharacterModel(5, cell="transformer"), "cell is 'transformer'"),
        (lambda: CharacterModel(0), "characters is 0"),
        (lambda: CharacterModel(5, outputs="all"), "outputs is 'all'"),
        (lambda: draw_passages(torch.arange(5), steps=5), "has 5 characters"),
        (lambda: draw_passages(torch.arange(5), steps=0), "at least 1"),
        (lambda: choose_character(torch.zeros(3), 0.5, -1), "temperature is -1"),
        (lambda: choose_character(torch.zeros(3), 0.5, math.nan), "temperature is nan"),
        (lambda: choose_character(torch.zeros(3), 0.5, 1, 0), "top_k is 0"),
        (lambda: write_text(CharacterModel(1), Characters("a"), ""), "prompt is empty"),
        (lambda: write_text(CharacterModel(1), Characters("a"), "b"), "has no 'b'"),
        (lambda: CharacterLearning("abc" * 40, prompt="x"), "has no 'x'"),
        (lambda: CharacterLearning("abc"), "has 3 characters"),
    ],
)
def test_refusals_say_what_to_do(wrong: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()  # type: ignore[operator]
