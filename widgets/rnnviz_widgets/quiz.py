"""A question with several answers, where each wrong one is a real misconception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import traitlets

from rnnviz_widgets.base import STATIC
from rnnviz_widgets.question import Question, name_after, require_text


@dataclass(frozen=True)
class Right:
    """The right option of a quiz.

    Parameters
    ----------
    text : str
        What the student chooses.
    because : str
        Why it is right, shown once it has been chosen.
    """

    text: str
    because: str


@dataclass(frozen=True)
class Wrong:
    """A wrong option of a quiz, with the idea behind it.

    Parameters
    ----------
    text : str
        What the student chooses.
    misconception : str
        What a student who chooses it believes, in a few words that follow "the idea that …".
    answer : str
        What to say to that idea.
    """

    text: str
    misconception: str
    answer: str


class Quiz(Question):
    """Asks a question, waits until the student commits to an answer, then answers the idea behind it.

    Texts may hold ``<b>``, ``<i>``, ``<sub>``, ``<sup>``, ``<code>`` (or text between backticks) and
    MathML. Each student sees the options in an order of their own, the same at every visit, so no text may refer to an
    option by its place.

    Parameters
    ----------
    question : str
        What is asked.
    options : sequence of Right and Wrong
        Two or more, exactly one of them `Right`.
    lesson : str, optional
        Number of the lesson.
    name : str, optional
        Name under which the page keeps the answer; made from the question unless given.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two options, not exactly one right, two alike, or an empty text.

    Examples
    --------
    >>> Quiz(
    ...     "Which weights does step 7 use?",
    ...     options=[
    ...         Right("The same as step 6", because="Every step applies the same layer."),
    ...         Wrong("Its own", misconception="each step has weights of its own", answer="They share."),
    ...     ],
    ... )
    Quiz('which-weights-does-step-7-use', options=2)
    """

    _esm = STATIC / "quiz.js"

    question = traitlets.Unicode("").tag(sync=True)
    options: traitlets.List[dict[str, object]] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        question: str,
        options: Sequence[Right | Wrong],
        *,
        lesson: str = "",
        name: str = "",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        require_text("Quiz", "the question", question)
        _check_options(options)
        super().__init__(
            question=question,
            options=[_describe_option(option) for option in options],
            lesson=lesson,
            name=name or name_after(question),
        )

    def facts(self) -> dict[str, object]:
        """How many options there are."""
        return {"options": len(self.options)}


def _check_options(options: Sequence[Right | Wrong]) -> None:
    for option in options:
        if not isinstance(option, Right | Wrong):
            raise TypeError(
                f"Quiz was given the option {option!r}; each option is Right(text, because=…) or "
                "Wrong(text, misconception=…, answer=…)."
            )
        for what, value in vars(option).items():
            require_text("Quiz", f"{what!r} of an option", value)
    right = sum(isinstance(option, Right) for option in options)
    if len(options) < 2 or right != 1:
        raise ValueError(
            f"Quiz was given {len(options)} options, {right} of them right; it takes two or more, one right."
        )
    texts = [option.text for option in options]
    if len(set(texts)) < len(texts):
        raise ValueError(f"Quiz was given two options that read alike: {texts}. Make them differ.")


def _describe_option(option: Right | Wrong) -> dict[str, object]:
    if isinstance(option, Right):
        return {"text": option.text, "right": True, "answer": option.because}
    return {
        "text": option.text,
        "right": False,
        "misconception": option.misconception,
        "answer": option.answer,
    }
