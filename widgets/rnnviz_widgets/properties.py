"""Properties that a student's answer should have, and the search for the smallest input where one fails."""

from __future__ import annotations

import copy
import inspect
import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnviz_widgets.student_code import Outcome, TookTooLongError, call_bounded, explain_error, is_unwritten

SEARCH_SECONDS = 5.0
"""Longest search for one property."""
CALL_SECONDS = 2.0
"""Longest single call of a student's function."""
SHRINK_CALLS = 200
"""Calls spent on making a counterexample smaller."""
DRAWS = 24
"""Inputs drawn of the smallest size; of one k times as large a k-th of them, but at least two."""

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)

_MISSING: Any = object()
Draw = Callable[..., torch.Tensor]


@dataclass(frozen=True)
class Property:
    """One thing that must hold of a student's answer.

    Give either `expected` (a reference that is called with the same inputs, or a plain value) or `holds`.

    Parameters
    ----------
    says : str
        The property in a sentence, as the student reads it.
    expected : object
        Function that returns what the student's function should return; or, where the student gives a
        value, the value.
    holds : callable
        Called with what the student's function returned and the inputs; returns True, or False, or a
        sentence that says what is wrong.
    tolerance : float
        Largest difference of two numbers that count as equal.
    advice : str
        What to look at first when it fails.
    tensors : int
        How many tensors should come back: what `holds` gets is made of as many, from numbers, arrays and lists
        too, and said not to fit where that cannot be. With 0 it gets what came back as it is.
    shrink : bool
        Whether a counterexample may be made smaller; not where its parts belong together.

    Raises
    ------
    TypeError
        If neither or both of `expected` and `holds` are given.

    Examples
    --------
    >>> Property("doubles its input", expected=lambda x: 2 * x).says
    'doubles its input'
    """

    says: str
    expected: Any = field(default=_MISSING, repr=False)
    holds: Callable[..., bool | str] | None = field(default=None, repr=False)
    tolerance: float = 1e-5
    advice: str = ""
    tensors: int = 0
    shrink: bool = True

    def __post_init__(self) -> None:
        if (self.expected is _MISSING) == (self.holds is None):
            raise TypeError(f"Property({self.says!r}) takes either `expected` or `holds`, one of the two.")

    def find_fault(self, outcome: Outcome, inputs: tuple[Any, ...]) -> Fault | None:
        """Compare what a call came to with what should have come, on these very inputs."""
        if self.holds is not None:
            if outcome.value is None:
                return Fault("Nothing came back. Is there a `return`?")
            try:
                value = read_tensors(outcome.value, self.tensors) if self.tensors else outcome.value
                verdict = self.holds(value, *copy.deepcopy(inputs))
            except UnfitError as error:
                return Fault(str(error))
            except Exception as error:  # what came back may be anything at all
                return Fault(
                    f"What came back, {_a(outcome.value)}, cannot be checked. (Python says: {error})"
                )
            if verdict is True:
                return None
            return Fault(verdict if isinstance(verdict, str) else "This does not hold.")
        expected = self.expected(*copy.deepcopy(inputs)) if callable(self.expected) else self.expected
        difference = describe_difference(expected, outcome.value, self.tolerance)
        if difference is None:
            return None
        return Fault(difference, expected=format_value(expected))


@dataclass(frozen=True)
class Fault:
    """Why a property fails on one input."""

    sentence: str
    expected: str = ""


@dataclass(frozen=True)
class Finding:
    """What the search found for one property.

    ``state`` is "passed", "failed" or "unwritten"; ``smallest`` says that smaller inputs were looked for;
    ``endless`` that a call had to be stopped.
    """

    says: str
    state: str
    sentence: str = ""
    advice: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    expected: str = ""
    got: str = ""
    printed: str = ""
    smallest: bool = True
    endless: bool = False


