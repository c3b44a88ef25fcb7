import contextlib
import sys
import threading
import time

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets import properties, student_code
from rnnviz_widgets.properties import describe_difference, format_value
from rnnviz_widgets.student_code import call_bounded, is_same_code


def step_check(**changed):
    given = {
        "properties": [
            rw.Property("equals tanh(x W + y V)", expected=lambda x, y, W, V: torch.tanh(x @ W + y @ V)),
            rw.Property("is as large as y", holds=lambda result, x, y, W, V: result.shape == y.shape),
        ],
        "inputs": lambda draw, batch, units: (
            draw(batch, 3),
            draw(batch, units),
            draw(3, units),
            draw(units, units),
        ),
        "sizes": {"batch": (1, 2, 4), "units": (1, 2, 5)},
    }
    return rw.Check("step", **(given | changed))


def test_right_answer_passes():
    check = step_check()
    assert repr(check) == "Check('step', properties=2)"
    assert repr(check(lambda x, y, W, V: torch.tanh(x @ W + y @ V))) == "Check('step', passed=2, failed=0)"


def test_counterexample_is_the_smallest_and_the_same_each_time():
    # W and its transpose agree for one unit, so the smallest counterexample has two; one off-diagonal
    # weight is enough.
    results = [step_check()(lambda x, y, W, V: torch.tanh(x @ W + y @ V.T)) for _ in range(2)]
    assert results[0].findings == results[1].findings
    failed, passed = results[0].findings
    assert (failed["state"], passed["state"]) == ("failed", "passed")
    inputs = dict(failed["inputs"])
    assert inputs["x"] == "[[0, 0, 0]]"
    assert inputs["W"] == "[[0, 0], [0, 0], [0, 0]]"
    assert sorted(inputs["V"]) == sorted("[[0, 1], [0, 0]]")
    assert failed["expected"] != failed["got"]
    assert "instead of" in failed["sentence"]


def test_lists_and_whole_numbers_shrink():
    check = rw.Check(
        "total",
        properties=[rw.Property("adds up", expected=sum)],
        inputs=[([5, 3, 9, 2],)],
    )
    # Wrong for lists of two or more.
    finding = check(lambda numbers: sum(numbers[:1])).findings[0]
    assert dict(finding["inputs"]) == {"numbers": "[0, 1]"}


def test_stub_is_unwritten_and_not_wrong():
    def stub(x, y, W, V):
        raise NotImplementedError

    for answer in (stub, lambda *_: ..., lambda x, *_: x @ ..., ...):
        checked = step_check()(answer)
        assert {finding["state"] for finding in checked.findings} == {"unwritten"}
        assert repr(checked) == "Check('step', passed=0, failed=2)"


def test_error_names_its_line():
    def broken(x, y, W, V):
        z = x @ W
        return torch.tanh(z + hiden)  # noqa: F821

    line = broken.__code__.co_firstlineno + 2
    sentence = step_check()(broken).findings[0]["sentence"]
    assert sentence.startswith(f"Line {line}, `return torch.tanh(z + hiden)  # noqa: F821`: ")
    assert "does not know the name `hiden`" in sentence


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x, y, W, V: x @ V, r"a 1×3 matrix cannot be multiplied by a 1×1 one"),
        (lambda x, y, W, V: None, "Nothing came back"),
        (lambda x, y: x, "[Tt]he arguments do not fit"),
        (lambda x, y, W, V: x[9], "beyond the end"),
        (lambda x, y, W, V: x.hiden, "no such attribute"),
        (lambda x, y, W, V: 1 / 0, "divides by zero"),
        (lambda x, y, W, V: "words", "was expected; this is a str"),
        (lambda x, y, W, V: torch.tanh(x @ W + y @ V) * float("nan"), "not a number"),
        (lambda x, y, W, V: [a for a, b in torch.ones(1, 3)], "not as many values as names"),
        (lambda x, y, W, V: sys.exit("done"), r"Line \d+.*asks Python itself to end.*`return`"),
        (lambda x, y, W, V: torch.tanh(x @ W + y @ V).to_sparse(), r"sparse way.*`\.to_dense\(\)`"),
        (lambda x, y, W, V: torch.tanh(x @ W + y @ V) + 0j, "complex numbers; real ones were expected"),
        (lambda x, y, W, V: torch.empty(1, 1, device="meta"), "a shape but no numbers"),
        (
            lambda x, y, W, V: torch.tanh(x @ W + y @ V).T[None],
            r"The shape is \(1, 1, 1\); it should be \(1, 1\)",
        ),
    ],
)
def test_faults_are_told_in_words(answer, says):
    import re

    assert re.search(says, step_check()(answer).findings[0]["sentence"])


