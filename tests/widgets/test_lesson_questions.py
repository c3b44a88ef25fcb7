import re
from collections import Counter
from pathlib import Path

import jupytext
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


def read_asked(lesson: str, name: str) -> tuple[list[str], int, bool]:
    """Options as they are stored, the place of the right one, and whether they keep that order on the page."""
    asked = rw.ask(lesson, name)
    if isinstance(asked, rw.Quiz):
        right = [option["right"] for option in asked.options].index(True)
        return [str(option["text"]) for option in asked.options], right, False
    return list(asked.options), list(asked.options).index(asked.truth), asked.ordered


CHOICES = [(lesson, name) for lesson, name in ALL if read_questions(lesson)[name].get("options")]


def test_the_right_answer_lies_at_every_place_about_equally_often():
    places = Counter()
    for lesson, name in CHOICES:
        options, right, ordered = read_asked(lesson, name)
        if not ordered:
            places[len(options), right] += 1
    for size in (3, 4):
        counts = [places[size, place] for place in range(size)]
        assert max(counts) - min(counts) <= 2, (
            f"Of {size} options, the right one lies so often at each: {counts}"
        )


def test_options_that_keep_their_order_are_few():
    ordered = [asked for asked in CHOICES if read_asked(*asked)[2]]
    assert len(ordered) <= len(CHOICES) // 8, f"Only what goes from little to much keeps its order: {ordered}"


# A network's "own last answer" is meant; an option by its place is not, since that place differs by student.
BY_PLACE = re.compile(
    r"\b(?:[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ll]ast|[Uu]pper|[Ll]ower|[Mm]iddle)\s+(?:option|choice)s?\b"
    r"|\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)s?\s+(?:[1-9]|[B-E]|A(?!\s+[a-z]))\b"
    r"|\b(?:[Nn]one|[Aa]ll|[Bb]oth|[Ee]ither) of the (?:above|below|others)\b"
    r"|\bthe (?:option|answer) (?:above|below)\b"
)


def test_no_text_speaks_of_an_option_by_its_place():
    lessons = QUESTIONS.parents[2] / "lessons"
    texts = {path.name: path.read_text() for path in sorted(lessons.glob("instructors/*.md"))}
    texts |= {path.name: path.read_text() for path in sorted(lessons.glob("source/*.py"))}
    for lesson, name in ALL:
        entry = read_questions(lesson)[name]
        texts[f"{lesson} {name}"] = " ".join(
            [str(value) for key, value in entry.items() if isinstance(value, str) and key != "kind"]
            + [word for option in entry.get("options", ()) for word in option.values()]
        )
    found = {where: hits for where, text in texts.items() if (hits := BY_PLACE.findall(text))}
    assert not found, f"Each student sees the options in another order; these name one by its place: {found}"


@pytest.mark.parametrize(
    "says", ["see the second option", "Option 2 is right", "none of the above", "answer B"]
)
def test_a_place_would_be_found(says):
    assert BY_PLACE.search(says)


LESSONS = sorted((Path(__file__).parents[2] / "lessons" / "source").glob("[0-9]*.py"))


@pytest.mark.parametrize("source", LESSONS, ids=lambda source: source.stem)
def test_what_waits_for_a_prediction_stands_below_it_and_is_no_section(source):
    predictions: set[str] = set()
    for cell in jupytext.read(source, fmt="py:percent").cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("after="):
                assert tag.removeprefix("after=") in predictions
                # The contents and the search lead to headings, so these are never covered.
                assert not re.search(r"^#+ ", cell.source, re.M) or cell.cell_type == "code"
        for lesson, name in re.findall(r'rw\.ask\("(\d\d)", "([^"]+)"', cell.source):
            if isinstance(rw.ask(lesson, name), rw.Predict):
                predictions.add(name)