def search_counterexample(
    answer: Any,
    wanted: Property,
    inputs: Callable[..., tuple[Any, ...]] | Sequence[tuple[Any, ...]] | None,
    sizes: Mapping[str, Sequence[int]],
    fair: Callable[..., bool] | None = None,
) -> Finding:
    """Look for the smallest input on which a student's answer lacks a property.

    Small inputs are tried first; the first that fails is then made smaller still, part by part and number by
    number, for as long as it fails in the same way. The search is the same on every run.

    Parameters
    ----------
    answer : callable or object
        The student's function, or, where `inputs` is None, the student's value.
    wanted : Property
        What must hold.
    inputs : callable, sequence of tuples, or None
        ``inputs(draw, **sizes)`` returns the arguments of one call, where ``draw(2, 3)`` is a 2×3 tensor of
        short numbers; or the arguments of each call, the smallest first.
    sizes : mapping of str to sequence of int
        The values each size may take.
    fair : callable, optional
        Whether these arguments may be asked. A counterexample becomes no other; where this is not given, no
        tensor is made shorter and none of whole numbers is changed, since they may belong to another.

    Returns
    -------
    Finding
        Passed, failed with the counterexample, or not yet written.
    """
    if inputs is None:
        outcome = Outcome(value=answer)
        if is_unwritten(outcome):
            return Finding(wanted.says, "unwritten")
        fault = wanted.find_fault(outcome, ())
        return _report(answer, wanted, (), outcome, fault) if fault else Finding(wanted.says, "passed")
    deadline = time.monotonic() + SEARCH_SECONDS
    for case in _cases(inputs, sizes):
        outcome, fault = _try(answer, wanted, case)
        if is_unwritten(outcome):
            return Finding(wanted.says, "unwritten")
        if fault is not None:
            if wanted.shrink and not isinstance(outcome.error, TookTooLongError):
                case, outcome, fault = _shrink(answer, wanted, case, outcome, fault, deadline, fair)
            return _report(answer, wanted, case, outcome, fault)
        if time.monotonic() > deadline:
            break
    return Finding(wanted.says, "passed")


