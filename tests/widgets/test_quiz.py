import pytest

import rnnviz_widgets as rw
from rnnviz_widgets.question import name_after


def options():
    return [
        rw.Right("one set", because="They are shared."),
        rw.Wrong("one each", misconception="steps own weights", answer="They do not."),
    ]


def test_carries_question_and_answers_to_the_page():
    quiz = rw.Quiz("How many sets?", options(), lesson="02", name="sets")
    assert (quiz.lesson, quiz.name) == ("02", "sets")
    assert [option["right"] for option in quiz.options] == [True, False]
    assert quiz.options[1]["misconception"] == "steps own weights"
    assert quiz.options[1]["answer"] == "They do not."


def test_repr_is_the_same_on_every_run():
    assert repr(rw.Quiz("How many <b>sets</b> has W?", options())) == "Quiz('how-many-sets-has-w', options=2)"


def test_name_is_made_of_the_first_words():
    assert (
        name_after("One two three four five six seven eight nine?")
        == "one-two-three-four-five-six-seven-eight"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda given: given[:1], "1 options, 1 of them right"),
        (lambda given: [given[0], given[0]], "2 of them right"),
        (lambda given: [given[1], given[1]], "0 of them right"),
        (lambda given: [given[0], rw.Wrong("one set", misconception="x", answer="y")], "read alike"),
        (
            lambda given: [given[0], rw.Wrong("two", misconception=" ", answer="y")],
            "empty text as 'misconception'",
        ),
    ],
)
def test_refuses_options_nobody_could_answer(change, says):
    with pytest.raises(ValueError, match=says):
        rw.Quiz("How many?", change(options()))


def test_refuses_an_option_that_is_none():
    with pytest.raises(TypeError, match="Right\\(text, because"):
        rw.Quiz("How many?", [*options(), "three"])


def test_refuses_an_empty_question_and_an_unknown_option():
    with pytest.raises(ValueError, match="empty text as the question"):
        rw.Quiz(" ", options())
    with pytest.raises(TypeError, match="Did you mean 'lesson'"):
        rw.Quiz("How many?", options(), leson="02")
