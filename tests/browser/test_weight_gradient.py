"""The sum over time steps in a real page: it adds up under the cursor, is cut short in the page, and picks a weight."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "torch.manual_seed(0)\n"
        "cursor = rw.Cursor()\n"
        "rnn = torch.nn.RNN(3, 4)\n"
        "with rv.record(rnn) as trace:\n"
        "    output, _ = rnn(torch.randn(8, 2, 3))\n"
        "    output[-1].square().sum().backward()\n"
        "rw.WeightGradient(trace, cursor=cursor)",
    ),
    ("rw.UnrolledGraph(trace, cursor=cursor, folded=False)",),
    (
        "lstm = torch.nn.LSTM(2, 3)\n"
        "with rv.record(lstm) as broken:\n"
        "    output, _ = lstm(torch.full((5, 1, 2), float('nan')))\n"
        "    output.sum().backward()\n"
        "rw.WeightGradient(broken)",
    ),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-sum", CELLS, title="Sum")


def numbers(widget: Locator) -> dict[str, str]:
    rows = widget.locator(".rv-part-numbers > div")
    return {
        rows.nth(k).locator("dt").inner_text(): rows.nth(k).locator("dd").inner_text()
        for k in range(rows.count())
    }


def kept(widget: Locator) -> float:
    text = widget.locator(".rv-part-cut .rv-note").inner_text()
    found = re.search(r"([−\d.]+) % of the gradient is kept", text)
    return float(found[1].replace("−", "-")) if found else 100.0


def test_it_adds_up_is_cut_and_asks_python_for_nothing(
    page: Page, server: Any, open_lesson: Any, find_barriers: Callable[..., list[str]]
) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    open_lesson(page, server, "01-sum")
    widget = page.locator(".rnnviz-weight-gradient").first
    board = widget.locator(".rv-part-board")
    expect(widget.locator(".rv-where")).to_have_text("back to t = 0")
    page.wait_for_timeout(300)
    sent = len(frames)

    # At the first step all is added: the sum is the gradient, in the picture and in numbers.
    assert numbers(widget)["sum so far"] == numbers(widget)[".grad"]
    expect(widget).to_contain_text("All steps are added: 100 % of the gradient, this is .grad")
    maps = widget.locator(".rv-part-matrix canvas")
    both = [maps.nth(k).evaluate("canvas => canvas.toDataURL()") for k in range(2)]
    assert both[0] == both[1]

    # At the last step there is only what it adds itself; the other widget moves along.
    board.focus()
    page.keyboard.press("End")
    expect(widget.locator(".rv-where")).to_have_text("back to t = 7")
    expect(page.locator(".rnnviz-unrolled-graph .rv-where")).to_contain_text("t = 7")
    assert numbers(widget)["sum so far"] == numbers(widget)["t = 7 adds"]
    expect(widget.locator(".rv-part-tile.rv-waiting")).to_have_count(7)

    # Another weight, by key.
    before = numbers(widget)[".grad"]
    widget.locator(".rv-part-maps").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(widget.locator(".rv-part-picked dt")).to_have_text("Wₕ[1, 1]")
    assert numbers(widget)[".grad"] != before
    expect(widget.locator(".rv-where")).to_have_text("back to t = 7")

    # Cut shorter and shorter, with the cost at the last step alone: less and less is kept.
    widget.get_by_label("How gradients are cut").select_option("back")
    slider = widget.get_by_role("slider", name="Steps that gradients may go back")
    slider.focus()
    expect(widget).to_contain_text("Nothing is cut")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "1 step")
    assert kept(widget) < 99
    page.keyboard.press("End")
    assert kept(widget) == 100
    assert len(frames) - sent <= 2

    # Another parameter.
    widget.get_by_label("Parameter").select_option("bias_hh")
    expect(widget.get_by_role("heading", level=3)).to_contain_text("gradient of b")
    assert find_barriers(page, ".rnnviz") == []


def test_what_is_no_number_is_said(page: Page, server: Any, open_lesson: Any) -> None:
    open_lesson(page, server, "01-sum")
    broken = page.locator(".rnnviz-weight-gradient").last
    broken.scroll_into_view_if_needed()
    expect(broken).to_contain_text("Of the 36 numbers of this gradient, 36 are not finite.")


def test_it_fits_a_phone(new_page: Callable[..., Page], server: Any, open_lesson: Any) -> None:
    page = new_page(width=320, height=700)
    open_lesson(page, server, "01-sum")
    widget = page.locator(".rnnviz-weight-gradient").first
    expect(widget).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert widget.evaluate("card => card.scrollWidth <= card.clientWidth")
