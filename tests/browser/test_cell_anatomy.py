"""The wiring of each cell in a real page: what it says of gates where there are some, and a step in slow motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz.variants, rnnviz_widgets as rw

def show(model):
    torch.manual_seed(0)
    with rv.record(model) as trace:
        model(torch.randn(5, 1, 2))
    return rw.CellAnatomy(trace)
"""
CELLS = {
    "RNN": "show(torch.nn.RNN(2, 3))",
    "GRU": "show(torch.nn.GRU(2, 3))",
    "projected": "show(torch.nn.LSTM(2, 4, proj_size=3))",
    "own": "show(rv.variants.PeepholeLSTM(2, 3))",
    "beside": (
        "plain, other = torch.nn.GRU(2, 3), torch.nn.LSTM(2, 4, proj_size=3)\n"
        "with rv.record(torch.nn.ModuleList([other, plain])) as trace:\n"
        "    other(torch.randn(5, 1, 2)), plain(torch.randn(5, 1, 2))\n"
        "rw.CellAnatomy(trace)"
    ),
}


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-cells", [(SETUP,), *((code,) for code in CELLS.values())], title="Cells")


@pytest.fixture
def cells(page: Page, server: Any, open_lesson: Callable[..., None]) -> dict[str, Locator]:
    open_lesson(page, server, "01-cells")
    found = page.locator(".rnnviz-cell-anatomy")
    expect(found).to_have_count(len(CELLS))
    return {name: found.nth(k) for k, name in enumerate(CELLS)}


def test_each_kind_is_told_what_it_has(cells: dict[str, Locator]) -> None:
    for name, gates, words in (
        ("RNN", 0, "A plain RNN has no gates"),
        ("GRU", 3, "Drag a gate up or down"),
        # What stands beside it cannot be computed, so no gate can be held; its own values are there.
        ("beside", 0, "They cannot be held by hand, since layer 0.l0"),
    ):
        cell = cells[name]
        expect(cell.locator(".rv-story")).to_contain_text(words)
        expect(cell.get_by_role("slider").and_(cell.locator(".rv-node"))).to_have_count(gates)
        expect(cell.locator(".rv-stages")).to_be_hidden()
        assert cell.locator(".rv-wire.rv-alive").count() == cell.locator(".rv-wire").count() > 3
    expect(cells["beside"].locator(".rv-gate-value")).to_have_count(3)


def test_what_has_no_picture_says_why(cells: dict[str, Locator]) -> None:
    for name, words in (
        ("projected", "proj_size=3: a projection mixes its 4 units into 3 numbers"),
        ("own", "The wiring of a PeepholeLSTM is not known here"),
    ):
        cell = cells[name]
        expect(cell.locator(".rv-story")).to_contain_text(words)
        expect(cell.get_by_role("heading")).to_contain_text("layer")
        expect(cell.locator(".rv-cell-frame")).to_be_hidden()
        expect(cell.get_by_role("button", name="Play this step slowly")).to_be_hidden()


def test_a_held_gate_of_a_gru_is_computed_with(cells: dict[str, Locator]) -> None:
    cell = cells["GRU"]
    update = cell.get_by_role("slider", name="update gate")
    update.focus()
    for _ in range(4):
        cell.page.keyboard.press("PageUp")
    expect(update).to_have_attribute("aria-valuetext", "1.00, held by hand")
    # An update gate held open keeps the first state, which is zero.
    expect(cell.locator(".rv-equation")).to_contain_text("0.000")
    cell.get_by_role("button", name="Let go of the gates").click()
    expect(cell.locator(".rv-story")).to_contain_text("Drag a gate")


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_a_step_is_played_slowly_and_then_stands(cells: dict[str, Locator], kind: str) -> None:
    cell = cells[kind]
    story, wires = cell.locator(".rv-story"), cell.locator(".rv-wire")
    resting, count = story.inner_text(), wires.count()
    cell.get_by_role("button", name="Play this step slowly").click()
    expect(story).to_contain_text("The input and the last hidden state")
    assert cell.locator(".rv-wire.rv-alive").count() < count
    expect(story).to_contain_text({"RNN": "squashes the sum", "GRU": "update gate opens"}[kind])
    expect(story).to_have_text(resting)
    expect(cell.locator(".rv-wire.rv-alive")).to_have_count(count)
