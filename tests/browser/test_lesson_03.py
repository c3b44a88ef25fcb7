"""Lesson 03 as an instructor shows it and as a student runs it: ends are dragged, every shape is drawn and plays."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

NAME = "03-sequence-shapes"


def graph_called(lesson: Page, title: str) -> Locator:
    graph = lesson.locator(".rnnviz-unrolled-graph").filter(
        has=lesson.get_by_role("heading", name=title, exact=True)
    )
    graph.scroll_into_view_if_needed()
    expect(graph.locator(".rv-column").first).to_be_attached()
    return graph


def words_above(graph: Locator) -> list[str]:
    return graph.locator(".rv-said").all_text_contents()


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The lesson opens with a batch to play with, before any question.
    toy = lesson.locator(".rnnviz-lengths-explorer").first
    expect(toy.get_by_text("lengths = [3, 7, 2, 4]")).to_be_visible()
    handle = toy.get_by_role("slider").first
    handle.press("ArrowRight")
    expect(toy.get_by_text("lengths = [4, 7, 2, 4]")).to_be_visible()

    # A prediction hides the answer, and never the instrument.
    question = lesson.locator(".rnnviz-predict").first
    question.scroll_into_view_if_needed()
    question.get_by_role("radio", name="Zeros, since the inputs are zeros").check()
    question.get_by_role("radio", name="fairly sure").check()
    question.get_by_role("button", name="Commit to this prediction").click()
    expect(question.get_by_role("status").first).to_contain_text("−0.71, −0.12, 0.49, 0.09, −0.27")
    book = lesson.locator(".rnnviz-lengths-explorer").nth(1)
    expect(book.get_by_text("lengths = [2, 1, 2, 2]")).to_be_visible()
    expect(book.get_by_text("batch_sizes = [4, 3]")).to_be_visible()

    # Every shape has its outputs where they are used, and says the right thing there.
    film = graph_called(lesson, "sequence → sequence, synced")
    assert film.locator(".rv-step-cost").count() == 5
    assert film.locator(".rv-step-cost.rv-left-out").count() == 1
    caption = graph_called(lesson, "vector → sequence")
    assert words_above(caption) == ["lying", "top", "⟨end⟩"]
    feeling = graph_called(lesson, "sequence → vector")
    assert words_above(feeling) == ["praise"]

    # A question is translated as a question: another order of words.
    translation = graph_called(lesson, "encoder–decoder")
    translation.get_by_role("combobox", name="Sequence").select_option(label="6: do i drink milk")
    expect(translation.get_by_text("t = 0 · step 1 of 8")).to_be_visible()
    translation.get_by_role("button", name="Last step").click()
    # In JupyterLab there is room for fewer columns, so the first German word may have to be looked for.
    assert words_above(translation)[-3:] == ["ich", "milch", "⟨end⟩"]
    for _ in range(3):
        translation.get_by_role("button", name="Step back").click()
    expect(translation.locator(".rv-now .rv-said")).to_have_text("trinke")

    # Its gradient runs back through the hand-over, to the first word.
    translation.get_by_role("button", name="Backward pass").click()
    translation.get_by_role("button", name="First step").click()
    expect(translation.locator(".rv-ribbon.rv-reached").first).to_be_attached()

    assert find_barriers(lesson, ".rnnviz") == []
