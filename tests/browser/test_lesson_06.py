"""Lesson 06 as an instructor shows it and as a student runs it: predictions, linked pictures, a remedy, a bet."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

NAME = "06-vanishing-and-exploding-gradients"


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    # The toy comes first and waits for nothing: a slider moves its curve, before anything is answered.
    toy = lesson.locator(".rnnviz").first
    expect(toy).to_have_class(re.compile("rnnviz-gradient-curves"))
    said = toy.locator(".rv-caption").inner_text()
    toy.get_by_role("slider", name="spectral radius ρ").press("Home")
    expect(toy.locator(".rv-caption")).not_to_have_text(said)

    # What is to be predicted is not shown before.
    first = lesson.locator(".rnnviz-predict").first
    first.scroll_into_view_if_needed()
    expect(first.locator(".rnnviz-gradient-curves")).to_have_count(0)
    first.get_by_text("Less than a millionth").click()
    first.get_by_role("button", name="Commit to this prediction").click()
    curves = first.locator(".rnnviz-gradient-curves")
    # The cursor waits at the last word, from where the gradient goes back.
    expect(curves.locator(".rv-where")).to_contain_text("t = 37 of 37 · warm")

    # What every loss asks, behind its prediction too.
    every = lesson.locator(".rnnviz-predict").nth(1)
    every.scroll_into_view_if_needed()
    expect(every.locator(".rnnviz-gradient-flow")).to_have_count(0)
    every.get_by_text("From those of the next few words").click()
    every.get_by_role("button", name="Commit to this prediction").click()
    expect(every.locator(".rnnviz-gradient-flow h3")).to_contain_text("Gradient flow")

    # Four pictures of one reader, under one cursor.
    spectrum = lesson.locator(".rnnviz-spectrum")
    spectrum.scroll_into_view_if_needed()
    spectrum.get_by_role("button", name="First step").click()
    expect(curves.locator(".rv-where")).not_to_contain_text("warm")
    spectrum.get_by_role("button", name="Last step").click()
    expect(curves.locator(".rv-where")).to_contain_text("t = 37 of 37 · warm")
    expect(every.locator(".rv-where")).to_contain_text("warm")
    influence = lesson.locator(".rnnviz-gradient-flow").nth(1)
    influence.scroll_into_view_if_needed()
    expect(influence.locator("h3")).to_contain_text("Influence")
    expect(influence.locator(".rv-where")).to_contain_text("warm")

    # Four cells, recomputed.
    four = lesson.locator(".rnnviz-gradient-curves").nth(2)
    four.scroll_into_view_if_needed()
    told = four.locator(".rv-caption").inner_text()
    four.get_by_role("slider", name="spectral radius ρ").press("Home")
    expect(four.locator(".rv-caption")).not_to_have_text(told)

    # The cliff stands open below its prediction.
    edge = lesson.locator(".rnnviz-cliff")
    edge.scroll_into_view_if_needed()
    edge.get_by_role("button", name="Last step").click()
    expect(edge.locator(".rv-race tbody th").first).to_contain_text("off the map")

    # What was not reproduced is called so.
    expect(lesson.get_by_role("row", name="a bias of 1 or more is needed")).to_contain_text("not reproduced")

    # A remedy.
    remedies = lesson.locator(".rnnviz-remedies")
    remedies.scroll_into_view_if_needed()
    remedies.get_by_role("button", name="orthogonal", exact=True).click()
    expect(remedies.locator(".rv-caption")).to_contain_text("With orthogonal")

    # And the bet, which stands still until it is placed.
    bet = lesson.locator(".rnnviz-bet")
    bet.scroll_into_view_if_needed()
    expect(bet.locator(".rv-bet-name")).to_have_count(6)
    expect(bet.get_by_role("button", name="Place the bet")).to_be_disabled()
    assert find_barriers(lesson, ".rnnviz") == []
