"""Quizzes, predictions, checks and experiments in a page: by keyboard alone, kept, and open to everyone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

NAME = "01-questions"
CELLS = [
    """import rnnviz_widgets as rw
rw.Quiz(
    "How many sets of <math><msub><mi>W</mi><mi>x</mi></msub></math> are there?",
    options=[
        rw.Wrong("one for each step", misconception="steps own their weights", answer="They share one."),
        rw.Right("one", because="The steps share it."),
        rw.Wrong("none", misconception="nothing is learned", answer="Something is."),
    ],
    lesson="01",
    name="sets",
)""",
    """rw.Predict("How many?", "number", truth=45, reveal="15 + 25 + 5.", lesson="01", name="count")""",
    """experiment = rw.Experiment({"square": lambda n: n * n}, x="n", low=0, high=100)
rw.Predict(
    "What does a square do?",
    options=["grows", "stays"],
    truth="grows",
    reveal="See for yourself.",
    show=experiment,
    lesson="01",
)""",
    """check = rw.Check(
    "double",
    properties=[
        rw.Property("doubles", expected=lambda x: 2 * x),
        rw.Property("keeps the length", holds=lambda y, x: len(y) == len(x)),
    ],
    inputs=lambda draw, length: (draw(length),),
    sizes={"length": (1, 3)},
    hints=["Use a star.", "2 * x"],
    then="and triple?",
    lesson="01",
)
check(lambda x: x * x)""",
    "check(lambda x: x + x)",
    """rw.Picture("02-one-neuron")""",
]


@pytest.fixture(scope="module")
def questions(
    start_rnnviz: Callable[..., Any],
    write_lesson: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """Serve a lesson that holds nothing but questions."""
    folder = tmp_path_factory.mktemp("questions")
    write_lesson(folder, NAME, ["# Questions", *((cell,) for cell in CELLS)])
    return start_rnnviz("--lessons", str(folder))


@pytest.fixture
def asked(page: Page, questions: Any, open_lesson: Callable[..., None]) -> Page:
    """Open that lesson, with nothing answered yet."""
    # This student sees the quiz's options in the order above.
    page.add_init_script("localStorage.setItem('rnnviz/student', localStorage.getItem('another') ?? '0')")
    open_lesson(page, questions, NAME)
    expect(page.locator(".rnnviz-check")).to_have_count(2)
    return page


def test_a_quiz_by_keyboard_alone(asked: Page) -> None:
    quiz = asked.locator(".rnnviz-quiz")
    status = quiz.locator(".rv-answer")
    expect(quiz.get_by_role("radiogroup")).to_have_accessible_name(
        re.compile("How many sets of W ?x are there")
    )
    expect(quiz.locator("math msub")).to_be_visible()
    expect(status).to_be_empty()
    quiz.get_by_role("radio").first.focus()
    asked.keyboard.press("Space")
    asked.keyboard.press("Enter")
    expect(status).to_contain_text("The mistaken idea: steps own their weights.")
    expect(status).not_to_contain_text("The steps share it.")
    # The button stays under the fingers.
    expect(quiz.get_by_role("button", name="Try again")).to_be_focused()
    asked.keyboard.press("Enter")
    expect(status).to_be_empty()
    asked.keyboard.press("ArrowDown")
    asked.keyboard.press("Enter")
    expect(status).to_contain_text("Right, at try 2.")
    expect(quiz.get_by_role("radio").first).to_be_disabled()


def test_a_choice_in_one_question_leaves_the_others_alone(asked: Page) -> None:
    quiz, predict = asked.locator(".rnnviz-quiz"), asked.locator(".rnnviz-predict").nth(1)
    quiz.get_by_role("radio").nth(2).check()
    predict.get_by_role("radio", name="stays").check()
    expect(quiz.get_by_role("radio").nth(2)).to_be_checked()
    ids = asked.evaluate("[...document.querySelectorAll('.rnnviz [id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))


def test_what_was_answered_is_there_after_a_reload_and_nowhere_else(
    asked: Page, watch: Any, questions: Any, open_lesson: Callable[..., None]
) -> None:
    quiz = asked.locator(".rnnviz-quiz")
    quiz.get_by_text("one", exact=True).click()
    before = len(watch.asked)
    quiz.get_by_role("button", name="Commit to this answer").click()
    expect(quiz.get_by_role("status")).to_contain_text("Right, at the first try.")
    assert watch.asked[before:] == []
    kept = asked.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('rnnviz/progress/'))")
    assert "rnnviz/progress/quiz/01/sets" in kept
    open_lesson(asked, questions, NAME)
    expect(quiz.get_by_role("status")).to_contain_text("The steps share it.")
    quiz.get_by_role("button", name="Answer again").click()
    expect(quiz.get_by_role("status")).to_be_empty()


def test_each_student_has_an_order_of_options_that_stays(
    asked: Page, questions: Any, open_lesson: Callable[..., None]
) -> None:
    texts = asked.locator(".rnnviz-quiz .rv-option-text")
    mine = texts.all_inner_texts()
    open_lesson(asked, questions, NAME)
    expect(texts).to_have_text(mine)
    asked.evaluate("localStorage.setItem('another', '1')")
    open_lesson(asked, questions, NAME)
    expect(texts).to_have_count(len(mine))
    theirs = texts.all_inner_texts()
    assert theirs != mine
    assert sorted(theirs) == sorted(mine)


def test_a_predicted_number_stands_beside_the_truth(asked: Page) -> None:
    predict = asked.locator(".rnnviz-predict").first
    assert "45" not in predict.inner_text()
    predict.get_by_role("spinbutton").fill("90")
    predict.get_by_role("spinbutton").press("Enter")
    expect(predict.get_by_role("img", name="You said 90; it is 45.")).to_be_visible()
    expect(predict.locator(".rv-answer")).to_contain_text("2 times too high.")
    expect(predict.get_by_role("spinbutton")).to_be_disabled()


def test_an_experiment_comes_out_with_the_truth_and_measures(asked: Page) -> None:
    predict = asked.locator(".rnnviz-predict").nth(1)
    expect(predict.locator(".rnnviz-experiment")).to_have_count(0)
    predict.get_by_text("stays").click()
    predict.get_by_role("button", name="Commit to this prediction").click()
    experiment = predict.locator(".rnnviz-experiment")
    chart = experiment.get_by_role("img", name="square grows from 0 to 10000")
    expect(chart).to_be_visible()
    points = experiment.locator("circle")
    expect(points).to_have_count(12)
    slider = experiment.get_by_role("slider", name="n")
    slider.press("ArrowLeft")
    expect(experiment.locator(".rv-reading")).to_have_text("n = 99: square 9801.")
    expect(points).to_have_count(13)


def test_a_check_shows_what_fails_and_gives_hints(asked: Page) -> None:
    failed, passed = asked.locator(".rnnviz-check").all()
    expect(failed.get_by_text("1 of the 2 properties holds.")).to_be_visible()
    expect(failed.locator(".rv-example dt")).to_have_text(["x", "expected", "got"])
    expect(failed.get_by_text("Use a star.")).to_have_count(0)
    failed.get_by_role("button", name="Give me a hint").press("Enter")
    expect(failed.get_by_text("Use a star.")).to_be_visible()
    asked.keyboard.press("Enter")
    expect(failed.get_by_text("2 * x")).to_be_visible()
    expect(passed.get_by_text("All 2 properties hold.")).to_be_visible()
    expect(passed.get_by_text("and triple?")).to_be_visible()


def test_open_to_everyone(asked: Page, find_barriers: Callable[..., list[str]]) -> None:
    # Answered and unanswered alike: the marks have colours of their own.
    asked.locator(".rnnviz-quiz").get_by_text("none").click()
    asked.locator(".rnnviz-quiz").get_by_role("button", name="Commit to this answer").click()
    predict = asked.locator(".rnnviz-predict").nth(1)
    predict.get_by_text("grows").click()
    predict.get_by_role("button", name="Commit to this prediction").click()
    # Six places of two curves: the experiment fills itself once it is revealed.
    expect(predict.locator(".rnnviz-experiment circle")).to_have_count(12)
    for light in ("true", "false"):
        asked.evaluate(f"document.body.dataset.jpThemeLight = '{light}'")
        assert find_barriers(asked, ".rnnviz") == []
    for width in (1280, 390, 320):
        asked.set_viewport_size({"width": width, "height": 800})
        assert asked.evaluate("document.documentElement.scrollWidth") <= width
        for widget in asked.locator(".rnnviz").all():
            box = widget.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
