import collections
import contextlib
import random
import re
import sys
import threading
import time
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets.checking import describe_difference, format_value, running, search
from rnnviz_widgets.checking.explaining import is_same_code
from rnnviz_widgets.checking.running import TookTooLongError, call_bounded


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
        (lambda x, y, W, V: "words", "was expected; this is text"),
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


def test_endless_loop_is_stopped_even_if_it_swallows_errors():

    def endless(x, y, W, V):
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.001)

    calls = []

    def endless_once(*arguments):
        # That the check comes back at all is what is tested; how soon depends on the machine.
        calls.append(arguments)
        return endless(*arguments)

    checked = step_check(seconds=0.2)(endless_once)
    assert len(calls) == 1  # neither made smaller nor tried for the next property
    assert "still running after 0.2 seconds" in checked.findings[0]["sentence"]
    assert [finding["endless"] for finding in checked.findings] == [True, True]


def count_far():
    return sum(range(300))


def test_no_late_alarm_hits_whoever_runs_next(monkeypatch):
    monkeypatch.setattr(running, "AGAIN_SECONDS", 0.001)
    for turn in range(60):
        call_bounded(time.sleep, (0.004 + 0.0001 * (turn % 20),), seconds=0.005)
        count_far()
    for _ in range(2000):
        count_far()


def test_one_thread_gives_all_alarms_and_ends(monkeypatch):
    monkeypatch.setattr(running, "IDLE_SECONDS", 0.05)
    running._start_anew()
    for _ in range(50):
        call_bounded(count_far, (), seconds=0.05)
    watches = [thread for thread in threading.enumerate() if thread is running._watch]
    assert len(watches) <= 1
    running._watch.join(timeout=10)
    assert not running._watch.is_alive()
    # Another is there as soon as it is needed.
    assert isinstance(call_bounded(nothing_ends, (), seconds=0.05).error, TookTooLongError)


def nothing_ends():
    while True:
        time.sleep(0.001)


def test_a_profiler_still_works_after_an_alarm():
    # Python 3.11 hung for ever in the next call under a profiler where an alarm was taken back.
    call_bounded(nothing_ends, (), seconds=0.01)
    for _ in range(20):
        call_bounded(time.sleep, (0.0,), seconds=1.0)
    seen = []
    sys.setprofile(lambda *event: seen.append(event))
    try:
        count_far()
    finally:
        sys.setprofile(None)
    assert seen


def test_alarms_of_calls_within_calls_and_of_other_threads_do_not_mix():
    def outer():
        inner = call_bounded(nothing_ends, (), seconds=0.02)
        return type(inner.error).__name__

    assert call_bounded(outer, (), seconds=5.0).value == "TookTooLongError"
    found = []
    others = [
        threading.Thread(target=lambda: found.append(call_bounded(count_far, (), seconds=5.0).value))
        for _ in range(3)
    ]
    for other in others:
        other.start()
    call_bounded(nothing_ends, (), seconds=0.05)
    for other in others:
        other.join()
    assert found == [count_far()] * 3


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
        (1, ["AA", "AB"], "Numbers were expected; this is a list with text in it."),
        (1, "AA", "A tensor was expected; this is text."),
        (1, torch.eye(2).to_sparse(), "This tensor is stored in a sparse way."),
        (1, torch.empty(2, device="meta"), "This tensor has a shape but no numbers"),
        (1, None, "Nothing came back."),
        (2, torch.ones(3), "Only a tensor came back; 2 tensors are expected, with a comma between them."),
        (2, 3, "Only a number came back; 2 tensors are expected"),
        (2, (1, 2, 3), "3 items came back instead of 2."),
        (2, (1, "AA"), "A tensor was expected; this is text."),
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
    assert call_bounded(print, ("x" * 5000,), 1.0).printed == "x" * running.PRINTED_AT_MOST + "…"
    assert call_bounded(print, ("x\n" * 50,), 1.0).printed == "x\n" * running.LINES_AT_MOST + "…"
    assert call_bounded(print, ("x",), 1.0).printed == "x\n"


