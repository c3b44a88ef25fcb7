"""Lesson 10 as an instructor shows it: words that move, sentences cut up, verdicts, and a page without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "10-words"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, on a dashboard above the fold, and waits for nothing.
    toy = lesson.locator(".rnnviz-embedding-map").first
    train = toy.get_by_role("button", name="Train")
    if "/voila/" in lesson.url:
        box = train.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800
    neighbours = toy.locator(".rv-caption")
    train.click()
    drinks = re.compile(r"Nearest to “milk”: (?:(?:tea|wine|water|juice|coffee) \(0\.\d+\)(?:, )?){5}\.")
    expect(neighbours.first).to_have_text(drinks)
    toy.get_by_role("button", name="Pause").click()

    # A sentence is cut and looked up while it is typed; nothing of it needs Python.
    lookup = lesson.locator(".rnnviz-word-lookup")
    lookup.scroll_into_view_if_needed()
    rows = lookup.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(lookup.get_by_role("img", name=re.compile("^150 numbers, the first"))).to_have_count(3)
    lookup.get_by_label("A sentence").fill("Drink 7 kombucha at www.example.org")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_contain_text("lower case")
    expect(rows.nth(1)).to_contain_text("[NUM]")
    expect(rows.nth(2)).to_contain_text("not in the vocabulary")
    expect(rows.nth(4)).to_contain_text("[URL]")
    lookup.get_by_role("button", name="One-hot").click()
    expect(lookup.get_by_role("img", name=re.compile("^A 1 at place 1, and 49,999 zeros"))).to_be_visible()
    expect(lookup.locator(".rv-caption")).to_contain_text("5 × 50,000 = 250,000 numbers, all but 5 of them 0")

    # What is to be predicted is not shown before.
    good = lesson.locator(".rnnviz-predict").filter(has_text="What is the cosine of")
    good.scroll_into_view_if_needed()
    expect(good.locator(".rnnviz-embedding-map")).to_have_count(0)
    good.get_by_text("About 0.9: nearly the same direction").click()
    good.get_by_role("button", name="Commit to this prediction").click()
    expect(good.locator(".rnnviz-embedding-map")).to_have_count(1)

    # The same words part where the task is another one.
    judging = lesson.locator(".rnnviz-embedding-map").last
    judging.scroll_into_view_if_needed()
    judging.get_by_role("button", name="Train").click()
    expect(judging.locator(".rv-caption").first).to_contain_text("great")
    judging.get_by_role("button", name="Pause").click()

    # A verdict after every word, also of what is typed.
    texts = lesson.locator(".rnnviz-text-states")
    texts.scroll_into_view_if_needed()
    area = texts.get_by_label("Type here, and it reacts")
    area.fill("the soup was not delicious at all .")
    expect(texts.locator(".rv-caption")).to_contain_text("Verdict is highest on average at")
    expect(texts.locator(".rv-caption")).to_contain_text(re.compile(r"lowest at .*“\.” \(0\.0"))

    assert find_barriers(lesson, ".rnnviz") == []
