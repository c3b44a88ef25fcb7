"""Properties that a student's answer should have, and the search for the smallest input where one fails."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from rnnviz_widgets.checking.explaining import (
    COMMON_IMPORTS,
    explain_error,
    find_missing_name,
    is_unwritten,
)
from rnnviz_widgets.checking.inputs import Inputs, make_cases
from rnnviz_widgets.checking.reading import (
    NOTHING,
    Kind,
    Returns,
    UnfitError,
    holds_nan,
    read_answer,
    require_parts,
)
from rnnviz_widgets.checking.running import Outcome, TookTooLongError, call_bounded
from rnnviz_widgets.checking.shrinking import simplify_case
from rnnviz_widgets.checking.surroundings import standard_surroundings, tidied
from rnnviz_widgets.checking.wording import (
    NOT_A_NUMBER,
    RUN_ABOVE,
    describe_difference,
    format_value,
    name_kind,
)

SEARCH_SECONDS = 5.0
"""Longest time that a student's calls may take, all in all, before the search ends."""
CALL_SECONDS = 2.0
"""Longest single call of a student's function."""
SHRINK_CALLS = 200
"""Calls spent on making a counterexample smaller."""
SHRINK_SECONDS = 3.0
"""Time spent on it."""
ENOUGH = 0.5
"""Part of the cases that must have been tried for an answer to pass when time runs out."""

KEEPS_ARGUMENTS = "The arguments are left as they were."
KEEPS_FUNCTIONS = "The functions that everybody computes with are left as they were."

_MISSING: Any = object()


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
        too, and said not to fit where that cannot be. With 0 it gets what the check's `returns` says, or without
        that what came back as it is.
    part : int, optional
        The one of several things returned that this property is about; the others may be missing yet.
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
    part: int | None = None
    shrink: bool = True

    def __post_init__(self) -> None:
        if (self.expected is _MISSING) == (self.holds is None):
            raise TypeError(f"Property({self.says!r}) takes either `expected` or `holds`, one of the two.")

    def reads(self, returns: Returns | None) -> Returns | None:
        """Return as what this property reads an answer, None for as it is."""
        kinds: tuple[Kind, ...] = tuple("tensor" for _ in range(self.tensors))
        return returns if not kinds else kinds if len(kinds) > 1 else "tensor"

    def find_fault(self, value: Any, inputs: tuple[Any, ...], returns: Returns | None) -> Fault | None:
        """Compare what was read with what should have come, on these very inputs."""
        if isinstance(value, UnfitError):
            return Fault(str(value))
        try:
            value = require_parts(value) if self.part is None else _take(value, self.part)
        except UnfitError as error:
            return Fault(str(error))
        if self.holds is None:
            return self._compare(value, inputs, returns)
        if value is None:
            return Fault(NOTHING)
        if holds_nan(value) and not holds_nan(inputs):
            return Fault(NOT_A_NUMBER)
        try:
            return _judge(self.holds(value, *copy.deepcopy(inputs)))
        except UnfitError as error:
            return Fault(str(error))
        except TookTooLongError:
            raise
        except BaseException as error:  # what came back may be anything at all
            return Fault(
                f"What came back, {name_kind(value)}, cannot be checked. (Python says: {_tell(error)})"
            )

    def _compare(self, value: Any, inputs: tuple[Any, ...], returns: Returns | None) -> Fault | None:
        expected = self.expected(*copy.deepcopy(inputs)) if callable(self.expected) else self.expected
        if returns is not None:
            expected = read_answer(expected, _kind_of(returns, self.part))
        difference = describe_difference(expected, value, self.tolerance)
        return None if difference is None else Fault(difference, expected=format_value(expected))


def _kind_of(returns: Returns, part: int | None) -> Returns:
    return returns if part is None or isinstance(returns, str) else returns[part]


def _take(value: Any, part: int) -> Any:
    taken = value[part]
    if isinstance(taken, UnfitError):
        raise taken
    return taken


def _judge(verdict: Any) -> Fault | None:
    if isinstance(verdict, str):
        return Fault(verdict)
    # numpy's and torch's truths are as true as Python's.
    if isinstance(verdict, bool | np.bool_ | torch.Tensor) and bool(verdict):
        return None
    return Fault("This does not hold.")


def _tell(error: BaseException) -> str:
    try:
        return str(error) or type(error).__name__
    except BaseException:  # an error of the student's own making may not even tell its message
        return type(error).__name__


@dataclass(frozen=True)
class Fault:
    """Why a property fails on one input."""

    sentence: str
    expected: str = ""


