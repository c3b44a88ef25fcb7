"""Lesson 09 as an instructor shows it: the reservoir, two starts, two races, and a page without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "09-reservoirs"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first; on a dashboard its knobs and its forecast are above the fold.
    toy = lesson.locator(".rnnviz-reservoir-playground")
    forecast, said = toy.locator(".rv-reservoir > .rv-wide").first, toy.locator(".rv-caption")
    expect(said).to_contain_text("It forgets its start")
    box = forecast.locator("canvas").bounding_box()
    assert box is not None
    if "/voila/" in lesson.url:
        assert box["y"] + box["height"] < 800

    # Two starts meet, and at a large radius they do not; a strong input brings them together again.
    radius = toy.get_by_role("slider", name="Spectral radius ρ")
    toy.get_by_role("slider", name="Leak a").fill("1")
    radius.fill("1.2")
    toy.get_by_role("slider", name="Input scale s").press("Home")
    expect(said).to_contain_text("It does not forget its start")
    toy.get_by_role("slider", name="Input scale s").press("End")
    expect(said).to_contain_text("a millionth of the difference is left")
    expect(toy.get_by_role("img", name=re.compile("two different starts"))).to_have_attribute(
        "aria-label", re.compile("0.00 apart")
    )
    toy.get_by_role("button", name="Reset").click()

    # What is to be predicted is not shown before.
    meet = lesson.locator(".rnnviz-predict").filter(has_text="Two runs begin far apart")
    meet.scroll_into_view_if_needed()
    expect(meet.locator(".rnnviz-experiment")).to_have_count(0)
    meet.get_by_text("That depends on how strong the input is").click()
    meet.get_by_role("button", name="Commit to this prediction").click()
    expect(meet.locator(".rnnviz-experiment")).to_have_count(1)

    # A readout is solved while another network has hardly begun.
    solved = lesson.locator(".rnnviz-learning-race").first
    solved.scroll_into_view_if_needed()
    expect(solved.get_by_role("img", name=re.compile("untrained")).first).to_be_visible()
    solved.get_by_role("button", name="Train all").click()
    expect(
        solved.get_by_role("img", name=re.compile(r"only the readout, solved: 0\.00\d+ after")).first
    ).to_be_visible(timeout=20_000)
    solved.get_by_role("button", name="Pause").click()
    expect(solved.locator(".rv-status")).to_contain_text("paused", timeout=20_000)

    # Three cells learn to count, and can begin again.
    parity = lesson.locator(".rnnviz-learning-race").last
    parity.scroll_into_view_if_needed()
    parity.get_by_role("button", name="Train all").click()
    expect(parity.locator(".rv-status")).to_contain_text("learning", timeout=20_000)
    parity.get_by_role("button", name="Pause").click()
    parity.get_by_role("button", name="Begin again").click()
    expect(parity.locator(".rv-status")).to_contain_text("Untrained", timeout=20_000)

    assert find_barriers(lesson, ".rnnviz") == []
