"""Lesson 05 as an instructor shows it and as a student runs it: figures, linked pictures, training that is watched."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

NAME = "05-forecasting"
UPDATES = re.compile(r"([\d,\u202f ]+) updates?")


def updates(forecast: Locator) -> int:
    """How many updates the training has made, as the widget says."""
    found = UPDATES.search(forecast.locator(".rv-status").text_content() or "")
    assert found
    return int(re.sub(r"\D", "", found[1]))


def painted(canvas: Locator) -> str:
    """What a canvas shows."""
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def wait_until(page: Page, reached: Callable[[], bool], seconds: float = 90) -> None:
    """Look again and again, and fail after so many seconds."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, f"not reached within {seconds} seconds"
        page.wait_for_timeout(50)


def at_rest(page: Page, look: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """What is seen once it has been the same for half a second."""
    seen: list[tuple[int, str]] = []

    def unchanged() -> bool:
        seen.append(look())
        return len(seen) > 10 and len(set(seen[-11:])) == 1

    wait_until(page, unchanged)
    return seen[-1]


def test_the_lesson_lives(lesson: Page, watch: Any, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, and learns at once: nothing has to be answered for it.
    toy = lesson.locator(".rnnviz").first
    expect(toy).to_have_class(re.compile("rnnviz-live-forecast"))
    toy.get_by_role("button", name="Start").click()
    wait_until(lesson, lambda: updates(toy) >= 5)
    toy.get_by_role("button", name="Pause").click()

    # Every figure has its curves, and all of them one script.
    figures = lesson.locator(".rnnviz-plotly")
    for number in range(figures.count()):
        figures.nth(number).scroll_into_view_if_needed()
        expect(figures.nth(number).locator(".scatterlayer .trace, .barlayer .trace").first).to_be_visible()
    assert sum("plotly-widget.js" in url for url in watch.asked) == 1

    # Three pictures of one trace, under one cursor.
    gates = lesson.locator(".rnnviz-gate-heatmap")
    gates.scroll_into_view_if_needed()
    others = [lesson.locator(".rnnviz-gradient-curves"), lesson.locator(".rnnviz-compare")]
    before = [picture.screenshot() for picture in (gates, *others)]
    gates.get_by_role("button", name="First step").click()
    for picture in (gates, *others):
        expect(picture.locator(".rv-where")).to_contain_text("t = 0")
    for picture, old in zip((gates, *others), before, strict=True):
        wait_until(lesson, lambda picture=picture, old=old: picture.screenshot() != old)

    # Training: one step, then running, then paused, which holds.
    forecast = lesson.locator(".rnnviz-live-forecast").last
    forecast.scroll_into_view_if_needed()
    plot = forecast.locator("canvas").first
    untrained = painted(plot)
    assert updates(forecast) == 0
    forecast.get_by_role("button", name="Step", exact=True).click()
    expect(forecast.locator(".rv-status")).not_to_contain_text(" 0 updates")
    one = updates(forecast)
    assert one > 0
    forecast.get_by_role("button", name="Start").click()
    pause = forecast.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    wait_until(lesson, lambda: updates(forecast) >= one + 20)
    pause.click()
    expect(forecast.get_by_role("button", name="Start")).to_be_visible()
    expect(forecast.locator(".rv-status")).to_contain_text("paused")
    wait_until(lesson, lambda: painted(plot) != untrained)
    # An update that was under way when the button was pressed may still arrive; then nothing moves.
    held, trained = at_rest(lesson, lambda: (updates(forecast), painted(plot)))
    lesson.wait_for_timeout(1500)
    assert (updates(forecast), painted(plot)) == (held, trained)

    # A slider of the widget: another horizon gives another forecast.
    slider = forecast.get_by_role("slider", name="horizon")
    slider.focus()
    old = slider.input_value()
    slider.press("Home")
    assert slider.input_value() != old
    wait_until(lesson, lambda: painted(plot) != trained)

    forecast.get_by_role("button", name="Reset").click()
    expect(forecast.locator(".rv-status")).to_contain_text("0 updates")
    assert find_barriers(lesson, ".rnnviz") == []


def test_what_the_lesson_says_can_be_seen(lesson: Page) -> None:
    # Two features: another price of one share moves the forecasts of both, from that step on.
    graph = lesson.locator(".rnnviz-unrolled-graph")
    graph.scroll_into_view_if_needed()
    column = graph.locator("svg .rv-column").nth(3)
    units = column.locator(".rv-unit")  # two inputs, five states, two outputs
    expect(units).to_have_count(9)
    before = [units.nth(place).get_attribute("fill") or "" for place in (7, 8)]
    column.locator(".rv-vector").first.click(force=True, position={"x": 8, "y": 8})
    price = graph.get_by_role("spinbutton", name="Input 0 at t = 3")
    price.fill("2")
    price.press("Enter")
    expect(graph.get_by_role("button", name="Undo my changes")).to_be_visible()
    for place, old in zip((7, 8), before, strict=True):
        expect(units.nth(place)).not_to_have_attribute("fill", old)

    # The two ways to forecast race, and stop.
    race = lesson.locator(".rnnviz-live-forecast").nth(1)
    race.scroll_into_view_if_needed()
    expect(race).to_contain_text("all at once")
    race.get_by_role("button", name="Start").click()
    wait_until(lesson, lambda: updates(race) >= 10)
    race.get_by_role("button", name="Pause").click()
    expect(race.locator(".rv-status")).to_contain_text("paused")

    # A season is chosen, and only then shown on the test part.
    experiments = lesson.locator(".rnnviz-experiment")
    chosen = experiments.filter(has_text="years to copy")
    expect(chosen).to_have_count(1)
    chosen.scroll_into_view_if_needed()
    for _ in range(4):
        chosen.get_by_role("slider").press("ArrowLeft")
    expect(chosen.locator(".rv-reading")).to_contain_text("10 years to copy: copy, validation part 24 spots")
    question = lesson.locator(".rnnviz-predict").filter(has_text="How far does it miss on the test part?")
    question.scroll_into_view_if_needed()
    question.get_by_role("slider").press("ArrowRight")
    question.get_by_role("radio", name="just guessing").check()
    question.get_by_role("button", name="Commit to this prediction").click()
    expect(question.locator(".rnnviz-experiment .rv-reading")).to_contain_text("test part")

    # A filter that reads one year too many.
    question = lesson.locator(".rnnviz-predict").filter(has_text="one neighbour on either side")
    question.scroll_into_view_if_needed()
    question.get_by_role("radio", name="By a little less").check()
    question.get_by_role("button", name="Commit to this prediction").click()
    knob = question.locator(".rnnviz-experiment")
    for _ in range(2):
        knob.get_by_role("slider").press("ArrowLeft")
    expect(knob.locator(".rv-reading")).to_contain_text("mean of both sides 3.3 spots")
