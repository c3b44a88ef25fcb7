"""The tiny tasks of every shape: right by construction, and learned by a few units in a moment."""

import pytest
import torch

from rnnviz.data import SHAPES, forecast_stock, judge_sentence, repeat_later, translate_sentence, watch_frames
from rnnviz.models import ReadingWriter, build_for_shape, learn_shape, measure_shape, shape_loss

TASKS = {name: make() for name, make in SHAPES.items()}
CLASSED = [name for name, task in TASKS.items() if task.classes]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_whole(name):
    task = TASKS[name]
    assert task.shape == name
    columns, batch = task.outputs_at.shape
    assert task.inputs.shape[:2] == (columns - task.writes, batch)
    assert task.targets.shape[:2] == task.inputs_at.shape == task.in_cost.shape == (columns, batch)
    assert not (task.in_cost & ~task.outputs_at).any()
    assert task.in_cost.any(0).all()
    # What goes in goes in where it is said to, and nothing does elsewhere.
    read = task.inputs_at[: len(task.inputs)]
    assert (task.inputs[~read] == 0).all()
    for words, length in zip(task.words, task.lengths.tolist(), strict=True):
        assert len(words) >= length + task.writes
    if task.classes:
        assert 0 <= int(task.targets.min()) <= int(task.targets.max()) < task.outputs == len(task.classes)
        assert len(set(task.classes)) == len(task.classes)


def test_inputs_and_outputs_stand_where_the_shape_says():
    def columns(name):
        task = TASKS[name]
        return task.inputs_at[:, -1].nonzero().flatten().tolist(), task.outputs_at[
            :, -1
        ].nonzero().flatten().tolist()

    assert columns("vector → vector") == ([0], [0])
    assert columns("sequence → sequence, synced") == (list(range(5)), list(range(5)))
    assert columns("sequence → sequence, delayed") == (list(range(6)), [2, 3, 4, 5])
    assert columns("sequence → vector") == (list(range(6)), [5])
    assert columns("vector → sequence") == ([0], [0, 1, 2])
    assert columns("encoder–decoder") == ([0, 1, 2, 3], [4, 5, 6, 7])


def test_a_film_is_labelled_by_where_its_dot_went():
    task = watch_frames()
    places = task.inputs.argmax(-1)
    went = (places[1:] - places[:-1]) % 4
    assert ((went == 1) == (task.targets[1:] == 1)).all()
    assert not task.in_cost[0].any()


def test_the_price_is_asked_for_one_step_ahead():
    task = forecast_stock()
    torch.testing.assert_close(task.inputs[1:], task.targets[:-1])
    assert (task.inputs[0] == 0).all()


@pytest.mark.parametrize("delay", [1, 3])
def test_an_echo_comes_as_late_as_asked_for(delay):
    task = repeat_later(delay)
    bits = (task.inputs[..., 0] > 0).long()
    assert (task.targets[delay:] == bits[:-delay]).all()
    with pytest.raises(ValueError, match="from 1 to 4"):
        repeat_later(0)


def test_not_turns_a_sentence_round():
    task = judge_sentence()
    verdict = {
        " ".join(words): task.classes[int(task.targets[length - 1, k])]
        for k, (words, length) in enumerate(zip(task.words, task.lengths.tolist(), strict=True))
    }
    assert len(verdict) == 12
    assert verdict["it is good"] == verdict["it is not very very bad"] == "praise"
    assert verdict["it is not good"] == verdict["it is very bad"] == "blame"


def test_a_question_is_translated_as_one():
    task = translate_sentence()

    def translate(sentence):
        k = [" ".join(words).strip() for words in task.words].index(sentence)
        asked = task.targets[task.outputs_at[:, k], k]
        return " ".join(task.classes[int(word)] for word in asked)

    assert translate("you eat soup") == "du isst suppe ⟨end⟩"
    assert translate("do i drink milk") == "trinke ich milch ⟨end⟩"


def test_a_picked_task_is_the_same_task():
    whole, part = translate_sentence(), translate_sentence().pick([3, 20])
    assert repr(part) == "ShapeTask('a sentence in another language', encoder–decoder, 2 sequences)"
    assert part.words == (whole.words[3], whole.words[20])
    torch.testing.assert_close(part.inputs, whole.inputs[:, [3, 20]])
    torch.testing.assert_close(part.in_cost, whole.in_cost[:, [3, 20]])


@pytest.mark.parametrize("name", CLASSED)
def test_a_few_units_learn_it(name):
    task = TASKS[name]
    untrained = measure_shape(build_for_shape(task, 12 if task.writes else 5), task)
    learned = measure_shape(learn_shape(task, units=12 if task.writes else 5), task)
    assert untrained < 0.9
    assert learned > 0.95


def test_a_price_is_forecast_no_worse_than_by_copying_it():
    task = forecast_stock()
    copied = float((task.inputs - task.targets).square().mean().sqrt())
    assert measure_shape(learn_shape(task), task) < copied


def test_the_writer_knows_only_what_is_handed_over():
    task = translate_sentence()
    model = build_for_shape(task, 4)
    assert isinstance(model, ReadingWriter)
    with torch.no_grad():
        _, state = model.encoder(task.inputs[:3, :1])
        states, _ = model.decoder(torch.zeros(4, 1, 1), state)
        expected = model.readout(states)
        torch.testing.assert_close(model(task.inputs[:3, :1], torch.tensor([3])), expected)


def test_padding_is_not_read():
    task = judge_sentence()
    model = build_for_shape(task)
    noisy = task.inputs.clone()
    noisy[~task.inputs_at] = 7
    asked = task.in_cost
    with torch.no_grad():
        before, after = model(task.inputs, task.lengths), model(noisy, task.lengths)
    torch.testing.assert_close(before[asked], after[asked])


def test_training_leaves_torchs_random_numbers_alone():
    before = torch.random.get_rng_state()
    task = judge_sentence()
    model = learn_shape(task, updates=2)
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert shape_loss(model, task).requires_grad
