"""Lesson 01 as an instructor shows it and as a student runs it: what is predicted is revealed, and lives."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

NAME = "01-sequences-and-memory"


def commit(question: Locator) -> None:
    question.scroll_into_view_if_needed()
    sure = question.get_by_role("radio", name="fairly sure")
    expect(sure).to_be_visible()
    slider = question.get_by_role("slider")
    if slider.count():
        slider.first.fill("50")
    else:
        question.get_by_role("radio").first.check()
    sure.check()
    question.get_by_role("button", name="Commit to this prediction").click()


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    predictions = lesson.locator(".rnnviz-predict")
    expect(predictions).to_have_count(4)
    # Nothing is given away before the student has committed.
    expect(lesson.locator(".rnnviz-padding-explorer")).to_have_count(0)
    expect(lesson.locator(".rnnviz-response-explorer")).to_have_count(0)

    commit(predictions.nth(1))
    padding = lesson.locator(".rnnviz-padding-explorer")
    expect(padding.locator(".rv-padding-story")).to_have_text(re.compile("^78 % .* bad idea"))
    padding.get_by_role("radio", name="batches from buckets").check()
    expect(padding.locator(".rv-padding-story")).to_have_text(re.compile("^35 %"))

    commit(predictions.nth(2))
    knob = lesson.locator(".rnnviz-experiment")
    knob.get_by_role("slider").fill("11")
    # Measured by Python, which the page has to wait for.
    expect(knob.locator(".rv-reading")).to_have_text(
        "11 years in the window: typical miss 19.3 spots.", timeout=30_000
    )

    commit(predictions.nth(3))
    response = lesson.locator(".rnnviz-response-explorer")
    verdict = response.locator(".rv-response-verdict").last
    expect(verdict).to_have_text("Rings and decays: up and down every 9 steps, half is gone after 14 steps.")
    response.get_by_role("button", name="Explodes").click()
    expect(verdict).to_have_text(re.compile("^Rings and explodes"))

    assert find_barriers(lesson, ".rnnviz") == []