def test_endless_loop_is_stopped_even_if_it_swallows_errors(monkeypatch):
    monkeypatch.setattr(properties, "CALL_SECONDS", 0.2)

    def endless(x, y, W, V):
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.001)

    calls = []

    def endless_once(*arguments):
        # That the check comes back at all is what is tested; how soon depends on the machine.
        calls.append(arguments)
        return endless(*arguments)

    checked = step_check()(endless_once)
    assert len(calls) == 1  # neither made smaller nor tried for the next property
    assert "still running after 0.2 seconds" in checked.findings[0]["sentence"]
    assert [finding["endless"] for finding in checked.findings] == [True, True]


def test_no_late_alarm_hits_whoever_runs_next():
    for _ in range(20):
        call_bounded(time.sleep, (0.005,), seconds=0.005)
    for _ in range(2000):
        sum(range(50))
    assert not any(thread.name.startswith("watch") and thread.is_alive() for thread in threading.enumerate())


def test_answer_cannot_spoil_its_inputs_and_prints_only_what_failed(capsys):
    def spoils(x, y, W, V):
        print("x was", x.shape)
        return x.zero_() @ W

    checked = step_check(properties=step_check()._properties[:1])(spoils)
    assert checked.findings[0]["printed"] == "x was torch.Size([1, 3])\n"
    assert capsys.readouterr().out == ""


def test_value_instead_of_a_function():
    check = rw.Check("count", properties=[rw.Property("is 3·5 + 5·5 + 5", expected=45)])
    assert repr(check(45)) == "Check('count', passed=1, failed=0)"
    assert check(40).findings[0]["sentence"] == "The difference is 5."
    assert check(...).findings[0]["state"] == "unwritten"


def test_value_where_a_function_belongs():
    assert "Pass its name without brackets" in step_check()(3).findings[0]["sentence"]


def test_refuses_what_cannot_check_anything():
    with pytest.raises(ValueError, match="at least one Property"):
        rw.Check("step", properties=[])
    with pytest.raises(TypeError, match="either `expected` or `holds`"):
        rw.Property("nothing")
    with pytest.raises(TypeError, match="it takes Property"):
        rw.Check("step", properties=["works"])
    with pytest.raises(ValueError, match="empty text as a hint"):
        step_check(hints=[""])


def test_comparisons():
    assert describe_difference([1.0, (2, "a")], [1.0, (2, "a")], 1e-5) is None
    assert describe_difference([1, 2], [1], 1e-5) == "1 item came back instead of 2."
    assert describe_difference([1, 2.0], [1, 3.0], 1e-5) == "Item 1: the difference is 1."
    assert describe_difference(np.ones(2), torch.ones(2), 1e-5) is None
    assert describe_difference(True, 1, 1e-5) == "1 came back instead of True."
    assert describe_difference(1.0, torch.ones(1), 1e-5) == "The shape is (1,); it should be a single number."
    assert (
        describe_difference(torch.ones(1), 1.0, 1e-5)
        == "A single number came back; the shape should be (1,)."
    )
    rows = [torch.ones(2), torch.zeros(2)]
    assert describe_difference(torch.stack(rows), rows, 1e-5) is None


def last_of_each(rows, lengths):
    return [row[length - 1] for row, length in zip(rows, lengths, strict=True)]


