"""Checks a student's code: which property fails, on which smallest input, and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import traitlets

from rnnviz_widgets.base import STATIC
from rnnviz_widgets.checking.explaining import is_same_code
from rnnviz_widgets.checking.inputs import Inputs
from rnnviz_widgets.checking.reading import Returns
from rnnviz_widgets.checking.search import CALL_SECONDS, Finding, Property, search_counterexamples
from rnnviz_widgets.checking.wording import format_value
from rnnviz_widgets.question import Question, require_text


class Check(Question):
    """An exercise. Call it with the student's function, or value, and it shows what holds and what does not.

    Parameters
    ----------
    name : str
        Short name of the exercise.
    properties : sequence of Property
        What must hold, the most telling first.
    inputs : callable or sequence of tuples, optional
        ``inputs(draw, **sizes)`` returns the arguments of one call, where ``draw(2, 3)`` is a 2×3 tensor of
        short numbers; or the arguments of each call, the smallest first. Left out where the student gives a
        value.
    sizes : mapping of str to sequence of int, optional
        The values each size may take; all combinations are tried, the smallest first.
    fair : callable, optional
        Called with the arguments of a call; returns whether the exercise allows them. With it, a counterexample
        is also made smaller by leaving out steps, rows and columns, and by smaller whole numbers in tensors.
    returns : str or tuple of str, optional
        What should come back: "tensor", "complex tensor", "tensors" (a list of any length), "number", "whole number" or
        "truth", or a tuple of these. The answer is read as that, once, whether it comes from torch, numpy or Python;
        every property gets what was read.
    changes : collection of str
        Names of arguments that the answer may change, a model to be trained for one. `holds` gets these as the answer
        left them; where another argument is changed, that is said.
    needs : collection of str
        Names that cells above the exercise make, besides ``torch`` and its like: where they are missing, the student is
        asked to run those cells first.
    seconds : float
        Longest single call.
    hints : sequence of str
        Shown one at a time, when the student asks.
    then : str
        The next question, shown when everything holds.
    keep : bool
        Whether the page keeps the result as the student's own; not for the lesson's solutions.
    lesson : str, optional
        Number of the lesson.
    broken : callable, optional
        Where the student finds code that is broken on purpose, and mends it: that code, the same as in the lesson's
        cell. As long as nothing in it has been changed, what fails is shown as its symptoms, not as the student's.

    Raises
    ------
    TypeError, ValueError
        If there is no property, something in `properties` is none, or a text is empty.

    Examples
    --------
    >>> check = Check(
    ...     "double",
    ...     properties=[Property("doubles its input", expected=lambda x: 2 * x)],
    ...     inputs=lambda draw, length: (draw(length),),
    ...     sizes={"length": (1, 3)},
    ... )
    >>> check(lambda x: x + x)
    Check('double', passed=1, failed=0)
    >>> check(lambda x: x * x)
    Check('double', passed=0, failed=1)
    """

    _esm = STATIC / "check.js"

    findings: traitlets.List[dict[str, object]] = traitlets.List().tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    then = traitlets.Unicode("").tag(sync=True)
    keep = traitlets.Bool(True).tag(sync=True)
    number = traitlets.Int(0, min=0).tag(sync=True)
    """Place among the exercises of its lesson, counted from 1 as in their headings; 0 where it has none."""
    mends = traitlets.Bool(False).tag(sync=True)
    """Whether the student is given code that is broken on purpose."""
    untouched = traitlets.Bool(False).tag(sync=True)
    """Whether that code is still as it was."""

    def __init__(
        self,
        name: str,
        properties: Sequence[Property],
        *,
        inputs: Inputs | None = None,
        sizes: Mapping[str, Sequence[int]] | None = None,
        fair: Callable[..., bool] | None = None,
        returns: Returns | None = None,
        changes: Collection[str] = (),
        needs: Collection[str] = (),
        seconds: float = CALL_SECONDS,
        hints: Sequence[str] = (),
        then: str = "",
        keep: bool = True,
        lesson: str = "",
        broken: Callable[..., Any] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        require_text("Check", "its name", name)
        for hint in hints:
            require_text("Check", "a hint", hint)
        if not properties:
            raise ValueError(f"Check({name!r}) was given no properties; it takes at least one Property.")
        for wanted in properties:
            if not isinstance(wanted, Property):
                raise TypeError(f"Check({name!r}) was given {wanted!r}; it takes Property(says, …).")
        self._properties = tuple(properties)
        if isinstance(changes, str) or isinstance(needs, str):
            raise TypeError(
                f"Check({name!r}) takes lists of names as `changes` and `needs`, not a single text."
            )
        self._inputs = inputs
        self._search: dict[str, Any] = {
            "sizes": dict(sizes or {}),
            "fair": fair,
            "returns": returns,
            "changes": changes,
            "needs": needs,
            "seconds": seconds,
        }
        self.broken = broken
        super().__init__(
            name=name, hints=list(hints), then=then, keep=keep, lesson=lesson, mends=broken is not None
        )

    def __call__(self, answer: Any) -> Check:
        """Check a student's answer.

        Parameters
        ----------
        answer : callable or object
            The student's function where this check has inputs, and otherwise the value.

        Returns
        -------
        Check
            A check like this one that shows what was found.
        """
        checked = Check(
            self.name,
            self._properties,
            inputs=self._inputs,
            **self._search,
            hints=self.hints,
            then=self.then,
            keep=self.keep,
            lesson=self.lesson,
            broken=self.broken,
        )
        checked.number = self.number
        checked.untouched = self.broken is not None and is_same_code(answer, self.broken)
        checked.findings = [asdict(finding) for finding in self._find(answer)]
        return checked

    def _find(self, answer: Any) -> list[Finding]:
        if self._inputs is not None and answer is not ... and not callable(answer):
            sentence = (
                f"This check takes a function, not {format_value(answer)}. Pass its name without brackets."
            )
            return [Finding(wanted.says, "failed", sentence) for wanted in self._properties]
        inputs = self._inputs if answer is not ... else None
        return search_counterexamples(answer, self._properties, inputs, **self._search)

    def facts(self) -> dict[str, object]:
        """How many properties hold, and how many do not; before a call, how many there are."""
        if not self.findings:
            return {"properties": len(self._properties)}
        passed = sum(finding["state"] == "passed" for finding in self.findings)
        return {"passed": passed, "failed": len(self.findings) - passed}