@dataclass(frozen=True)
class Finding:
    """What the search found for one property.

    ``state`` is "passed", "failed", "unwritten" or "unready" (the cells above have not been run); ``smallest`` says
    that smaller inputs were looked for; ``endless`` that a call had to be stopped.
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


@dataclass(frozen=True)
class Attempt:
    """One call of a student's function: what it came to, what was read, and what it did to its surroundings."""

    case: tuple[Any, ...]
    outcome: Outcome
    read: Mapping[Returns, Any]
    inputs: tuple[Any, ...]
    """What properties get to see: the arguments as they were, but those that may be changed as they are now."""
    changed: tuple[int, ...] = ()
    """Places of the arguments that it changed and should not have."""
    left: tuple[Any, ...] = ()
    """The arguments, as the call left them."""
    replaced: tuple[str, ...] = ()


def search_counterexamples(
    answer: Any,
    properties: Sequence[Property],
    inputs: Inputs | None,
    sizes: Mapping[str, Sequence[int]],
    fair: Callable[..., bool] | None = None,
    *,
    returns: Returns | None = None,
    changes: Collection[str] = (),
    needs: Collection[str] = (),
    seconds: float = CALL_SECONDS,
) -> list[Finding]:
    """Look for the smallest input on which a student's answer lacks each of some properties.

    Small inputs are tried first; the first that fails is then made smaller still, part by part and number by
    number, for as long as it fails in the same way. The search is the same on every run.

    Parameters
    ----------
    answer : callable or object
        The student's function, or, where `inputs` is None, the student's value.
    properties : sequence of Property
        What must hold.
    inputs : callable, sequence of tuples, or None
        ``inputs(draw, **sizes)`` returns the arguments of one call, where ``draw(2, 3)`` is a 2×3 tensor of
        short numbers; or the arguments of each call, the smallest first.
    sizes : mapping of str to sequence of int
        The values each size may take.
    fair : callable, optional
        Whether these arguments may be asked. A counterexample becomes no other; where this is not given, no
        tensor is made shorter and none of whole numbers is changed, since they may belong to another.
    returns : str or tuple of str, optional
        What should come back, as `read_answer` takes it; it is read once, and every property gets the same.
    changes : collection of str
        Arguments that the answer may change; `holds` then gets them as the answer left them.
    needs : collection of str
        Names that the lesson's cells above make, besides its imports.
    seconds : float
        Longest single call.

    Returns
    -------
    list of Finding
        One for each property: passed, failed with the counterexample, not yet written, or the cells above not yet
        run; and one more for each side effect that was seen.
    """
    search = _Search(
        answer=answer,
        properties=tuple(properties),
        fair=fair,
        returns=returns,
        changes=frozenset(changes),
        needs=COMMON_IMPORTS | frozenset(needs),
        seconds=seconds,
    )
    with standard_surroundings():
        return search.run(inputs, sizes)


