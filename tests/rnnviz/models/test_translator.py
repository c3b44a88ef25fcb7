"""Pairs of sentences, the encoder–decoder that learns them, and its greedy and beam search."""

from __future__ import annotations

import itertools

import pytest
import torch

from rnnviz.data import (
    END,
    GO,
    PADDING,
    DataFileError,
    Pairs,
    english_french,
    made_up_pairs,
    pad_sentences,
    stack_pairs,
    telephone_pairs,
)
from rnnviz.models import (
    TRANSLATORS,
    EncoderDecoder,
    TranslatorRace,
    exact_match,
    search_beam,
    translate,
    translate_greedily,
    translation_loss,
)
from rnnviz.training import train


def small_pairs() -> Pairs:
    return Pairs(
        "numbers",
        (("one", "two"), ("two", "one"), ("one", "two", "three"), ("three",)),
        (("un", "deux"), ("deux", "un"), ("un", "deux", "trois"), ("trois",)),
    )


def make(attention: bool = True, reverse: bool = True) -> tuple[EncoderDecoder, Pairs]:
    pairs = small_pairs()
    source, target = pairs.vocabularies()
    model = EncoderDecoder(
        len(source), len(target), embedding=5, units=6, attention=attention, reverse=reverse, seed=3
    )
    # Far from uniform, so that the search has something to choose between.
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2.5)
    return model.double(), pairs


def test_the_corpus_agrees_with_itself() -> None:
    pairs = made_up_pairs()
    meaning: dict[tuple[str, ...], tuple[str, ...]] = {}
    for said, meant in zip(pairs.source, pairs.target, strict=True):
        assert meaning.setdefault(said, meant) == meant
    assert len(meaning) == len(pairs)
    known = {" ".join(said): " ".join(meant) for said, meant in meaning.items()}
    assert known["i like music"] == "j' aime la musique"
    assert known["she does not drink water today"] == "elle ne boit pas d' eau aujourd'hui"
    assert known["they do not like the black cat"] == "ils n' aiment pas le chat noir"
    assert (
        known["the children eat a red apple every day"]
        == "les enfants mangent une pomme rouge tous les jours"
    )


def test_a_sentence_is_trained_on_or_tested_on() -> None:
    train_part, test_part = made_up_pairs().split(0.8, seed=1)
    assert not set(train_part.source) & set(test_part.source)
    assert len(train_part) + len(test_part) == len(made_up_pairs())
    with pytest.raises(ValueError, match="leaves one side empty"):
        made_up_pairs().split(1.0)


def test_pairs_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="2 sentences and 1 translations"):
        Pairs("x", (("a",), ("b",)), (("c",),))
    with pytest.raises(ValueError, match="Pair 1 has a side without words"):
        Pairs("x", (("a",), ()), (("c",), ("d",)))


def test_what_is_stacked_is_the_sentence_the_right_words_and_what_should_follow() -> None:
    pairs = small_pairs()
    source, target = pairs.vocabularies()
    inputs, wanted = stack_pairs(pairs, source, target)
    assert inputs.shape == (4, 4, 2)
    assert wanted.shape == (4, 4)
    read, given, said = inputs[:, 3, 0], inputs[:, 3, 1], wanted[:, 3]
    assert source.decode(read[read != PADDING]) == ["three"]
    assert target.decode(given[given != PADDING]) == [GO, "trois"]
    assert target.decode(said[said != PADDING]) == ["trois", END]


@pytest.mark.parametrize("reverse", [True, False])
@pytest.mark.parametrize("attention", [True, False])
def test_a_sentence_in_a_padded_batch_is_translated_as_if_alone(attention: bool, reverse: bool) -> None:
    model, pairs = make(attention, reverse)
    inputs, _ = stack_pairs(pairs, *pairs.vocabularies())
    together = model(inputs)
    for place, (said, meant) in enumerate(zip(pairs.source, pairs.target, strict=True)):
        alone = Pairs("alone", (said,), (meant,))
        single, wanted = stack_pairs(alone, *pairs.vocabularies())
        real = wanted[:, 0] != PADDING
        torch.testing.assert_close(model(single)[real, 0], together[: len(wanted)][real, place])


def test_attention_is_a_share_of_each_word_and_none_of_padding() -> None:
    model, pairs = make()
    inputs, _ = stack_pairs(pairs, *pairs.vocabularies())
    states, last = model.encode(inputs[..., 0])
    mask = inputs[..., 0] != PADDING
    weights = model.decode(inputs[..., 1], last, states, mask)[2]
    assert weights is not None
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, 4, dtype=torch.float64))
    assert weights.masked_select(~mask.T.expand_as(weights)).abs().max() == 0
    assert make(attention=False)[0].decode(inputs[..., 1], last, states, mask)[2] is None


