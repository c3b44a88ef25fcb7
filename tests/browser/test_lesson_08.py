"""Lesson 08 as an instructor shows it: the alarm, the stack, the race, the drive, and a page without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "08-deep-rnns"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first, and on a dashboard its line and its marks are above the fold.
    toy = lesson.locator(".rnnviz-bearing-watch")
    plot, said = toy.locator(".rv-watch-surprise"), toy.locator(".rv-caption")
    expect(said).to_have_text("No piece is above the threshold: no alarm.")
    box = plot.bounding_box()
    assert box is not None
    if "/voila/" in lesson.url:
        assert box["y"] + box["height"] < 800

    # The line is dragged; where the defect begins is shown when it is asked for.
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    threshold = toy.get_by_role("slider", name="threshold", exact=True)
    before = threshold.get_attribute("aria-valuetext")
    lesson.mouse.move(box["x"] + 300, box["y"] + 18)
    lesson.mouse.down()
    lesson.mouse.move(box["x"] + 300, box["y"] + 75, steps=5)
    lesson.mouse.up()
    assert threshold.get_attribute("aria-valuetext") != before
    expect(said).to_contain_text("above the threshold, the first at")
    toy.get_by_role("button", name="Show the defect").click()
    expect(said).to_contain_text("The defect begins at 0.91 s.")

    # For a small one single pieces do not do; the median of nine does, with a threshold from a sound part.
    toy.get_by_role("button", name="0.5", exact=True).click()
    toy.get_by_label("Judged is").select_option("9")
    toy.get_by_role("button", name="Threshold from a sound part").click()
    toy.get_by_role("button", name="Show the defect").click()
    expect(said).to_contain_text(re.compile(r"Precision (1\.00|0\.9\d).*Recall 0\.9\d"))

    # The stack, folded and in detail.
    graph = lesson.locator(".rnnviz-unrolled-graph")
    graph.scroll_into_view_if_needed()
    expect(graph).to_contain_text("h, one step earlier")
    graph.get_by_role("button", name="Unfold in time").click()
    expect(graph.get_by_role("button", name="Fold")).to_be_visible()

    # What is to be predicted is not shown before.
    deeper = lesson.locator(".rnnviz-predict").filter(has_text="narrower ones")
    deeper.scroll_into_view_if_needed()
    expect(deeper.locator(".rnnviz-plotly")).to_have_count(0)
    deeper.get_by_text("On none").click()
    deeper.get_by_role("button", name="Commit to this prediction").click()
    expect(deeper.locator(".rnnviz-plotly")).to_have_count(1)

    # Two networks learn; the linear model is there from the beginning.
    race = lesson.locator(".rnnviz-bearing-race")
    race.scroll_into_view_if_needed()
    expect(race.get_by_role("img", name=re.compile("linear autoregression: 0.02")).first).to_be_visible()
    race.get_by_role("button", name="Train both").click()
    expect(race.locator(".rv-status")).to_contain_text("learning")
    race.get_by_role("button", name="Pause").click()
    expect(race.locator(".rv-status")).to_contain_text("paused")

    # The car drives, and stops at once.
    drive = lesson.locator(".rnnviz-car-drive")
    drive.scroll_into_view_if_needed()
    where = drive.locator(".rv-caption").inner_text()
    drive.get_by_role("button", name="Drive", exact=True).click()
    expect(drive.locator(".rv-caption")).not_to_have_text(where)
    drive.get_by_role("button", name="Pause").click()
    expect(drive.get_by_role("row", name=re.compile("Kalman filter"))).to_contain_text(" m")

    assert find_barriers(lesson, ".rnnviz") == []
