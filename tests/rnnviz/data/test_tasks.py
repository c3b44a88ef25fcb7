"""The tasks of memory are what they say: statistically, and sequence by sequence."""

from __future__ import annotations

import pytest
import torch

from rnnviz.data import AddingProblem, CopyMemory, DyckBrackets, EmbeddedReber, Parity, TemporalOrder


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_adding_marks_one_step_in_each_half() -> None:
    inputs, targets = AddingProblem(31, 2000)(generator())
    values, markers = inputs.unbind(-1)
    assert set(markers.unique().tolist()) == {0.0, 1.0}
    assert (markers[:15].sum(0) == 1).all()
    assert (markers[15:].sum(0) == 1).all()
    assert torch.equal((values * markers).sum(0), targets[:, 0])
    # Every step is marked about as often as the others of its half: 2000 / 15 and 2000 / 16 times.
    often = markers.sum(1)
    assert (often[:15] - 2000 / 15).abs().max() < 5 * (2000 / 15) ** 0.5
    assert (often[15:] - 2000 / 16).abs().max() < 5 * (2000 / 16) ** 0.5


def test_always_saying_one_has_the_error_that_is_stated() -> None:
    _, targets = AddingProblem(10, 200_000)(generator())
    assert float((targets - 1).square().mean()) == pytest.approx(AddingProblem.baseline, abs=0.002)
    assert float(targets.mean()) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("steps", [10, 20, 37, 40])
def test_order_puts_its_two_symbols_where_it_should(steps: int) -> None:
    inputs, answers = TemporalOrder(steps, 4000)(generator())
    assert (inputs.sum(-1) == 1).all()
    symbols = inputs.argmax(-1)
    where = symbols < 2
    assert (where.sum(0) == 2).all()
    first = where.int().argmax(0)
    second = steps - 1 - where.flip(0).int().argmax(0)
    assert first.min() >= steps // 10
    assert first.max() < max(2 * steps / 10, steps // 10 + 1)
    assert second.min() >= 4 * steps // 10
    assert second.max() < 5 * steps / 10
    told = 2 * symbols.gather(0, first[None]) + symbols.gather(0, second[None])
    assert torch.equal(told[0], answers)
    # All four answers, and all chatter, come equally often.
    assert (answers.bincount(minlength=4) - 1000).abs().max() < 5 * 750**0.5
    chatter = symbols[~where].bincount(minlength=6)[2:]
    assert float(chatter.max() / chatter.min()) < 1.1


@pytest.mark.parametrize("task", [AddingProblem(12, 5), TemporalOrder(12, 5)])
def test_a_seed_gives_the_same_draw_and_the_next_draw_is_another(
    task: AddingProblem | TemporalOrder,
) -> None:
    one, other = generator(3), generator(3)
    first = task(one)
    assert all(torch.equal(a, b) for a, b in zip(first, task(other), strict=True))
    assert not torch.equal(first[0], task(one)[0])


def test_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="steps=3 and batch=32; it needs at least 4 steps"):
        AddingProblem(3)
    with pytest.raises(ValueError, match="at least 10 steps and one sequence"):
        TemporalOrder(20, 0)


def test_parity_is_counted_bit_by_bit() -> None:
    inputs, odd = Parity(17, 200)(generator())
    assert inputs.shape == (17, 200, 1)
    for row in range(5):
        ones = 0
        for t in range(17):
            ones += int(inputs[t, row, 0])
            assert int(odd[t, row]) == ones % 2
    assert float(odd.float().mean()) == pytest.approx(0.5, abs=0.05)


def test_what_was_read_is_asked_for_after_the_marker() -> None:
    task = CopyMemory(steps=7, batch=50, length=3, symbols=4)
    inputs, answers = task(generator())
    assert inputs.shape == (13, 50, task.features)
    codes = inputs.argmax(-1)
    assert (codes[:3] < 4).all()
    assert torch.equal(answers[-3:], codes[:3])
    assert (answers[:-3] == 4).all()
    assert ((codes == 5).sum(0) == 1).all()
    assert (codes[10] == 5).all()  # the last symbol stands 7 blanks before the marker
    # Right at the blanks and guessing evenly where symbols are asked for.
    logits = torch.full((13, 50, task.outputs), -torch.inf)
    logits[:-3, :, 4] = 0
    logits[-3:, :, :4] = 0
    guessed = torch.nn.functional.cross_entropy(logits.flatten(0, 1), answers.flatten())
    assert float(guessed) == pytest.approx(task.baseline)


@pytest.mark.parametrize(("kinds", "depth"), [(1, 1), (2, 4), (4, 3)])
def test_brackets_close_what_was_opened_last(kinds: int, depth: int) -> None:
    task = DyckBrackets(steps=60, batch=40, kinds=kinds, depth=depth)
    inputs, answers = task(generator())
    deepest = 0
    for row in range(40):
        stack: list[int] = []
        for code, answer in zip(inputs[:, row].argmax(-1).tolist(), answers[:, row].tolist(), strict=True):
            if code < kinds:
                stack.append(code)
            else:
                assert stack.pop() == code - kinds
            assert answer == (stack[-1] if stack else kinds)
            deepest = max(deepest, len(stack))
    assert deepest == depth
    assert len(task.symbols) == task.features


REBER = {
    "BT",
    "BP",
    "TS",
    "TX",
    "SS",
    "SX",
    "XX",
    "XS",
    "PT",
    "PV",
    "TT",
    "TV",
    "XT",
    "XV",
    "VP",
    "VV",
    "PX",
    "PS",
}


def test_a_walk_keeps_to_the_grammar_and_ends_as_it_began() -> None:
    task = EmbeddedReber(batch=300)
    inputs, allowed, lengths = task(generator())
    ends = {"T": 0, "P": 0}
    for row in range(300):
        length = int(lengths[row])
        word = "".join(task.symbols[code] for code in inputs[:length, row].argmax(-1))
        may = [
            "".join(task.symbols[code] for code in step.nonzero().flatten()) for step in allowed[:length, row]
        ]
        assert not inputs[length:, row].any()
        assert not allowed[length:, row].any()
        # B, a side, a whole inner walk from B to E, the same side, and then E.
        assert word[0] == "B"
        assert word[2] == "B"
        assert word[-2] == "E"
        assert word[-1] == word[1]
        assert may[-2:] == [word[1], "E"]
        ends[word[1]] += 1
        for t in range(length - 1):
            assert word[t + 1] in may[t]
        inner = word[2:-2]
        assert {inner[k : k + 2] for k in range(len(inner) - 1)} <= REBER
    assert abs(ends["T"] - ends["P"]) < 5 * 300**0.5
    assert int(lengths.max()) <= task.steps


def test_tasks_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="Parity was given steps=1"):
        Parity(steps=1)
    with pytest.raises(ValueError, match="CopyMemory was given length=0"):
        CopyMemory(length=0)
    with pytest.raises(ValueError, match="kinds=5"):
        DyckBrackets(kinds=5)
    with pytest.raises(ValueError, match="EmbeddedReber was given"):
        EmbeddedReber(longest=5)