def test_padding_has_no_part_in_the_loss() -> None:
    logits = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(0))
    wanted = torch.tensor([[1, 2], [3, PADDING], [PADDING, PADDING]])
    kept = torch.stack([logits[0, 0], logits[0, 1], logits[1, 0]])
    expected = torch.nn.functional.cross_entropy(kept, torch.tensor([1, 2, 3]))
    torch.testing.assert_close(translation_loss(logits, wanted), expected)


def probability(model: EncoderDecoder, pairs: Pairs, said: tuple[str, ...], words: list[str]) -> float:
    """Of a whole sentence and its end, by teacher forcing: another way than the search takes."""
    source, target = pairs.vocabularies()
    one = Pairs("one", (said,), (tuple(words),))
    inputs, wanted = stack_pairs(one, source, target)
    with torch.no_grad():
        logs = model(inputs).log_softmax(-1)
    real = wanted[:, 0] != PADDING
    return float(logs[real, 0].gather(1, wanted[real, :1]).sum())


@pytest.mark.parametrize("reverse", [True, False])
def test_greedy_search_says_the_likeliest_word_each_time(reverse: bool) -> None:
    model, pairs = make(reverse=reverse)
    source, target = pairs.vocabularies()
    made = translate(model, "one two", source, target, longest=6)
    assert made.words
    ended = len(made.words) < 6
    assert made.attention is not None
    assert made.attention.shape == (len(made.words) + ended, 2)
    # Forced along its own way, it says the same, and at each place no other word was likelier.
    again = translate(model, "one two", source, target, forced=made.words[:2], longest=6)
    assert again.words == made.words
    if ended:
        assert made.log_probability == pytest.approx(
            probability(model, pairs, ("one", "two"), list(made.words)), abs=1e-9
        )


def test_a_forced_word_is_said_and_changes_what_follows_only() -> None:
    model, pairs = make()
    source, target = pairs.vocabularies()
    own = translate(model, "one two three", source, target, longest=6)
    other = next(word for word in ("un", "deux", "trois") if word != own.words[1])
    forced = translate(model, "one two three", source, target, forced=[own.words[0], other], longest=6)
    assert forced.words[:2] == (own.words[0], other)
    assert forced.attention is not None
    assert own.attention is not None
    torch.testing.assert_close(forced.attention[:2], own.attention[:2])


def test_a_wide_beam_finds_the_best_of_all_sentences() -> None:
    model, pairs = make()
    source, target = pairs.vocabularies()
    words = [word for word in target.tokens if word != END]
    numbers = range(len(words))
    rated = {}
    for length in (1, 2):
        for chosen in itertools.product(numbers, repeat=length):
            said = [words[number] for number in chosen]
            rated[tuple(said)] = probability(model, pairs, ("three",), said) / (length + 1)
    best = max(rated, key=rated.__getitem__)
    # As wide as there are sentences of that length, so that nothing is dropped; longer ones are cut off.
    found = search_beam(model, ["three"], source, target, width=len(target) ** 2, longest=3)
    whole = {one.words: one.log_probability / (len(one.words) + 1) for one in found if one.words in rated}
    assert max(whole, key=whole.__getitem__) == best
    assert whole[best] == pytest.approx(rated[best], abs=1e-9)
    greedy = translate(model, ["three"], source, target)
    narrow = search_beam(model, ["three"], source, target, width=1)[0]
    assert narrow.words == greedy.words
    assert narrow.log_probability == pytest.approx(greedy.log_probability)


