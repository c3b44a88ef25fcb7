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
    # The lesson opens with its toy; what a prediction hides is an answer, and no instrument.
    toy = lesson.locator(".rnnviz-response-explorer").first
    expect(toy.locator(".rv-response-verdict").first).to_have_text(re.compile("^Stops dead"))
    expect(predictions.locator(".rnnviz-experiment")).to_have_count(0)

    commit(predictions.nth(1))
    padding = lesson.locator(".rnnviz-padding-explorer")
    expect(padding.locator(".rv-padding-story")).to_have_text(re.compile("^0 %"))
    padding.get_by_role("radio", name="to the longest of all").check()
    expect(padding.locator(".rv-padding-story")).to_have_text(re.compile("^78 % .* bad idea"))
    padding.get_by_role("radio", name="batches from buckets").check()
    expect(padding.locator(".rv-padding-story")).to_have_text(re.compile("^35 %"))

    commit(predictions.nth(2))
    knob = predictions.nth(2).locator(".rnnviz-experiment")
    # Every year of the window was measured before the curve appears.
    expect(knob.locator("circle")).to_have_count(40)
    knob.get_by_role("slider").fill("11")
    expect(knob.locator(".rv-reading")).to_have_text("11 years in the window: typical miss 19.3 spots.")

    commit(predictions.nth(3))
    response = lesson.locator(".rnnviz-response-explorer").last
    verdict = response.locator(".rv-response-verdict").last
    expect(verdict).to_have_text(re.compile("^Decays"))
    response.get_by_role("button", name="Rings", exact=True).click()
    expect(verdict).to_have_text(re.compile("^Rings and decays"))
    response.get_by_role("button", name="Explodes").click()
    expect(verdict).to_have_text(re.compile("^Rings and explodes"))

    # No threshold keeps the tank as near to its mark as the controller that remembers.
    tank = lesson.locator(".rnnviz-experiment").filter(has_text="cm off")
    tank.get_by_role("slider").fill("44")
    told = re.compile(r"^threshold 44 cm: threshold ([\d.]+) cm off, recurrent ([\d.]+) cm off\.$")
    expect(tank.locator(".rv-reading")).to_have_text(told)
    found = told.search(tank.locator(".rv-reading").inner_text())
    assert found
    assert float(found[2]) < float(found[1]) / 2

    assert find_barriers(lesson, ".rnnviz") == []