def rows_check(**changed):
    """Rows of numbers, and how many of each count."""
    given = {
        "properties": [rw.Property("takes the last that counts", expected=last_of_each)],
        "inputs": [(torch.tensor([[3, 7, 5, 1], [4, 9, 6, 8], [2, 5, 5, 3]]), torch.tensor([2, 3, 3]))],
        "fair": lambda rows, lengths: (
            len(rows) == len(lengths) and int(lengths.min()) > 0 and int(lengths.max()) <= rows.shape[1]
        ),
    }
    return rw.Check("last", **(given | changed))


def test_steps_and_whole_numbers_are_left_out_as_far_as_is_fair():
    # The rows belong to the lengths, so three stay. One step too far is seen in one of them.
    inputs = dict(rows_check()(lambda rows, lengths: rows[:, -1]).findings[0]["inputs"])
    assert inputs == {"rows": "[[0, 1], [0, 0], [0, 0]]", "lengths": "[1, 1, 1]"}
    # Where nothing says what is fair, nothing is left out.
    given = rows_check(fair=None)(lambda rows, lengths: rows[:, -1]).findings[0]["inputs"]
    assert dict(given)["rows"].count(",") == 11


def test_a_counterexample_of_one_step_is_not_missed_for_want_of_draws():
    # Wrong in one of nine numbers only: two draws of each size would show it on a longer list at best.
    check = rw.Check(
        "same",
        properties=[rw.Property("changes nothing", expected=lambda x: x)],
        inputs=lambda draw, length: (draw(length),),
        sizes={"length": (1, 5)},
    )
    finding = check(lambda x: torch.where(x == -1.5, 0, x)).findings[0]
    assert dict(finding["inputs"]) == {"x": "[-1.5]"}


def returns(tensors, holds=lambda *_: True):
    return rw.Check("what", [rw.Property("holds", holds=holds, tensors=tensors)], inputs=[()])


@pytest.mark.parametrize(
    "right", [[[1, 0], [1, 1]], np.array([[1, 0], [1, 1]]), [torch.tensor([1, 0]), [1, 1]], ((1, 0), (1, 1))]
)
def test_lists_and_arrays_are_read_as_tensors(right):
    wanted = torch.tensor([[1, 0], [1, 1]])
    check = returns(1, lambda got: torch.equal(got, wanted))
    assert check(lambda: right).facts()["failed"] == 0
    pair = returns(2, lambda got: torch.equal(got[0], wanted) and got[1].shape == ())
    assert pair(lambda: (right, 3.0)).facts()["failed"] == 0


@pytest.mark.parametrize(
    ("tensors", "wrong", "says"),
    [
        (1, [[1], [1, 2]], "The parts of this list differ in length, so it makes no tensor."),
        (
            1,
            [torch.ones(1), torch.ones(2)],
            "The parts of this list differ in length, so it makes no tensor.",
        ),
        (1, ["AA", "AB"], "A tensor was expected; this is a list."),
        (1, "AA", "A tensor was expected; this is a str."),
        (1, torch.eye(2).to_sparse(), "This tensor is stored in a sparse way."),
        (1, torch.empty(2, device="meta"), "This tensor has a shape but no numbers"),
        (1, None, "Nothing came back."),
        (2, torch.ones(2), "Only a tensor came back; 2 tensors are expected, with a comma between them."),
        (2, 3, "Only a number came back; 2 tensors are expected"),
        (2, (1, 2, 3), "3 items came back instead of 2."),
        (2, (1, "AA"), "A tensor was expected; this is a str."),
    ],
)
def test_what_is_no_tensor_is_said_in_words(tensors, wrong, says):
    assert returns(tensors)(lambda: wrong).findings[0]["sentence"].startswith(says)


def test_what_cannot_be_checked_is_named():
    check = returns(0, lambda got: got.shape == (2,))
    sentence = check(lambda: [1, 2]).findings[0]["sentence"]
    assert sentence.startswith("What came back, a list, cannot be checked. (Python says: ")