@dataclass
class _Search:
    """The search for counterexamples to the properties that still hold."""

    answer: Any
    properties: tuple[Property, ...]
    fair: Callable[..., bool] | None
    returns: Returns | None
    changes: frozenset[str]
    needs: frozenset[str]
    seconds: float
    found: dict[int, Finding] = field(default_factory=dict)
    effects: dict[str, Finding] = field(default_factory=dict)
    spent: float = 0.0

    def run(self, inputs: Inputs | None, sizes: Mapping[str, Sequence[int]]) -> list[Finding]:
        if inputs is None:
            return self._look_at_value()
        cases = list(make_cases(inputs, sizes))
        budget = max(SEARCH_SECONDS, self.seconds * len(cases) if not callable(inputs) else 0.0)
        tried = 0
        for case in cases:
            attempt = self._call(case)
            tried += 1
            if (early := self._not_ready(attempt)) is not None:
                return early
            self._note(attempt)
            if len(self.found) == len(self.properties) or isinstance(
                attempt.outcome.error, TookTooLongError | KeyboardInterrupt
            ):
                break
            if self.spent > budget and tried < len(cases):
                # The largest show most; one of them may still be tried.
                self._note(self._call(cases[-1]))
                break
        return self._conclude(tried, len(cases))

    def _look_at_value(self) -> list[Finding]:
        outcome = Outcome(value=self.answer)
        if is_unwritten(outcome):
            return [Finding(wanted.says, "unwritten") for wanted in self.properties]
        attempt = self._read((), call_bounded(self._read_all, (self.answer,), self.seconds), ())
        for place, wanted in enumerate(self.properties):
            if (fault := self._find_fault(wanted, attempt)) is not None:
                self.found[place] = self._report(wanted, attempt, fault)
        return self._conclude(1, 1)

    # One call.

    def _call(self, case: tuple[Any, ...]) -> Attempt:
        # The student's function gets copies: what it does to its arguments must not change the next call.
        given = copy.deepcopy(case)
        with tidied() as replaced:
            outcome = call_bounded(lambda: self._read_all(self.answer(*given)), (), self.seconds)
        self.spent += outcome.seconds
        return self._read(case, outcome, given, tuple(replaced))

    def _read_all(self, value: Any) -> tuple[Any, dict[Returns, Any]]:
        """Read what came back in every way that a property wants; in here, since an answer may be endless to read."""
        read: dict[Returns, Any] = {}
        for returns in {wanted.reads(self.returns) for wanted in self.properties}:
            if returns is not None and not is_unwritten(Outcome(value=value)):
                try:
                    read[returns] = read_answer(value, returns)
                except UnfitError as error:
                    read[returns] = error
        return value, read

    def _read(
        self,
        case: tuple[Any, ...],
        outcome: Outcome,
        given: tuple[Any, ...],
        replaced: tuple[str, ...] = (),
    ) -> Attempt:
        value, read = outcome.value if outcome.error is None else (None, {})
        names = name_arguments(self.answer, len(case))
        free = [name in self.changes for name in names]
        return Attempt(
            case=case,
            outcome=replace(outcome, value=value),
            read=read,
            inputs=tuple(new if may else old for old, new, may in zip(case, given, free, strict=True)),
            changed=tuple(
                place for place, may in enumerate(free) if not may and not is_same(case[place], given[place])
            ),
            left=given,
            replaced=replaced,
        )

    def _not_ready(self, attempt: Attempt) -> list[Finding] | None:
        """Say so where there is no answer yet, or where it cannot run yet."""
        if is_unwritten(attempt.outcome):
            return [Finding(wanted.says, "unwritten") for wanted in self.properties]
        name = find_missing_name(attempt.outcome.error, self.answer, self.needs)
        if name:
            return [Finding(wanted.says, "unready", RUN_ABOVE.format(name)) for wanted in self.properties]
        return None

    def _find_fault(self, wanted: Property, attempt: Attempt) -> Fault | None:
        outcome = attempt.outcome
        if outcome.error is not None:
            return Fault(explain_error(outcome.error, self.answer, self.seconds, outcome.seconds))
        returns = wanted.reads(self.returns)
        if returns is not None:
            return wanted.find_fault(attempt.read[returns], attempt.inputs, returns)
        # What came back as it is may do anything when it is looked at.
        looked = call_bounded(wanted.find_fault, (outcome.value, attempt.inputs, None), self.seconds)
        if looked.error is not None:
            return Fault(f"What came back, {name_kind(outcome.value)}, cannot be checked.")
        fault: Fault | None = looked.value
        return fault

    # All calls.

    def _note(self, attempt: Attempt) -> None:
        """Note what fails on a case, each with its smallest counterexample, and what else the call did."""
        shared: Finding | None = None
        for place, wanted in enumerate(self.properties):
            if place in self.found or (fault := self._find_fault(wanted, attempt)) is None:
                continue
            if attempt.outcome.error is not None and shared is not None:
                self.found[place] = replace(shared, says=wanted.says, advice=wanted.advice)
                continue
            smallest, fault = attempt, fault
            if wanted.shrink and not isinstance(attempt.outcome.error, TookTooLongError | KeyboardInterrupt):
                smallest, fault = self._shrink(attempt, fault, partial(self._find_fault, wanted))
            self.found[place] = shared = self._report(wanted, smallest, fault)
        for says, look in ((KEEPS_ARGUMENTS, self._see_arguments), (KEEPS_FUNCTIONS, _see_functions)):
            if says not in self.effects and (effect := look(attempt)) is not None:
                smallest, effect = self._shrink(attempt, effect, look)
                self.effects[says] = replace(
                    self._report(Property(says, holds=bool), smallest, effect), got=""
                )

    def _shrink(
        self, attempt: Attempt, fault: Fault, look: Callable[[Attempt], Fault | None]
    ) -> tuple[Attempt, Fault]:
        calls, began = 0, self.spent
        smaller = True
        while smaller:
            smaller = False
            for candidate in simplify_case(attempt.case, free=self.fair is not None):
                if not self._is_fair(candidate):
                    continue
                calls += 1
                if calls > SHRINK_CALLS or self.spent - began > SHRINK_SECONDS:
                    self.spent = began
                    return attempt, fault
                try:
                    tried = self._call(candidate)
                    new_fault = look(tried)
                except Exception:  # the reference itself has no answer there: no fair input
                    continue
                if new_fault is not None and type(tried.outcome.error) is type(attempt.outcome.error):
                    attempt, fault = tried, new_fault
                    smaller = True
                    break
        self.spent = began
        return attempt, fault

    def _is_fair(self, case: tuple[Any, ...]) -> bool:
        try:
            return self.fair is None or bool(self.fair(*copy.deepcopy(case)))
        except Exception:  # parts that do not even fit together
            return False

    def _see_arguments(self, attempt: Attempt) -> Fault | None:
        if not attempt.changed:
            return None
        place = attempt.changed[0]
        name = name_arguments(self.answer, len(attempt.case))[place]
        before, after = attempt.case[place], attempt.left[place]
        how = f"`{name}.clone()`" if isinstance(before, torch.Tensor) else f"`list({name})`"
        return Fault(
            f"Your code changes its argument `{name}`: {format_value(before)} has become {format_value(after)}. "
            f"Work on a copy, {how if isinstance(before, torch.Tensor | list) else '`copy.deepcopy`'}."
        )

    # What is told.

    def _conclude(self, tried: int, cases: int) -> list[Finding]:
        findings = []
        for place, wanted in enumerate(self.properties):
            if place in self.found:
                findings.append(self.found[place])
            elif tried == cases:
                findings.append(Finding(wanted.says, "passed"))
            elif tried >= ENOUGH * cases:
                said = f"Time was up after {tried} of {cases} cases; what was tried holds."
                findings.append(Finding(wanted.says, "passed", said))
            else:
                findings.append(Finding(wanted.says, "failed", self._tell_slowness(tried, cases)))
        return findings + list(self.effects.values())

    def _tell_slowness(self, tried: int, cases: int) -> str:
        each = self.spent / max(1, tried)
        return (
            f"This is far too slow to be checked. What was tried holds, but it took {self.spent:.0f} seconds for "
            f"{tried} of {cases} cases, {each:.2g} seconds a call, with a handful of numbers each. What in it takes so "
            "long?"
        )

    def _report(self, wanted: Property, attempt: Attempt, fault: Fault) -> Finding:
        outcome, case = attempt.outcome, attempt.case
        got = ""
        if outcome.error is None:
            written = call_bounded(format_value, (outcome.value,), self.seconds)
            got = written.value if written.error is None else name_kind(outcome.value)
        names = name_arguments(self.answer, len(case))
        return Finding(
            says=wanted.says,
            state="failed",
            sentence=fault.sentence,
            advice=wanted.advice,
            inputs=tuple(zip(names, map(format_value, case), strict=True)),
            expected=fault.expected,
            got=got,
            printed=outcome.printed,
            smallest=wanted.shrink,
            endless=isinstance(outcome.error, TookTooLongError | KeyboardInterrupt),
        )