def test_an_exit_in_a_students_code_ends_nothing():
    assert isinstance(call_bounded(sys.exit, (3,), seconds=1.0).error, SystemExit)


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, SystemExit, MemoryError])
def test_whatever_a_students_code_raises_ends_that_call_only(error):
    def raises():
        raise error

    assert isinstance(call_bounded(raises, (), seconds=1.0).error, error)
    found = step_check()(lambda *_: raises()).findings
    assert [finding["state"] for finding in found] == ["failed", "failed"]


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


def double_check(**changed):
    given = {
        "properties": [rw.Property("doubles", expected=lambda x: 2 * x)],
        "inputs": lambda draw, length: (draw(length),),
        "sizes": {"length": (1, 2, 4)},
        "returns": "tensor",
    }
    return rw.Check("double", **(given | changed))


def sentences(check):
    return [finding["sentence"] for finding in check.findings]


# Out of time is not passed.


def test_what_is_far_too_slow_fails_by_its_own_sentence(monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.2)
    (said,) = sentences(double_check()(lambda x: time.sleep(0.03) or 2 * x))
    assert re.match(
        r"This is far too slow to be checked\. .* for \d+ of \d+ cases, 0\.0\d+ seconds a call", said
    )


def test_what_is_slow_and_wrong_for_large_inputs_only_is_told_so(monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.2)
    (said,) = sentences(double_check()(lambda x: time.sleep(0.03) or (2 * x if len(x) == 1 else x)))
    assert "instead of" in said


def test_what_was_not_tried_is_said(monkeypatch):
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.2)
    monkeypatch.setattr(search, "ENOUGH", 0.0)
    check = double_check()(lambda x: time.sleep(0.03) or 2 * x)
    assert check.facts() == {"passed": 1, "failed": 0}
    assert re.match(r"Time was up after \d+ of \d+ cases; what was tried holds\.", sentences(check)[0])


def test_each_case_is_called_once_for_all_properties():
    calls = []
    double_check(properties=[rw.Property(f"holds {n}", holds=lambda y, x: True) for n in range(3)])(
        lambda x: calls.append(1) or 2 * x
    )
    one = []
    double_check()(lambda x: one.append(1) or 2 * x)
    assert len(calls) == len(one)


# Side effects.


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda x: x.zero_(),
            r"changes its argument `x`: \[1\] has become \[0\]\. Work on a copy, `x\.clone\(\)`",
        ),
        (lambda x: x.add_(1), r"changes its argument `x`"),
        (lambda x: x.unsqueeze_(0), r"changes its argument `x`"),
    ],
)
def test_changed_arguments_are_seen_and_said(spoil, says):
    def answer(x):
        result = 2 * x
        spoil(x)
        return result

    check = double_check()(answer)
    assert [finding["state"] for finding in check.findings] == ["passed", "failed"]
    assert check.findings[1]["says"] == search.KEEPS_ARGUMENTS
    assert re.search(says, check.findings[1]["sentence"])


def test_changed_lists_and_objects_are_seen_too():
    class Box:
        def __init__(self):
            self.held = [1, {"a": torch.ones(2)}]

    def empties(numbers, box):
        box.held[1]["a"] += 1
        return sum(numbers)

    check = rw.Check("sum", [rw.Property("adds", expected=lambda n, b: sum(n))], inputs=[([3, 4], Box())])
    assert "`box`" in sentences(check(empties))[1]
    (_, said) = sentences(check(lambda numbers, box: sum([numbers.pop(), *numbers])))
    assert "[3, 4] has become [3]. Work on a copy, `list(numbers)`." in said or "`numbers`" in said


