"""Lesson 11 as an instructor shows it: a word forced, translators that learn, and a page without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "11-translation"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, on a dashboard above the fold, and waits for nothing.
    toy = lesson.locator(".rnnviz-translator").first
    sentence = toy.get_by_label("Sentence to translate")
    if "/voila/" in lesson.url:
        box = sentence.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800
    said = toy.get_by_role("group", name="Translation, word by word")
    sentence.fill("she does not drink water today")
    expect(said).to_contain_text(re.compile(r"elle.*ne.*boit.*pas.*eau"), timeout=30_000)

    # Translators learn on a click, and another share of right words begins anew.
    race = lesson.locator(".rnnviz-translator-race")
    race.scroll_into_view_if_needed()
    slider = race.get_by_label("Right word given")
    expect(slider).to_have_attribute("aria-valuetext", "always")
    race.get_by_role("button", name="Train all").click()
    expect(race.locator(".rv-status")).to_contain_text(re.compile("learning|done"), timeout=30_000)
    race.get_by_role("button", name="Pause").click()
    slider.focus()
    lesson.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "75 % of the time")
    expect(race.locator(".rv-status")).to_contain_text(re.compile("Untrained|: 0 of 200"), timeout=30_000)

    # What is to be predicted is not shown before.
    narrow = lesson.locator(".rnnviz-predict").filter(has_text="Telephone numbers of 1 to 12 digits")
    narrow.scroll_into_view_if_needed()
    expect(narrow.locator(".js-plotly-plot")).to_have_count(0)
    narrow.get_by_text("Hardly any without, most with it").click()
    narrow.get_by_role("button", name="Commit to this prediction").click()
    expect(narrow.locator(".js-plotly-plot")).to_have_count(1)

    assert find_barriers(lesson, ".rnnviz") == []