def _cases(
    inputs: Callable[..., tuple[Any, ...]] | Sequence[tuple[Any, ...]], sizes: Mapping[str, Sequence[int]]
) -> Iterator[tuple[Any, ...]]:
    if not callable(inputs):
        yield from inputs
        return
    combinations = itertools.product(*sizes.values())
    for number, combination in enumerate(sorted(combinations, key=lambda row: (_volume(row), row))):
        # Many of the small ones: few inputs of one step or unit show a fault that many of them can show.
        for turn in range(max(1, DRAWS // (2 * _volume(combination)))):
            for simple in (True, False):
                draw = _draw(seed=DRAWS * number + turn, simple=simple)
                yield inputs(draw, **dict(zip(sizes, combination, strict=True)))


def _volume(combination: Sequence[int]) -> int:
    return math.prod(max(1, size) for size in combination)


def _draw(*, seed: int, simple: bool) -> Draw:
    """Make tensors whose numbers are short enough to be followed by hand."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        if simple:
            return torch.randint(0, 2, shape, generator=generator).float()
        return torch.randint(-4, 5, shape, generator=generator) / 2

    return draw


def _try(answer: Any, wanted: Property, case: tuple[Any, ...]) -> tuple[Outcome, Fault | None]:
    # The student's function gets copies: what it does to its arguments must not change the next call.
    outcome = call_bounded(answer, copy.deepcopy(case), CALL_SECONDS)
    if outcome.error is not None:
        return outcome, Fault(explain_error(outcome.error, answer, CALL_SECONDS))
    return outcome, wanted.find_fault(outcome, case)


def _shrink(
    answer: Any,
    wanted: Property,
    case: tuple[Any, ...],
    outcome: Outcome,
    fault: Fault,
    deadline: float,
    fair: Callable[..., bool] | None,
) -> tuple[tuple[Any, ...], Outcome, Fault]:
    calls = 0
    smaller = True
    while smaller:
        smaller = False
        for candidate in _simpler_cases(case, free=fair is not None):
            if fair is not None and not fair(*copy.deepcopy(candidate)):
                continue
            calls += 1
            if calls > SHRINK_CALLS or time.monotonic() > deadline:
                return case, outcome, fault
            try:
                new_outcome, new_fault = _try(answer, wanted, candidate)
            except Exception:  # the reference itself has no answer there: no fair input
                continue
            if new_fault is not None and type(new_outcome.error) is type(outcome.error):
                case, outcome, fault = candidate, new_outcome, new_fault
                smaller = True
                break
    return case, outcome, fault


def _simpler_cases(case: tuple[Any, ...], *, free: bool) -> Iterator[tuple[Any, ...]]:
    for place, value in enumerate(case):
        for simpler in _simpler(value, free=free):
            yield (*case[:place], simpler, *case[place + 1 :])


def _simpler(value: Any, *, free: bool) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        if free:
            yield from _shorter(value)
        if value.is_floating_point() and value.count_nonzero() > 1:
            yield torch.zeros_like(value)
        # Whole numbers in a tensor are places or lengths more often than not.
        if value.is_floating_point() or (free and value.dtype in WHOLE):
            for index in value.nonzero().tolist():
                for number in _simpler(value[tuple(index)].item(), free=free):
                    simpler = value.clone()
                    simpler[tuple(index)] = number
                    yield simpler
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from sorted({0, value // 2, value - 1}) if value > 0 else ()
    elif isinstance(value, float):
        # Only ever to 0, to 1, or to what is positive, so that shrinking comes to an end.
        if value != 0.0:
            yield 0.0
        if abs(value) not in (0.0, 1.0):
            yield 1.0
        if value < 0.0:
            yield -value
    elif isinstance(value, list | tuple):
        for place in range(len(value)):
            yield type(value)([*value[:place], *value[place + 1 :]])
        for place, part in enumerate(value):
            for simpler in _simpler(part, free=free):
                yield type(value)([*value[:place], simpler, *value[place + 1 :]])


def _shorter(value: torch.Tensor) -> Iterator[torch.Tensor]:
    """Leave out one step, row or column."""
    for axis, size in enumerate(value.shape):
        for place in range(size if size > 1 else 0):
            yield value.index_select(axis, torch.tensor([other for other in range(size) if other != place]))


def _report(answer: Any, wanted: Property, case: tuple[Any, ...], outcome: Outcome, fault: Fault) -> Finding:
    return Finding(
        says=wanted.says,
        state="failed",
        sentence=fault.sentence,
        advice=wanted.advice,
        inputs=tuple(zip(_name_arguments(answer, len(case)), map(format_value, case), strict=True)),
        expected=fault.expected,
        got="" if outcome.error is not None else format_value(outcome.value),
        printed=outcome.printed,
        smallest=wanted.shrink,
        endless=isinstance(outcome.error, TookTooLongError),
    )


def _name_arguments(function: Any, count: int) -> list[str]:
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"argument {place + 1}" for place in range(len(names), count)])[:count]


def describe_difference(expected: Any, got: Any, tolerance: float) -> str | None:
    """Say how a value differs from the expected one, or return None if it does not.

    Parameters
    ----------
    expected, got : object
        Numbers, texts, tensors, arrays, or lists, tuples and dicts of such.
    tolerance : float
        Largest difference of two numbers that count as equal.

    Returns
    -------
    str or None
        A sentence.

    Examples
    --------
    >>> describe_difference(2.0, 2.5, tolerance=1e-5)
    'The difference is 0.5.'
    """
    if got is None and expected is not None:
        return "Nothing came back. Is there a `return`?"
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        if len(expected) != len(got):
            return f"{_count(len(got))} came back instead of {len(expected)}."
        for place, (one, other) in enumerate(zip(expected, got, strict=True)):
            if (difference := describe_difference(one, other, tolerance)) is not None:
                return f"Item {place}: {difference[0].lower()}{difference[1:]}"
        return None
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.keys() != got.keys():
            return f"The entries are {_names(got)}; they should be {_names(expected)}."
        for name, one in expected.items():
            if (difference := describe_difference(one, got[name], tolerance)) is not None:
                return f"Entry {name!r}: {difference[0].lower()}{difference[1:]}"
        return None
    if isinstance(expected, str | bool | dict) or expected is None:
        if type(expected) is type(got) and expected == got:
            return None
        return f"{format_value(got)} came back instead of {format_value(expected)}."
    try:
        one = _read_tensor(expected)
        other = _read_tensor(got, wanted=_a(expected).capitalize())
    except UnfitError as error:
        return str(error)
    if other.is_complex() and not one.is_complex():
        return "These are complex numbers; real ones were expected. `.real` is the real part."
    one, other = (
        value.to("cpu", torch.complex128 if one.is_complex() else torch.float64) for value in (one, other)
    )
    if (difference := describe_shape(one.shape, other)) is not None:
        return difference
    wrong = ~torch.isclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
    if not wrong.any():
        return None
    if other.isnan().any() and not one.isnan().any():
        return "There is a NaN (not a number) in it: a division 0/0, the logarithm of a negative, or ∞ − ∞."
    if one.ndim == 0:
        return f"The difference is {float((one - other).abs()):.3g}."
    first = tuple(wrong.nonzero()[0].tolist())
    numbers = f"{_number(other[first])} instead of {_number(one[first])}."
    count = int(wrong.sum())
    if wrong.numel() == 1:
        return f"The only number differs: {numbers}"
    if count == 1:
        return f"1 of the {wrong.numel()} numbers differs, the one at {list(first)}: {numbers}"
    return f"{count} of the {wrong.numel()} numbers differ; the first at {list(first)}: {numbers}"


def describe_shape(expected: Sequence[int], got: torch.Tensor) -> str | None:
    """Say how a tensor's shape differs from the expected one, or return None if it does not.

    Parameters
    ----------
    expected : sequence of int
        The shape that is expected; empty for a single number.
    got : torch.Tensor
        What came back.

    Returns
    -------
    str or None
        A sentence, the same for every property of an exercise, so that the page tells it once.

    Examples
    --------
    >>> describe_shape((2, 3), torch.zeros(3, 2))
    'The shape is (3, 2); it should be (2, 3).'
    >>> describe_shape((), torch.zeros(1))
    'The shape is (1,); it should be a single number.'
    """
    wanted = torch.Size(expected)
    if got.shape == wanted:
        return None
    if got.ndim == 0:
        return f"A single number came back; the shape should be {_shape(wanted)}."
    should_be = _shape(wanted) if wanted else "a single number"
    return f"The shape is {_shape(got.shape)}; it should be {should_be}."


class UnfitError(Exception):
    """Says why what came back is not what can be checked."""


def read_tensors(value: Any, count: int) -> Any:
    """Read what came back as so many tensors: numbers, arrays and lists of them are made tensors.

    Parameters
    ----------
    value : object
        What a student's function returned.
    count : int
        How many tensors are expected: one is read by itself, several from a tuple or a list.

    Returns
    -------
    torch.Tensor or tuple of torch.Tensor
        Without what autograd knows of them.

    Raises
    ------
    UnfitError
        In words, if these are not so many, or no tensor.

    Examples
    --------
    >>> read_tensors([torch.ones(2), torch.zeros(2)], 1).shape
    torch.Size([2, 2])
    >>> read_tensors((torch.ones(2), [1, 2, 3]), 2)[1]
    tensor([1, 2, 3])
    """
    if count == 1:
        return _read_tensor(value)
    if not isinstance(value, list | tuple):
        raise UnfitError(
            f"Only {_a(value)} came back; {count} tensors are expected, with a comma between them."
        )
    if len(value) != count:
        raise UnfitError(f"{_count(len(value))} came back instead of {count}.")
    return tuple(_read_tensor(part) for part in value)


def _read_tensor(value: Any, *, wanted: str = "A tensor") -> torch.Tensor:
    try:
        tensor = _stack(value)
    except Exception as error:  # what came back may be anything at all
        if isinstance(value, list | tuple) and "size" in str(error):
            raise UnfitError(
                f"The parts of this {_kind(value)} differ in length, so it makes no tensor."
            ) from error
        raise UnfitError(f"{wanted} was expected; this is {_a(value)}.") from error
    if tensor.layout != torch.strided:
        raise UnfitError("This tensor is stored in a sparse way. Return it with every number: `.to_dense()`.")
    if tensor.device.type == "meta":
        raise UnfitError("This tensor has a shape but no numbers: it is on the device `meta`.")
    return tensor


def _stack(value: Any) -> torch.Tensor:
    if isinstance(value, list | tuple) and any(not isinstance(part, bool | int | float) for part in value):
        return torch.stack([_stack(part) for part in value])
    return torch.as_tensor(value).detach()


def format_value(value: Any) -> str:
    """Write a value as short as it can be read.

    Examples
    --------
    >>> format_value(torch.tensor([[0.0, 1.5]]))
    '[[0, 1.5]]'
    """
    if isinstance(value, torch.Tensor):
        if value.numel() > 60:
            return f"tensor of shape {_shape(value.shape)}"
        try:
            return _nested(value.detach().to_dense().tolist())
        except (NotImplementedError, RuntimeError):  # some kinds of tensor hold no numbers to be written
            return f"tensor of shape {_shape(value.shape)}"
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        return format_value(torch.as_tensor(value))
    if isinstance(value, list | tuple):
        inside = ", ".join(format_value(part) for part in value)
        text = f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    else:
        text = _number(value) if isinstance(value, float) else "…" if value is ... else repr(value)
    return text if len(text) <= 400 else f"{text[:399]}…"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(part) for part in value)}]"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: Any) -> str:
    text = f"{value.item() if isinstance(value, torch.Tensor) else value:.5g}"
    return "0" if text == "-0" else text


def _shape(shape: torch.Size) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _a(value: Any) -> str:
    return f"{'an' if _kind(value)[0] in 'aeiou' else 'a'} {_kind(value)}"


def _kind(value: Any) -> str:
    kind = type(value).__name__
    return {"ndarray": "array", "int": "number", "float": "number", "Tensor": "tensor"}.get(kind, kind)


def _names(entries: Mapping[Any, Any]) -> str:
    return ", ".join(repr(name) for name in entries) or "none"


def _count(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"
