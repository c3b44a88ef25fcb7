"""The reservoir playground in a real page: it computes by itself, from the keyboard too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    cell = "import rnnviz_widgets as rw\nrw.ReservoirPlayground([20, 50])"
    return serve_cells("09-reservoir", [(cell,)], title="Reservoir")


def sum_of(widget: Locator) -> float:
    text = widget.locator(".rv-curve-panel .rv-note", has_text="of at most").inner_text()
    found = re.search(r"sum ([\d.]+)", text)
    assert found
    return float(found[1])


def test_sliders_change_memory_and_forecast_without_python(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    open_lesson(page, server, "09-reservoir")
    widget = page.locator(".rnnviz-reservoir-playground")
    spoken = widget.locator(".rv-caption")
    expect(spoken).to_contain_text("It forgets its start: a millionth")
    before = sum_of(widget)
    assert 2 < before <= 20
    page.wait_for_timeout(500)
    sent = len(frames)
    radius = widget.get_by_role("slider", name="Spectral radius ρ")
    radius.fill("0")
    expect(widget.locator(".rv-curve-panel .rv-note", has_text="of at most")).not_to_contain_text(
        f"{before:.1f}"
    )
    radius.focus()
    page.keyboard.press("End")
    expect(spoken).not_to_contain_text("a millionth")
    expect(widget.get_by_role("img", name="20 eigenvalues")).to_have_attribute(
        "aria-label", re.compile(r"[1-9]\d* outside the unit circle")
    )
    # A linear network with such a radius runs away, and says so.
    widget.get_by_role("combobox", name="Activation").select_option("linear")
    widget.get_by_role("slider", name="Leak a").fill("1")
    expect(widget.get_by_role("img", name="memory", exact=False)).to_be_visible()
    widget.get_by_role("button", name="Reset").click()
    expect(widget.locator(".rv-curve-panel .rv-note", has_text=f"sum {before:.1f}")).to_be_visible()
    widget.get_by_role("combobox", name="Units").select_option("50")
    expect(widget.locator(".rv-curve-panel .rv-note", has_text="of at most 50")).to_be_visible()
    # Only the kernel's own heartbeat may pass.
    assert len(frames) - sent <= 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_playground_has_no_barriers_and_fits_a_phone(
    new_page: Any, server: Any, open_lesson: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(width=320, height=700, scheme=scheme)
    open_lesson(page, server, "09-reservoir")
    expect(page.locator(".rnnviz-reservoir-playground .rv-caption")).not_to_be_empty()
    assert find_barriers(page, "main") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
