"""Lesson 00 as a visitor meets it: a network to draw for in the first minute, and a map that leads on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

NAME = "00-start-here"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    reader = lesson.locator(".rnnviz-digit-reader").first
    # The pad is there from the start, before any question; what a question hides is a curve.
    expect(reader.get_by_role("heading", name="An LSTM with 24 units reads a digit")).to_be_visible()
    prediction = lesson.locator(".rnnviz-predict").first
    prediction.scroll_into_view_if_needed()
    expect(prediction.locator(".rnnviz-experiment")).to_have_count(0)
    prediction.get_by_label("After 3 rows").check()
    prediction.get_by_role("button", name="Commit to this prediction").click()
    expect(prediction.locator(".rnnviz-experiment circle")).to_have_count(8)

    reader.get_by_role("button", name="Example: a 8").click()
    expect(reader.locator(".rv-digit-bar.rv-best > span").first).to_have_text("8")
    reader.get_by_role("button", name="First step").click()
    expect(reader.get_by_role("heading", name="If it had to answer after row 1")).to_be_visible()

    environment = lesson.locator(".rnnviz-environment")
    environment.scroll_into_view_if_needed()
    expect(environment.get_by_text("Everything is there. You can start.")).to_be_visible()
    expect(environment.get_by_role("row", name="scikit-learn")).to_contain_text("ok")

    course = lesson.locator(".rnnviz-lesson-map")
    course.scroll_into_view_if_needed()
    expect(course.get_by_text("Start here (you are here)")).to_be_visible()
    # The pictures come from the server of the dashboards, or from the kernel.
    picture = course.locator("li", has_text="The recurrent neuron").locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 100

    for part in (".rnnviz-predict", ".rnnviz-environment", ".rnnviz-lesson-map"):
        assert find_barriers(lesson, part) == []


def test_the_map_leads_to_another_dashboard(page: Page, open_lesson: Any, dashboards: Any) -> None:
    open_lesson(page, dashboards, NAME)
    page.locator(".rnnviz-lesson-map").get_by_role("link", name="The recurrent neuron").click()
    page.wait_for_url("**/voila/render/02-the-recurrent-neuron.ipynb")
    expect(page.get_by_role("heading", name="The recurrent neuron", level=1)).to_be_visible()


def test_the_map_opens_a_tab_in_jupyterlab(page: Page, open_in_lab: Any, lab: Any) -> None:
    open_in_lab(page, lab, NAME)
    link = page.locator(".rnnviz-lesson-map").get_by_role("link", name="The recurrent neuron")
    link.scroll_into_view_if_needed()
    link.click()
    expect(page.get_by_role("tab", name="02-the-recurrent-neuron.ipynb")).to_be_visible()
    expect(page.get_by_role("tab", name=f"{NAME}.ipynb")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out(
    new_page: Callable[..., Page], open_lesson: Any, dashboards: Any, scheme: str
) -> None:
    page = new_page(width=390, height=844, scheme=scheme)
    open_lesson(page, dashboards, NAME)
    expect(page.locator(".rnnviz-environment")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    dark = ".dark" if scheme == "dark" else ""
    expect(page.locator(f".rnnviz-lesson-map img[src$='02-the-recurrent-neuron{dark}.png']")).to_have_count(1)