def test_an_argument_that_is_to_be_changed_may_be():
    def train(model, x):
        with torch.no_grad():
            model.weight += 1
        return x

    check = rw.Check(
        "train",
        [rw.Property("adds one", holds=lambda x, model, _: bool((model.weight == 1).all()))],
        inputs=[(zero_linear(), torch.ones(2))],
        changes=["model"],
    )
    assert check(train).facts() == {"passed": 1, "failed": 0}
    assert check(lambda model, x: x).facts() == {"passed": 0, "failed": 1}
    with pytest.raises(TypeError, match="lists of names"):
        double_check(changes="model")


def zero_linear():
    layer = torch.nn.Linear(2, 2)
    torch.nn.init.zeros_(layer.weight)
    return layer


def test_replaced_functions_spoil_no_reference_and_do_not_stay(monkeypatch):
    def replaces(x, y, W, V):
        torch.tanh = lambda z: z
        torch.Tensor.tanh = torch.Tensor.__matmul__ = lambda z, *_: z
        np.tanh = torch.nn.functional.softmax = abs
        return x @ W + y @ V

    before = torch.tanh, torch.Tensor.tanh, torch.Tensor.__matmul__, np.tanh
    check = step_check()(replaces)
    assert (torch.tanh, torch.Tensor.tanh, torch.Tensor.__matmul__, np.tanh) == before
    assert check.facts()["passed"] == 0
    assert check.findings[-1]["says"] == search.KEEPS_FUNCTIONS
    # What somebody replaced beforehand is no help either, and stays theirs.
    own = lambda z: z
    monkeypatch.setattr(torch, "tanh", own)
    assert step_check()(lambda x, y, W, V: x @ W + y @ V).facts()["failed"] == 1
    assert torch.tanh is own


def test_surroundings_are_the_same_for_every_answer_and_left_as_they_were():
    def changes_everything(x):
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.manual_seed(3)
        np.random.seed(3)
        random.seed(3)
        torch.set_num_threads(2)
        np.seterr(all="raise")
        warnings.simplefilter("error")
        sys.setrecursionlimit(500)
        sys.stdout.close()
        return 2 * x

    def look():
        return (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.get_rng_state().tolist(),
            str(np.random.get_state()),
            random.getstate(),
            torch.get_num_threads(),
            np.geterr(),
            list(warnings.filters),
            sys.getrecursionlimit(),
            sys.stdout,
        )

    before = look()
    assert double_check()(changes_everything).facts() == {"passed": 1, "failed": 0}
    assert look() == before


def test_an_answer_finds_float32_and_gradients_whatever_the_session_has():
    found = []

    def answer(x):
        found.append((torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_inference_mode_enabled()))
        w = torch.ones(len(x), requires_grad=True)
        (2 * x * w).sum().backward()
        return w.grad

    try:
        torch.set_default_dtype(torch.float64)
        with torch.inference_mode():
            check = double_check()(answer)
            unrolled = rw.exercise("02", "unroll", unroll)
    finally:
        torch.set_default_dtype(torch.float32)
    assert set(found) == {(torch.float32, True, False)}
    assert check.facts() == {"passed": 1, "failed": 0}
    assert unrolled.facts() == {"passed": 2, "failed": 0}


def unroll(X, W_x, W_y):
    Y, outputs = torch.zeros(len(X), len(W_y)), []
    for t in range(X.shape[1]):
        Y = torch.tanh(X[:, t] @ W_x + Y @ W_y)
        outputs.append(Y)
    return torch.stack(outputs, dim=1)


# One reader.


class Fractional:
    def __array__(self, dtype=None, copy=None):
        return np.array([2.0, 4.0], dtype=dtype)


