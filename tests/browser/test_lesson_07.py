"""Lesson 07 as an instructor shows it: surgery, stages, the race, dropout, and a page without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "07-lstm-gate-by-gate"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, on a dashboard above the fold, and waits for nothing.
    toy = lesson.locator(".rnnviz-surgery").first
    hold = toy.get_by_role("button", name="Hold", exact=True)
    if "/voila/" in lesson.url:
        box = hold.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800
    answer, bars = toy.locator(".rv-caption"), toy.locator(".rv-answers")
    expect(answer).to_contain_text("It answers “French” (1.00), which is right.")

    # At the country the gate may close; one word later the country is lost.
    hold.click()
    expect(answer).to_contain_text("which is right; the same as untouched")
    toy.get_by_role("button", name="Step forward").click()
    toy.get_by_role("button", name=re.compile("^Let go:")).click()
    expect(toy.locator(".rv-holds")).to_be_hidden()
    hold.click()
    expect(answer).to_contain_text("which is wrong; untouched it says “French”")
    expect(bars).to_contain_text("→")
    # The slider moves what is held, and the answer with it.
    toy.get_by_role("slider", name="hold at", exact=True).press("End")
    expect(answer).to_contain_text("It answers “French”")
    toy.get_by_role("button", name="Let go of everything").click()
    expect(answer).to_have_text("It answers “French” (1.00), which is right.")

    # Another country, another language.
    toy.get_by_role("button", name="Step back").click()
    toy.get_by_label("The word at the cursor").select_option("Turkey")
    expect(answer).to_contain_text("It answers “Turkish”")
    toy.get_by_role("button", name="Let go of everything").click()

    # The cell is built up; the same cursor moves it.
    cell = lesson.locator(".rnnviz-cell-anatomy").first
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".rv-where")).to_contain_text("France")
    cell.get_by_role("button", name="c + g").click()
    expect(cell.locator(".rv-story")).to_contain_text("Nothing is ever forgotten")

    # What is to be predicted is not shown before.
    squashed = lesson.locator(".rnnviz-predict").nth(1)
    squashed.scroll_into_view_if_needed()
    expect(squashed.locator(".rnnviz-gradient-curves")).to_have_count(0)
    squashed.get_by_text("About a fiftieth").click()
    squashed.get_by_role("button", name="Commit to this prediction").click()
    expect(squashed.locator(".rnnviz-gradient-curves")).to_have_count(1)

    # What is stored stands there without a training; and a training runs.
    race = lesson.locator(".rnnviz-recall-race")
    race.scroll_into_view_if_needed()
    race.get_by_role("button", name="Stored").click()
    plot = race.get_by_role("img", name=re.compile("c \\+ g: 9 in 10 up to 10 words"))
    expect(plot).to_be_visible()
    race.get_by_role("button", name="This training").click()
    race.get_by_role("button", name="Train all").click()
    expect(race.locator(".rv-status")).to_contain_text("learning")
    race.get_by_role("button", name="Pause").click()
    expect(race.locator(".rv-status")).to_contain_text("paused")

    # Dropped values, and none in use.
    dropout = lesson.locator(".rnnviz-dropout-map")
    dropout.scroll_into_view_if_needed()
    said = dropout.locator(".rv-caption").inner_text()
    dropout.get_by_role("button", name="Draw again").click()
    expect(dropout.locator(".rv-caption")).not_to_have_text(said)
    dropout.get_by_role("button", name="In use").click()
    expect(dropout.locator(".rv-caption")).to_contain_text("nothing is dropped")

    assert find_barriers(lesson, ".rnnviz") == []
