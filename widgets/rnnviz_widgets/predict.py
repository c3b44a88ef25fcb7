"""A prediction the student commits to before anything is revealed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.question import Question, name_after, require_text


@dataclass(frozen=True)
class Option:
    """An option of a prediction, with what to say to a student who chose it and was wrong.

    Parameters
    ----------
    text : str
        What the student chooses.
    answer : str
        Why it does not come out like this; not for the option that is true.
    """

    text: str
    answer: str = ""


class Predict(Question):
    """Asks what will happen, keeps the truth back until the student commits, then shows both side by side.

    Texts may hold ``<b>``, ``<i>``, ``<sub>``, ``<sup>``, ``<code>`` (or text between backticks) and MathML.

    Parameters
    ----------
    question : str
        What will happen?
    kind : {"choice", "number"}
        Whether the student picks one of `options` or says a number.
    truth : str or float
        What does happen: one of `options`, or a finite number.
    reveal : str
        Why, shown with the truth.
    options : sequence of str or Option
        What may happen, for a choice; an `Option` also tells a student who chose it why it does not happen.
    ordered : bool
        Whether the options are shown in the order given, as "after 1 row, after 3 rows" should be. Otherwise each
        student sees them in an order of their own, the same at every visit.
    low, high : float, optional
        Ends of a slider for a number; without them the number is typed.
    unit : str
        What the number counts: "kB", "steps".
    tolerance : float
        How far off a number may be, as a share of the truth, and still be called close.
    show : Widget, optional
        A widget that stays hidden until the student has committed.
    lesson, name : str, optional
        Where the page keeps the prediction; the name is made from the question unless given.

    Raises
    ------
    TypeError, ValueError
        If the kind is unknown, the truth is not among the options or not a finite number, or the slider's
        ends do not hold the truth between them.

    Examples
    --------
    >>> Predict(
    ...     "Twice as many steps: how many weights?",
    ...     options=["as many as before", Option("twice as many", answer="No step has weights of its own.")],
    ...     truth="as many as before",
    ...     reveal="The steps share their weights.",
    ... )
    Predict('twice-as-many-steps-how-many-weights', kind='choice', options=2)
    >>> Predict("How many weights?", kind="number", truth=40, reveal="3·5 + 5·5.", low=0, high=100)
    Predict('how-many-weights', kind='number', low=0, high=100)
    """

    _esm = STATIC / "predict.js"

    question = traitlets.Unicode("").tag(sync=True)
    kind = traitlets.Enum(["choice", "number"], "choice").tag(sync=True)
    options: traitlets.List[str] = traitlets.List().tag(sync=True)
    answers: traitlets.List[str] = traitlets.List().tag(sync=True)
    """For each option, what to say to a student who chose it and was wrong; empty where there is nothing to say."""
    ordered = traitlets.Bool(False).tag(sync=True)
    truth = traitlets.Any().tag(sync=True)
    reveal = traitlets.Unicode("").tag(sync=True)
    low: traitlets.Float[Any, Any] = traitlets.Float(None, allow_none=True).tag(sync=True)
    high: traitlets.Float[Any, Any] = traitlets.Float(None, allow_none=True).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    tolerance = traitlets.Float(0.1, min=0).tag(sync=True)
    show = anywidget.WidgetTrait().tag(sync=True)

    def __init__(
        self,
        question: str,
        kind: str = "choice",
        *,
        truth: str | float,
        reveal: str,
        options: Sequence[str | Option] = (),
        ordered: bool = False,
        low: float | None = None,
        high: float | None = None,
        unit: str = "",
        tolerance: float = 0.1,
        show: Widget | None = None,
        lesson: str = "",
        name: str = "",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        require_text("Predict", "the question", question)
        require_text("Predict", "what it reveals", reveal)
        told = [option if isinstance(option, Option) else Option(option) for option in options]
        if kind == "choice":
            _check_choice(told, truth)
        elif kind == "number":
            _check_number(truth, low, high)
        else:
            raise ValueError(f'Predict was given kind={kind!r}; it knows "choice" and "number".')
        super().__init__(
            question=question,
            kind=kind,
            options=[option.text for option in told],
            answers=[option.answer for option in told],
            ordered=ordered,
            truth=truth,
            reveal=reveal,
            low=low,
            high=high,
            unit=unit,
            tolerance=tolerance,
            show=show,
            lesson=lesson,
            name=name or name_after(question),
        )

    def facts(self) -> dict[str, object]:
        """Kind of answer, and between what it lies; never the truth."""
        if self.kind == "choice":
            return {"kind": self.kind, "options": len(self.options)}
        ends = {"low": self.low, "high": self.high}
        return {"kind": self.kind} | {name: _shorten(end) for name, end in ends.items() if end is not None}


def _check_choice(options: Sequence[Option], truth: object) -> None:
    texts = [require_text("Predict", "an option", option.text) for option in options]
    if len(texts) < 2 or len(set(texts)) < len(texts):
        raise ValueError(
            f"Predict was given the options {texts}; it takes two or more that differ, "
            'or kind="number" for a number.'
        )
    if truth not in texts:
        raise ValueError(f"Predict was given truth={truth!r}, which is none of its options {texts}.")
    for option in options:
        if option.answer and option.text == truth:
            raise ValueError(
                f"Predict was given an answer to {truth!r}, which is true; say in `reveal` why it is."
            )


def _check_number(truth: object, low: float | None, high: float | None) -> None:
    if isinstance(truth, bool) or not isinstance(truth, int | float) or not math.isfinite(truth):
        raise ValueError(f"Predict was given truth={truth!r}; a number is predicted against a finite number.")
    if (low is None) != (high is None):
        raise ValueError("Predict was given one end of its slider; give both `low` and `high`, or neither.")
    if low is not None and high is not None and not low <= truth <= high:
        raise ValueError(
            f"Predict was given low={low} and high={high}, its truth {truth} is not between them."
        )


def _shorten(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 4)