@pytest.mark.parametrize(
    "right",
    [
        torch.tensor([2.0, 4.0], dtype=torch.float64),
        torch.tensor([2, 4], dtype=torch.int16),
        torch.nn.Parameter(torch.tensor([2.0, 4.0])),
        torch.tensor([2.0, 4.0]).half(),
        np.array([4.0, 2.0])[::-1],
        np.array([2, 4], dtype=">i4"),
        np.array([2.0, 4.0], dtype=object),
        [2, 4.0],
        (torch.tensor(2.0), np.float32(4)),
        range(2, 5, 2),
        [Fraction(2), Decimal(4)],
        Fractional(),
        collections.deque([2.0, 4.0]),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("how", ["returns", "tensors", "expected"])
def test_whatever_means_the_right_value_is_read_the_same_everywhere(right, how):
    wanted = torch.tensor([2.0, 4.0])
    holds = lambda got: bool(torch.allclose(got.double(), wanted.double()))
    given = {
        "returns": {"properties": [rw.Property("is", holds=holds)], "returns": "tensor"},
        "tensors": {"properties": [rw.Property("is", holds=holds, tensors=1)]},
        "expected": {"properties": [rw.Property("is", expected=wanted)]},
    }[how]
    check = rw.Check("what", inputs=[()], **given)
    assert sentences(check(lambda: right)) == [""]


@pytest.mark.parametrize("true", [True, np.True_, torch.tensor(True), np.array(True)])
@pytest.mark.parametrize("returns", ["truth", None])
def test_true_is_true(true, returns):
    check = rw.Check("what", [rw.Property("is", expected=True)], inputs=[()], returns=returns)
    assert sentences(check(lambda: true)) == [""]
    assert "True" in sentences(check(lambda: 1))[0]


@pytest.mark.parametrize("whole", [6, 6.0, np.prod([2, 3]), torch.tensor(6), np.array(6.0), Fraction(6)])
def test_a_whole_number_is_one_however_it_comes(whole):
    check = rw.Check("what", [rw.Property("is", expected=6)], inputs=[()], returns="whole number")
    assert sentences(check(lambda: whole)) == [""]
    assert sentences(check(lambda: 6.5)) == ["6.5 came back; a whole number is expected."]
    assert sentences(check(lambda: True)) == ["True came back; a number is expected."]


def test_counts_are_right_or_wrong_however_large():
    check = rw.Check("what", [rw.Property("is", expected=1_000_000)], inputs=[()], returns="whole number")
    assert sentences(check(lambda: 1_000_001)) == ["The difference is 1."]


def test_one_of_several_may_be_missing_yet():
    check = rw.Check(
        "two",
        [rw.Property("first", expected=1, part=0), rw.Property("second", expected=2, part=1)],
        inputs=[()],
        returns=("whole number", "whole number"),
    )
    assert sentences(check(lambda: (1, ...))) == ["", "There is still a … in what came back."]
    assert check(lambda: torch.tensor([1, 2])).facts() == {"passed": 2, "failed": 0}
    assert sentences(check(lambda: (1, 2, 3)))[0] == "3 items came back instead of 2."


def test_numpys_verdict_is_as_good_as_pythons():
    for verdict, count in [(np.True_, 1), (torch.tensor(True), 1), (np.False_, 0), (None, 0)]:
        assert returns(0, lambda got, v=verdict: v)(lambda: 3).facts()["passed"] == count


# The check itself never raises.


class Hostile:
    def __init__(self, error):
        self.error = error

    def fail(self, *_):
        raise self.error

    __repr__ = __str__ = __len__ = __iter__ = __array__ = __float__ = __eq__ = __bool__ = fail
    __hash__ = None


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit, SystemExit])
@pytest.mark.parametrize("how", [{"returns": "tensor"}, {"returns": "truth"}, {"returns": None}])
def test_no_object_makes_the_check_raise(error, how):
    for value in (Hostile(error), [Hostile(error)], {"a": Hostile(error)}, Hostile):
        found = double_check(**how)(lambda x, value=value: value).findings
        assert {finding["state"] for finding in found} == {"failed"}
        assert all(finding["sentence"] for finding in found)
    assert double_check(inputs=None, **how)(Hostile(error)).facts()["failed"] == 1
    assert "does not say what it holds" in sentences(double_check()(Hostile(error)))[0]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.array(["a", "b"]), "an array of texts"),
        (np.array([{}, []], dtype=object), "was expected; this is a"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "dates or times"),
        ({1.0, 2.0}, "this is a set"),
        (map(float, "12"), "`list(…)`"),
        (b"12", "this is a bytes"),
        (10**400, "was expected|differ|shape"),
        (float("nan"), "NaN|shape"),
        (object(), "this is an object"),
    ],
)
def test_strange_answers_are_named(value, says):
    assert re.search(says.replace("(…)", r"\(…\)"), sentences(double_check()(lambda x: value))[0])


