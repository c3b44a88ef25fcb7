"""Figures and measurements in a real page: colours, dashes and words that one can tell apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rnnviz_widgets.plotly_figure import LAYOUT

CELLS = [
    ("import rnnviz_widgets as rw\nrw.PlotlyFigure([{'y': [k, 3 - k]} for k in range(6)])",),
    (
        "ways = {'one': lambda n: 1.0 * n, 'two': lambda n: 2.0 * n, 'three': lambda n: 3.0 * n}\n"
        "rw.Experiment(ways, low=1, high=20, x='digits kept', unit='kB', first=[4, 5])",
    ),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-figures", CELLS, title="Figures")


def contrast(page: Page, colours: list[str]) -> list[float]:
    """How far colours stand out against the card, as the accessibility guidelines count it."""
    return list(
        page.evaluate(
            """colours => {
              const light = (colour) => {
                const parts = colour.match(/\\d+/g).slice(0, 3).map((part) => Number(part) / 255);
                const [r, g, b] = parts.map((p) => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const card = light(getComputedStyle(document.querySelector(".rnnviz-plotly")).backgroundColor);
              return colours.map((colour) => {
                const [low, high] = [light(colour), card].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
              });
            }""",
            colours,
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_line_of_a_figure_can_be_seen(
    new_page: Callable[..., Page], server: Any, open_lesson: Callable[..., None], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    open_lesson(page, server, "01-figures")
    expect(page.locator(".rnnviz-plotly .scatterlayer .trace")).to_have_count(len(LAYOUT["colorway"]))
    for part in (".scatterlayer .js-line", ".legend .js-line"):
        colours = page.locator(f".rnnviz-plotly {part}").evaluate_all(
            "lines => lines.map((line) => getComputedStyle(line).stroke)"
        )
        assert len(set(colours)) == len(LAYOUT["colorway"])
        assert min(contrast(page, colours)) >= 3
    markers = page.locator(".rnnviz-plotly .scatterlayer .point").evaluate_all(
        "points => points.map((point) => getComputedStyle(point).fill)"
    )
    assert set(markers) == set(colours)


def test_measurements_are_told_apart_by_dashes_and_counted_in_words(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, server, "01-figures")
    card = page.locator(".rnnviz-experiment")
    # Once it is looked at it measures every place of the slider; until then its lines are in pieces.
    card.scroll_into_view_if_needed()
    expect(card.locator("circle")).to_have_count(3 * 20)
    expect(card.locator("polyline")).to_have_count(3)
    drawn = card.locator("polyline").evaluate_all("all => all.map((e) => e.getAttribute('stroke-dasharray'))")
    keys = card.locator(".rv-legend path").evaluate_all(
        "all => all.map((e) => e.getAttribute('stroke-dasharray'))"
    )
    assert len(set(drawn)) == 3
    assert [key or "" for key in keys] == [dash or "" for dash in drawn]
    slider = card.get_by_role("slider")
    expect(slider).to_have_value("5")
    expect(card.locator(".rv-reading")).to_have_text("5 digits kept: one 5 kB, two 10 kB, three 15 kB.")
    slider.press("Home")
    expect(card.locator(".rv-reading")).to_have_text("1 digit kept: one 1 kB, two 2 kB, three 3 kB.")
