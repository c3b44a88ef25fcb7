"""Traces that nobody hopes for: the widgets draw what there is and say what is wrong, and the page goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw

def show(make, trace):
    # What a widget refuses, it refuses in a sentence; here it is read beside the others.
    try:
        return make(trace)
    except (ValueError, MemoryError) as error:
        print(f"refused: {make.__name__}: {error}")

def record(model, x, backward=True):
    with rv.record(model) as trace:
        output = model(x)[0]
        if backward:
            output.square().sum().backward()
    return trace
"""
TRACES = {
    "not numbers": "record(torch.nn.LSTM(2, 6), torch.full((8, 1, 2), torch.nan))",
    "infinite": "record(torch.nn.RNN(2, 6, nonlinearity='relu'), torch.full((8, 1, 2), 1e38) * 1e3)",
    "a thousand units": "record(torch.nn.LSTM(2, 1000), torch.randn(12, 1, 2))",
    "ten thousand steps": "record(torch.nn.GRU(2, 4), torch.randn(10_000, 1, 2))",
    "one step": "record(torch.nn.LSTM(2, 1), torch.randn(1, 1, 2))",
}
WIDGETS = ["UnrolledGraph", "CellAnatomy", "GateHeatmap", "GradientFlow", "Spectrum", "WeightGradient"]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Callable[[str], Any]:
    served: dict[str, Any] = {}

    def serve(which: str) -> Any:
        if which not in served:
            cells = [(SETUP + f"trace = {TRACES[which]}",)]
            cells += [(f"show(rw.{name}, trace)",) for name in WIDGETS]
            cells += [("show(lambda trace: rw.Compare({'one': trace, 'the same': trace}), trace)",)]
            served[which] = serve_cells("01-bad", cells, title="Bad input")
        return served[which]

    return serve


@pytest.mark.parametrize("which", TRACES)
def test_the_page_stays_alive(
    page: Page, server: Callable[[str], Any], open_lesson: Callable[..., None], which: str
) -> None:
    open_lesson(page, server(which), "01-bad")
    drawn = page.locator("section.rnnviz")
    refused = page.get_by_text("refused:")
    assert drawn.count() + refused.count() == len(WIDGETS) + 1
    # None of them gave up: a widget that fails says "could not be drawn".
    expect(page.locator(".rv-error")).to_have_count(0)
    for number in range(refused.count()):
        assert len(refused.nth(number).inner_text()) > 60
    # Forty moves through time: each takes its frame, and none takes seconds.
    heatmap = page.locator(".rnnviz-gate-heatmap")
    heatmap.locator(".rv-maps").focus()
    slowest = page.evaluate(
        """async () => {
          const slider = document.querySelector(".rnnviz-gate-heatmap input[type=range]");
          let slowest = 0;
          for (let step = 0; step < 40; step++) {
            const start = performance.now();
            slider.value = String(step % (Number(slider.max) + 1));
            slider.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            slowest = Math.max(slowest, performance.now() - start);
          }
          return slowest;
        }"""
    )
    assert slowest < 2000


def test_what_is_no_number_is_said(page: Page, server: Any, open_lesson: Callable[..., None]) -> None:
    open_lesson(page, server("not numbers"), "01-bad")
    heatmap = page.locator(".rnnviz-gate-heatmap")
    expect(heatmap.get_by_text("48 values not finite").first).to_be_visible()
    expect(heatmap.locator(".rv-caption")).to_contain_text("holds values that are not numbers")
    expect(page.locator(".rnnviz-compare .rv-caption")).to_have_text(re.compile("not a number"))