def test_a_list_that_holds_itself_ends():
    endless = []
    endless.append(endless)
    assert double_check()(lambda x: endless).facts()["failed"] == 1


def test_an_answer_that_is_endless_to_read_is_stopped():
    class Endless:
        def __array__(self, dtype=None, copy=None):
            nothing_ends()

        __repr__ = __array__

    found = double_check(seconds=0.1)(lambda x: Endless())
    assert "still running" in sentences(found)[0]


def test_a_routine_that_knows_no_such_tensor_is_no_stub():
    def answer(x):
        return torch.linalg.eigvals(torch.ones(2, 2, device="meta").to_sparse())

    assert double_check()(answer).findings[0]["state"] == "failed"
    assert double_check()(lambda x: abstract()).findings[0]["state"] == "unwritten"


def abstract():
    raise NotImplementedError("write me")


# Messages name the true cause.


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: x[(x > 0).float()], r"no place\. A mask must hold True and False, `mask\.bool\(\)`"),
        (lambda x: x.numpy()[x.numpy()], "no place"),
        (lambda x: x[0, 0], "more indices in the brackets than axes"),
        (lambda x: x[torch.ones(9, dtype=torch.bool)], "another shape than what it is to mask"),
        (lambda x: x[7], "beyond the end"),
        (lambda x: [][0], "beyond the end"),
        (lambda x: torch.tensor(1.0)[0], "a single number, which has no places"),
        (lambda x: x.tolist()["a"], "a list takes one whole number as its place"),
        (lambda x: torch.stack([]), "nothing to stack"),
        (lambda x: ["a"], "a list with text in it"),
        (lambda x: 2 * x * float("nan"), r"NaN \(not a number\)"),
    ],
)
def test_the_true_cause_is_named(answer, says):
    assert re.search(says, sentences(double_check()(answer))[0])


def test_a_nan_is_named_before_anything_it_makes_look_wrong():
    check = rw.exercise("01", "influence", lambda model, x, at, size: model(x) * float("nan"))
    assert all("NaN" in said for said in sentences(check))


def test_how_long_it_took_is_told_as_it_was(monkeypatch):
    waited = search.explain_error(TookTooLongError(), abs, 2, 20.3)
    assert waited.startswith("This took 20 seconds, and 2 are allowed. A single call of a compiled routine")
    assert search.explain_error(TookTooLongError(), abs, 2, 2.1).startswith(
        "This was still running after 2 seconds"
    )


def test_before_the_cells_above_have_run_it_says_so():
    scope = {}
    exec("def answer(x):\n    return torch.add(x, x)", scope)
    (found,) = double_check()(scope["answer"]).findings
    assert found["state"] == "unready"
    assert found["sentence"].startswith(
        "`torch` is not there yet: a cell further up makes it. Run the cells above"
    )
    exec("def answer(x):\n    return helper(x)", scope)
    assert double_check()(scope["answer"]).findings[0]["state"] == "failed"
    assert double_check(needs=["helper"])(scope["answer"]).findings[0]["state"] == "unready"
    # A name that is there is spelled wrong, not missing.
    scope["torch"] = torch
    exec("def answer(x):\n    return trch.add(x, x)", scope)
    assert "Is it spelled" in sentences(double_check()(scope["answer"]))[0]