def test_it_learns_and_the_rest_of_the_random_numbers_is_left_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    pairs = made_up_pairs()
    learnt, unseen = pairs.split(0.9)
    source, target = pairs.vocabularies()
    inputs, wanted = stack_pairs(learnt, source, target)
    model = EncoderDecoder(len(source), len(target))
    assert torch.equal(torch.get_rng_state(), before)

    def draw(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.randint(inputs.shape[1], (32,), generator=generator)
        return inputs[:, rows], wanted[:, rows]

    losses = [
        step.loss
        for step in train(model, draw, loss=translation_loss, learning_rate=0.005, steps=350, clip_norm=1.0)
    ]
    assert losses[-1] < 0.1 < losses[0]
    some = list(zip(unseen.source, unseen.target, strict=True))[:25]
    right = sum(translate(model, list(said), source, target).words == meant for said, meant in some)
    assert right >= 20


def test_what_cannot_be_translated_is_refused() -> None:
    model, pairs = make()
    with pytest.raises(ValueError, match="no word in"):
        translate(model, " - ", *pairs.vocabularies())
    with pytest.raises(ValueError, match="keeps nothing"):
        search_beam(model, "one", *pairs.vocabularies(), width=0)
    with pytest.raises(ValueError, match="units=0"):
        EncoderDecoder(3, 3, units=0)


def test_real_pairs_are_read_when_they_are_there() -> None:
    try:
        pairs = english_french(500)
    except DataFileError:
        pytest.skip("set RNNVIZ_DATA to a folder with translation/fra-eng.zip to read the real pairs")
    assert len(pairs) == 500
    assert pairs.source[0] == ("go", ".")
    assert max(map(len, pairs.target)) <= 8


@pytest.mark.parametrize(("attention", "reverse"), [*itertools.product((False, True), repeat=2)])
def test_many_sentences_are_translated_as_each_alone(attention: bool, reverse: bool) -> None:
    model, pairs = make(attention, reverse)
    source, target = pairs.vocabularies()
    numbers, _ = pad_sentences([source.encode(one) for one in pairs.source])
    alone = [translate(model, one, source, target, longest=6).words for one in pairs.source]
    assert translate_greedily(model, numbers, target, longest=6) == alone
    assert translate_greedily(model, numbers, target, longest=6, batch=1) == alone


@pytest.mark.parametrize("attention", [False, True])
def test_the_share_of_right_words_goes_from_its_own_to_the_teacher_s(attention: bool) -> None:
    model, pairs = make(attention)
    inputs, _ = stack_pairs(pairs, *pairs.vocabularies())
    taught = model(inputs)
    # With the share just below 1, word by word, every word drawn is the right one.
    model.teacher_forcing = 1 - 1e-12
    torch.testing.assert_close(model(inputs), taught)
    model.teacher_forcing = 0.0
    own = model(inputs)
    # Nothing was said before the first word; each later one follows the likeliest before.
    torch.testing.assert_close(own[0], taught[0])
    fed = inputs.clone()
    fed[1:, :, 1] = own[:-1].argmax(-1)
    model.teacher_forcing = 1.0
    torch.testing.assert_close(model(fed), own)
    # What is only asked is never fed anything but what it is given.
    model.teacher_forcing = 0.0
    torch.testing.assert_close(model.eval()(inputs), taught)


def test_no_gradient_is_lost_with_own_words() -> None:
    model, pairs = make()
    model.teacher_forcing = 0.5
    inputs, wanted = stack_pairs(pairs, *pairs.vocabularies())
    translation_loss(model(inputs), wanted).backward()  # type: ignore[no-untyped-call]
    assert all(one.grad is not None and bool(one.grad.isfinite().all()) for one in model.parameters())
    with pytest.raises(ValueError, match="it is a share"):
        model.teacher_forcing = 1.5


def test_telephone_numbers_are_of_the_lengths_asked_for() -> None:
    pairs = telephone_pairs(300, 2, 5, seed=1)
    assert {len(one) for one in pairs.source} == {2, 3, 4, 5}
    assert [len(one) for one in pairs.source] == [len(one) for one in pairs.target]
    words = {
        both for pair in zip(pairs.source, pairs.target, strict=True) for both in zip(*pair, strict=True)
    }
    assert len(words) == 10
    assert ("seven", "sept") in words
    assert telephone_pairs(300, 2, 5, seed=1) == pairs
    with pytest.raises(ValueError, match="the longest is no shorter"):
        telephone_pairs(3, 5, 2)


def test_every_translation_of_a_sentence_counts() -> None:
    pairs = Pairs("two ways", (("hi",), ("hi",), ("no",)), (("salut",), ("bonjour",), ("non",)))
    assert exact_match([("salut",), ("salut",), ("oui",)], pairs) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="1 translations of 3 sentences"):
        exact_match([("salut",)], pairs)


def test_a_race_learns_measures_and_begins_again() -> None:
    pairs = small_pairs()
    options = {name: {**one, "embedding": 8, "units": 16} for name, one in TRANSLATORS.items()}
    shown = [("one", "two")]
    race = TranslatorRace(
        pairs, pairs, pairs.vocabularies(), translators=options, updates=80, every=10, shown=shown
    )
    began = race.frame()
    assert [run.updates for run in began.values()] == [0, 0, 0]
    for _ in range(80):
        race.step()
    with pytest.raises(StopIteration):
        race.step()
    for run in race.frame().values():
        assert len(run.exact) == 9
        assert run.exact[-1] == 1
        assert run.shown == ["un deux"]
    ended = race.frame()
    race.reset()
    assert {name: run.exact for name, run in race.frame().items()} == {
        name: run.exact for name, run in began.items()
    }
    # Torch's own generator is not touched, and with own words the race repeats itself too.
    race.teacher_forcing = 0.5
    race.reset()
    before = torch.get_rng_state()
    for _ in range(10):
        race.step()
    assert torch.equal(torch.get_rng_state(), before)
    once = race.frame()
    race.reset()
    for _ in range(10):
        race.step()
    assert {name: run.exact for name, run in race.frame().items()} == {
        name: run.exact for name, run in once.items()
    }
    assert set(ended) == set(TRANSLATORS)
    with pytest.raises(ValueError, match="each is at least 1"):
        TranslatorRace(pairs, pairs, pairs.vocabularies(), updates=0)