def test_a_stub_that_returns_several_is_unwritten_until_one_is_there():
    check = returns(0, lambda got: got == (1, 2) or "No.")
    assert check(lambda: (..., ...)).findings[0]["state"] == "unwritten"
    half = check(lambda: (1, ...)).findings[0]
    assert (half["state"], half["got"]) == ("failed", "(1, …)")
    assert check(lambda: ()).findings[0]["state"] == "failed"


def test_values_are_written_short():
    assert format_value(torch.tensor([1.0, -0.0, 1 / 3])) == "[1, 0, 0.33333]"
    assert format_value(np.array([1, 2])) == "[1, 2]"
    assert format_value((torch.ones(1), "a")) == "([1], 'a')"
    assert format_value(torch.zeros(100)) == "tensor of shape (100,)"
    assert len(format_value("long" * 500)) == 400
    assert call_bounded(print, ("x" * 5000,), 1.0).printed == "x" * student_code.PRINTED_AT_MOST + "…"
    assert call_bounded(print, ("x\n" * 50,), 1.0).printed == "x\n" * student_code.LINES_AT_MOST + "…"
    assert call_bounded(print, ("x",), 1.0).printed == "x\n"


def test_an_exit_in_a_students_code_ends_nothing():
    assert isinstance(call_bounded(sys.exit, (3,), seconds=1.0).error, SystemExit)


def test_an_interrupt_is_the_students_own():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_bounded(interrupted, (), seconds=1.0)


def test_entries_are_compared_one_by_one():
    expected = {"h": torch.ones(2), "c": 1.0}
    assert describe_difference(expected, {"h": torch.ones(2), "c": 1.0}, 1e-5) is None
    assert (
        describe_difference(expected, {"h": torch.tensor([1.0, 0.0]), "c": 1.0}, 1e-5)
        == "Entry 'h': 1 of the 2 numbers differs, the one at [1]: 0 instead of 1."
    )
    assert describe_difference(expected, {"h": 1}, 1e-5) == "The entries are 'h'; they should be 'h', 'c'."


@pytest.mark.parametrize(
    ("got", "says"),
    [
        (torch.zeros(1), "The only number differs: 0 instead of 1."),
        (torch.zeros(2, 1), "2 of the 2 numbers differ; the first at [0, 0]: 0 instead of 1."),
    ],
)
def test_how_many_numbers_differ_is_said_in_words(got, says):
    assert describe_difference(torch.ones_like(got), got, 1e-5) == says


def test_complex_numbers_are_compared_where_they_are_expected():
    assert describe_difference(torch.tensor([1j]), torch.tensor([1j]), 1e-5) is None
    said = describe_difference(torch.tensor([1j, 2]), torch.tensor([1j, 2 + 1j]), 1e-5)
    assert said == "1 of the 2 numbers differs, the one at [1]: 2+1j instead of 2+0j."


def faulty(x):
    return x + x + 1


def test_code_that_is_broken_on_purpose_shows_its_symptoms_until_it_is_touched():
    check = rw.Check(
        "double",
        [rw.Property("doubles", expected=lambda x: 2 * x)],
        inputs=[(torch.ones(2),)],
        broken=faulty,
    )

    def as_given(x):
        # A comment changes nothing.
        return x + x + 1

    assert check.mends
    assert not check.untouched
    given = check(as_given)
    assert given.untouched
    assert given.facts() == {"passed": 0, "failed": 1}
    wrong, mended = check(lambda x: x + x + 2), check(lambda x: x + x)
    assert not wrong.untouched
    assert (mended.untouched, mended.facts()) == (False, {"passed": 1, "failed": 0})


def test_classes_are_compared_by_what_their_methods_do():
    class One:
        def step(self, x):
            return x + 1

    class Same:
        def step(self, x):
            return x + 1

    class Other:
        def step(self, x):
            return x + 2

    assert is_same_code(One, Same)
    assert not is_same_code(One, Other)
    assert not is_same_code(One, faulty)