def _see_functions(attempt: Attempt) -> Fault | None:
    if not attempt.replaced:
        return None
    return Fault(
        f"Your code replaces `{attempt.replaced[0]}`, for everybody else as well. It has been put back; give a "
        "function of your own a name of its own."
    )


def name_arguments(function: Any, count: int) -> list[str]:
    """Return the names of a function's first arguments, as far as they can be known."""
    try:
        names = list(inspect.signature(function).parameters)
    except BaseException:  # a callable object may raise anything when it is looked at
        names = []
    return (names + [f"argument {place + 1}" for place in range(len(names), count)])[:count]


def is_same(one: Any, other: Any) -> bool:
    """Whether an argument is still what it was.

    Examples
    --------
    >>> is_same([torch.zeros(2), float("nan")], [torch.zeros(2), float("nan")])
    True
    >>> is_same([1, 2], [1, 3])
    False
    """
    return all(_compare_parts(one, other, set()))


def _compare_parts(one: Any, other: Any, seen: set[int]) -> Iterator[bool]:
    if one is other or id(one) in seen:
        return
    seen.add(id(one))
    if type(one) is not type(other):
        yield False
    elif isinstance(one, torch.Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            yield False
        else:
            yield bool(((one == other) | ((one != one) & (other != other))).all())
    elif isinstance(one, np.ndarray):
        yield one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    elif isinstance(one, float):
        yield one == other or (one != one and other != other)
    elif isinstance(one, list | tuple):
        yield len(one) == len(other)
        for mine, yours in zip(one, other, strict=False):
            yield from _compare_parts(mine, yours, seen)
    elif isinstance(one, dict):
        yield one.keys() == other.keys()
        for key in one.keys() & other.keys():
            yield from _compare_parts(one[key], other[key], seen)
    elif isinstance(one, int | str | bytes | bool | set | frozenset):
        yield one == other
    elif hasattr(one, "__dict__") and not callable(getattr(one, "__get__", None)):
        yield from _compare_parts(vars(one), vars(other), seen)
