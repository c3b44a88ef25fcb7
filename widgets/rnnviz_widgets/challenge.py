"""An open challenge: a goal that can be measured, the student's attempt at it, and how far that came."""

from __future__ import annotations

import functools
import inspect
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from rnnviz_widgets.base import STATIC
from rnnviz_widgets.checking.explaining import (
    COMMON_IMPORTS,
    explain_error,
    find_missing_name,
    is_unwritten,
)
from rnnviz_widgets.checking.reading import UnfitError, read_number
from rnnviz_widgets.checking.running import TookTooLongError, call_bounded
from rnnviz_widgets.checking.surroundings import standard_surroundings
from rnnviz_widgets.checking.wording import RUN_ABOVE
from rnnviz_widgets.question import Question, require_text

NEWS_SECONDS = 0.25
"""Shortest time between two reports to the page while an attempt is measured."""


@dataclass(frozen=True)
class Score:
    """How far an attempt has come.

    Parameters
    ----------
    value : float
        The score.
    done : float, optional
        The part of the measuring that is done, from 0 to 1.
    says : str
        What the student should know of it, in a sentence: "Lag 20 is remembered, lag 40 is not."
    """

    value: float
    done: float | None = None
    says: str = ""


class Challenge(Question):
    """A goal that can be measured. Call it with the student's function, and it measures how far that comes.

    Parameters
    ----------
    name : str
        Short name of the challenge.
    measure : callable
        ``measure(answer)`` trains or tries what the student wrote. It returns the score, a number or a `Score`; or,
        better, it yields scores on the way: the last one counts, and where time runs out, the last so far. It may
        raise `UnfitError` with a sentence where the answer is no attempt at all.
    goal : float
        The score that reaches it.
    measures : str
        What the score counts, in words that follow a number: "steps remembered", "mean squared error".
    lower : bool
        Whether lower scores are better.
    marks : mapping of str to float
        What to compare with, the worst first: ``{"repeating the last value": 0.31}``. The first is where the way to
        the goal begins; without marks it begins at 0.
    seconds : float
        How long an attempt may take, all in all.
    needs : collection of str
        Names that cells above the challenge make, besides ``torch`` and its like: where they are missing, the student
        is asked to run those cells first.
    hints : sequence of str
        Shown one at a time, when the student asks.
    then : str
        The next question, shown when the goal is reached.
    keep : bool
        Whether the page keeps the score as the student's own; not for the lesson's solutions.
    lesson : str, optional
        Number of the lesson.

    Raises
    ------
    TypeError, ValueError
        If a text is empty, `measure` cannot be called, the goal is no number, or a mark is already beyond the goal.

    Examples
    --------
    >>> challenge = Challenge(
    ...     "count-far", lambda count: count(10), goal=10, measures="numbers counted", marks={"a child": 3}
    ... )
    >>> challenge(lambda most: most)
    Challenge('count-far', reached=True)
    >>> challenge(lambda most: 5).sentence
    '5 numbers counted: better than a child (3), and 29 % of the way from there to the goal, 10.'
    """

    _esm = STATIC / "challenge.js"

    state = traitlets.Unicode("").tag(sync=True)
    """"" before an attempt, then "measuring", "reached", "short", "failed", "unwritten" or "unready", which is before
    the cells above have been run."""
    goal = traitlets.Float(0.0).tag(sync=True)
    score = traitlets.Float(None, allow_none=True).tag(sync=True)
    measures = traitlets.Unicode("").tag(sync=True)
    lower = traitlets.Bool(False).tag(sync=True)
    marks: traitlets.List[list[Any]] = traitlets.List().tag(sync=True)
    """What to compare with, [name, score], the worst first."""
    seconds = traitlets.Float(60.0).tag(sync=True)
    elapsed = traitlets.Float(0.0).tag(sync=True)
    done = traitlets.Float(None, allow_none=True).tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    """What came out, in words."""
    notes: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """What else is to be said of it."""
    printed = traitlets.Unicode("").tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    then = traitlets.Unicode("").tag(sync=True)
    keep = traitlets.Bool(True).tag(sync=True)
    number = traitlets.Int(0, min=0).tag(sync=True)
    """Place among the exercises of its lesson, counted from 1 as in their headings; 0 where it has none."""

    _shown = False

    def __init__(
        self,
        name: str,
        measure: Callable[[Any], Any],
        goal: float,
        *,
        measures: str,
        lower: bool = False,
        marks: Mapping[str, float] | None = None,
        seconds: float = 60.0,
        needs: Collection[str] = (),
        hints: Sequence[str] = (),
        then: str = "",
        keep: bool = True,
        lesson: str = "",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        require_text("Challenge", "its name", name)
        require_text("Challenge", "what its score measures", measures)
        for hint in hints:
            require_text("Challenge", "a hint", hint)
        if not callable(measure):
            raise TypeError(f"Challenge({name!r}) was given measure={measure!r}; it takes a function.")
        if not math.isfinite(goal) or not seconds > 0:
            raise ValueError(
                f"Challenge({name!r}) was given goal={goal!r} and seconds={seconds!r}; it takes numbers, the seconds "
                "above 0."
            )
        self._measure = measure
        self._needs = frozenset(needs)
        super().__init__(
            name=name,
            goal=goal,
            measures=measures,
            lower=lower,
            marks=[[label, float(value)] for label, value in (marks or {}).items()],
            seconds=seconds,
            hints=list(hints),
            then=then,
            keep=keep,
            lesson=lesson,
        )
        for label, value in (marks or {}).items():
            if self._reaches(value):
                raise ValueError(
                    f"Challenge({name!r}) has the goal {goal:g}, and {label!r} reaches it with {value:g}."
                )

    def __call__(self, answer: Any) -> Challenge:
        """Measure a student's attempt.

        In a notebook the attempt is shown while it is measured.

        Parameters
        ----------
        answer : callable or object
            What the student wrote: a function, or what else `measure` takes.

        Returns
        -------
        Challenge
            A challenge like this one that shows what came out.
        """
        attempt = Challenge(
            self.name,
            self._measure,
            self.goal,
            measures=self.measures,
            lower=self.lower,
            marks=dict(map(tuple, self.marks)),
            seconds=self.seconds,
            needs=self._needs,
            hints=self.hints,
            then=self.then,
            keep=self.keep,
            lesson=self.lesson,
        )
        attempt.number = self.number
        if answer is ...:
            attempt.state = "unwritten"
        else:
            attempt._try(answer)
        return attempt

    def _try(self, answer: Any) -> None:
        self.state = "measuring"
        self._show_meanwhile()
        scores: list[Score] = []
        began = time.monotonic()
        # In there the dice are seeded: the same attempt has the same score each time.
        with standard_surroundings():
            outcome = call_bounded(self._follow, (answer, scores, began), self.seconds)
        self.elapsed = time.monotonic() - began
        self.printed = outcome.printed
        last = scores[-1] if scores else None
        stopped = isinstance(outcome.error, TookTooLongError | KeyboardInterrupt)
        if outcome.error is None or (stopped and last is not None):
            self._judge(last, stopped_by=outcome.error)
        elif name := find_missing_name(outcome.error, answer, COMMON_IMPORTS | self._needs):
            self.state, self.sentence = "unready", RUN_ABOVE.format(name)
        elif is_unwritten(outcome):
            self.state = "unwritten"
        elif isinstance(outcome.error, UnfitError):
            self._fail(str(outcome.error))
        elif isinstance(outcome.error, TookTooLongError):
            self._fail(f"There is no score yet after {self.seconds:g} seconds, and time is up.")
        else:
            self._fail(explain_error(outcome.error, answer, self.seconds, outcome.seconds))

    def _follow(self, answer: Any, scores: list[Score], began: float) -> None:
        """Measure, and tell the page from time to time how far it is."""
        told = began
        measured = self._measure(_until_written(answer))
        for item in measured if isinstance(measured, Iterator) else [measured]:
            scores.append(_read_score(item))
            if time.monotonic() - told > NEWS_SECONDS:
                told = time.monotonic()
                with self.hold_sync():
                    self.elapsed = told - began
                    self.done, self.score = scores[-1].done, scores[-1].value
                    self.notes = [scores[-1].says] if scores[-1].says else []

    def _fail(self, sentence: str) -> None:
        with self.hold_sync():
            self.state, self.sentence, self.score, self.notes = "failed", sentence, None, []

    def _judge(self, last: Score | None, *, stopped_by: BaseException | None) -> None:
        if last is None:
            self._fail("Nothing was measured.")
            return
        if not math.isfinite(last.value):
            self._fail(
                f"The score is {last.value}, no number to be compared. Most often training has exploded: try a smaller "
                "learning rate, or clip the gradient."
            )
            return
        notes = [last.says] if last.says else []
        if isinstance(stopped_by, KeyboardInterrupt):
            notes.append("It was interrupted; this is the score at that moment.")
        elif stopped_by is not None:
            notes.append(f"Time was up after {self.seconds:g} seconds; this is the score at that moment.")
        with self.hold_sync():
            self.score, self.done, self.notes = last.value, None, notes
            self.state = "reached" if self._reaches(last.value) else "short"
            self.sentence = self._compare(last.value)

    def _reaches(self, value: float) -> bool:
        return value <= self.goal if self.lower else value >= self.goal

    def _compare(self, value: float) -> str:
        """Say how far a score is on the way to the goal."""
        said, goal = _tell_apart(value, self.goal)
        head = f"{said} {self.measures}"
        if self._reaches(value):
            return f"{head}: the goal, {goal}, is reached."
        beaten = [mark for mark in self.marks if value != mark[1] and (value < mark[1]) == self.lower]
        if self.marks and not beaten:
            label, mark = self.marks[0]
            return f"{head}: not yet better than {label} ({mark:g}). The goal is {goal}."
        start = float(self.marks[0][1]) if self.marks else 0.0
        part = f"{100 * (value - start) / (self.goal - start):.0f} %" if self.goal != start else ""
        if not beaten:
            return f"{head}: {part} of the goal, {goal}." if part else f"{head}. The goal is {goal}."
        label, mark = beaten[-1]
        from_where = "there" if len(beaten) == 1 else str(self.marks[0][0])
        return f"{head}: better than {label} ({mark:g}), and {part} of the way from {from_where} to the goal, {goal}."

    def _show_meanwhile(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        shell = get_ipython()
        if shell is not None and getattr(shell, "kernel", None) is not None:
            display(self)  # type: ignore[no-untyped-call]
            self._shown = True

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if self._shown:
            # It stands above already, since it was shown while it was measured.
            self._shown = False
            return {"text/plain": repr(self), "text/html": ""}
        return super()._repr_mimebundle_(**options)

    def facts(self) -> dict[str, object]:
        """Whether the goal is reached; before an attempt, what it is."""
        return {"reached": self.state == "reached"} if self.state else {"goal": self.goal}


def _until_written(answer: Any) -> Any:
    """Make a function that still returns ``...`` say so: to `measure` it might look like something."""
    if not inspect.isfunction(answer):
        return answer

    @functools.wraps(answer)
    def written(*arguments: Any, **named: Any) -> Any:
        if (value := answer(*arguments, **named)) is ...:
            raise NotImplementedError
        return value

    return written


def _read_score(item: Any) -> Score:
    return item if isinstance(item, Score) else Score(read_number(item))


def _tell_apart(value: float, goal: float) -> tuple[str, str]:
    """Write two numbers as short as they can be told apart."""
    for digits in range(3, 8):
        one, other = f"{value:.{digits}g}", f"{goal:.{digits}g}"
        if value == goal or one != other:
            return one, other
    return repr(value), repr(goal)
