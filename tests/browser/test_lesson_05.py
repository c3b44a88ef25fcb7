"""Lesson 05 as an instructor shows it and as a student runs it: figures, linked pictures, training that is watched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

NAME = "05-forecasting"
UPDATES = re.compile(r"([\d,\u202f ]+) updates?")


@pytest.fixture(params=["dashboard", "lab"])
def lesson(
    request: pytest.FixtureRequest,
    page: Page,
    open_lesson: Callable[..., None],
    open_in_lab: Callable[..., None],
) -> Page:
    """The lesson, open and run, in each of the two places."""
    if request.param == "dashboard":
        open_lesson(page, request.getfixturevalue("dashboards"), NAME)
    else:
        open_in_lab(page, request.getfixturevalue("lab"), NAME)
    return page


def updates(forecast: Locator) -> int:
    """How many updates the training has made, as the widget says."""
    found = UPDATES.search(forecast.locator(".rv-status").text_content() or "")
    assert found
    return int(re.sub(r"\D", "", found[1]))


def test_the_lesson_lives(lesson: Page, watch: Any, find_barriers: Callable[..., list[str]]) -> None:
    # Every figure has its curves, and all of them one script.
    figures = lesson.locator(".rnnviz-plotly")
    for number in range(figures.count()):
        figures.nth(number).scroll_into_view_if_needed()
        expect(figures.nth(number).locator(".scatterlayer .trace").first).to_be_visible()
    assert sum("plotly-widget.js" in url for url in watch.asked) == 1

    # Three pictures of one trace, under one cursor.
    gates = lesson.locator(".rnnviz-gate-heatmap")
    gates.scroll_into_view_if_needed()
    others = [lesson.locator(".rnnviz-gradient-curves"), lesson.locator(".rnnviz-unrolled-graph")]
    before = [picture.screenshot() for picture in (gates, *others)]
    gates.get_by_role("button", name="First step").click()
    for picture in (gates, *others):
        expect(picture.locator(".rv-where")).to_contain_text("t = 0")
    after = [picture.screenshot() for picture in (gates, *others)]
    assert all(old != new for old, new in zip(before, after, strict=True))

    # Training: one step, then running, then paused, which holds.
    forecast = lesson.locator(".rnnviz-live-forecast")
    forecast.scroll_into_view_if_needed()
    plot = forecast.locator("canvas").first
    untrained = plot.screenshot()
    assert updates(forecast) == 0
    forecast.get_by_role("button", name="Step", exact=True).click()
    expect(forecast.locator(".rv-status")).not_to_contain_text(" 0 updates")
    one = updates(forecast)
    assert one > 0
    forecast.get_by_role("button", name="Start").click()
    pause = forecast.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    while updates(forecast) < one + 20:
        lesson.wait_for_timeout(100)
    pause.click()
    expect(forecast.get_by_role("button", name="Start")).to_be_visible()
    lesson.wait_for_timeout(1000)
    held, trained = updates(forecast), plot.screenshot()
    assert trained != untrained
    lesson.wait_for_timeout(1500)
    assert updates(forecast) == held
    assert plot.screenshot() == trained

    # A slider of the widget: another horizon gives another forecast.
    slider = forecast.get_by_role("slider", name="horizon")
    slider.focus()
    old = slider.input_value()
    slider.press("Home")
    assert slider.input_value() != old
    lesson.wait_for_timeout(1500)
    assert plot.screenshot() != trained

    forecast.get_by_role("button", name="Reset").click()
    expect(forecast.locator(".rv-status")).to_contain_text("0 updates")
    assert find_barriers(lesson, ".rnnviz") == []
