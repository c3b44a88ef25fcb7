import pytest

import rnnviz_widgets as rw
from rnnviz_widgets.lesson_questions import QUESTIONS, read_questions

ALL = [(path.stem, name) for path in sorted(QUESTIONS.glob("*.toml")) for name in read_questions(path.stem)]


@pytest.mark.parametrize(("lesson", "name"), ALL)
def test_every_question_can_be_asked(lesson, name):
    asked = rw.ask(lesson, name)
    assert (asked.lesson, asked.name) == (lesson, name)


@pytest.mark.parametrize(("lesson", "name"), ALL)
def test_every_wrong_choice_is_answered(lesson, name):
    asked = rw.ask(lesson, name)
    if isinstance(asked, rw.Predict) and asked.kind == "choice":
        told = dict(zip(asked.options, asked.answers, strict=True))
        assert [text for text, answer in told.items() if not answer] == [asked.truth]


def test_kinds():
    assert repr(rw.ask("02", "echo")) == "Predict('echo', kind='choice', options=4)"
    assert repr(rw.ask("02", "count-weights")) == "Predict('count-weights', kind='number')"
    assert repr(rw.ask("02", "memory-place")) == "Quiz('memory-place', options=4)"


def test_says_what_there_is():
    with pytest.raises(KeyError, match="Did you mean 'shared-weights'"):
        rw.ask("02", "shared-weight")
    with pytest.raises(KeyError, match="no questions for lesson '99'"):
        rw.ask("99", "echo")
    with pytest.raises(TypeError, match="only a prediction takes `show`"):
        rw.ask("02", "shared-weights", show=rw.Cursor())
