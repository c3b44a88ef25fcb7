"""Lesson 04 as an instructor shows it and as a student runs it: there and back, the sum, and a digit that is read."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "04-training-through-time"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, and reads at once: nothing has to be answered for it.
    toy = lesson.locator(".rnnviz").first
    expect(toy).to_have_class(re.compile("rnnviz-digit-reader"))
    toy.get_by_role("button", name="Last step").click()
    expect(toy.locator(".rv-where")).to_contain_text("row 8 of 8")

    # The graph and the sum go back together.
    graph = lesson.locator(".rnnviz-unrolled-graph")
    graph.scroll_into_view_if_needed()
    expect(graph.locator(".rv-where")).to_contain_text("t = 9")
    total = lesson.locator(".rnnviz-weight-gradient")
    total.scroll_into_view_if_needed()
    expect(total).to_contain_text("The backward pass has come to t = 9: 0 % of the gradient")
    total.get_by_role("button", name="First step").click()
    expect(total).to_contain_text("All steps are added: 100 % of the gradient, this is .grad")
    graph.scroll_into_view_if_needed()
    expect(graph.locator(".rv-where")).to_contain_text("t = 0")

    # A digit is read to its last row.
    reader = lesson.locator(".rnnviz-digit-reader").last
    reader.scroll_into_view_if_needed()
    reader.get_by_role("button", name="Last step").click()
    expect(reader.locator(".rv-where")).to_contain_text("row 8 of 8")

    # Published and measured stand side by side.
    expect(lesson.get_by_text("LSTM, 3 layers, epoch 10").first).to_be_visible()
    assert find_barriers(lesson, ".rnnviz") == []


def test_truncation_is_measured_live(lesson: Page) -> None:
    question = lesson.locator(".rnnviz-predict").nth(1)
    question.scroll_into_view_if_needed()
    question.get_by_text("Nothing: it is as wrong").click()
    question.get_by_role("button", name="Commit to this prediction").click()
    experiment = question.locator(".rnnviz-experiment")
    expect(experiment).to_be_visible()
    slider = experiment.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    # Trained by Python while one waits: pieces of a single step learn nothing.
    learned_nothing = re.compile(r"^1 steps? a piece: error (0\.[6-9]|1)")
    expect(experiment.locator(".rv-reading")).to_have_text(learned_nothing)
