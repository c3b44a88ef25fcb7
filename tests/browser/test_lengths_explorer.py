"""The explorer of lengths in a real page: ends move by mouse and by key, and everything else follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import torch, rnnviz_widgets as rw\n"
        "torch.manual_seed(0)\n"
        "explorer = rw.LengthsExplorer(torch.nn.GRU(2, 4, bidirectional=True), torch.randn(6, 3, 2), [3, 6, 2])\n"
        "explorer",
    ),
    (
        "import ipywidgets\n"
        "ask = ipywidgets.Button(description='Ask Python')\n"
        "ask.on_click(lambda _: setattr(ask, 'description', str(explorer.lengths)))\n"
        "ask",
    ),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-lengths", CELLS, title="Lengths")


@pytest.fixture
def open_explorer(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], Locator]:
    def open_explorer(page: Page) -> Locator:
        open_lesson(page, server, "01-lengths")
        explorer = page.locator(".rnnviz-lengths-explorer")
        expect(explorer.get_by_role("slider", name="Length of sequence 0")).to_have_attribute(
            "aria-valuenow", "3"
        )
        return explorer

    return open_explorer


def test_an_end_moves_by_key_and_python_hears_of_it(page: Page, open_explorer: Any) -> None:
    explorer = open_explorer(page)
    handle = explorer.get_by_role("slider", name="Length of sequence 0")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "5 steps")
    expect(explorer.get_by_text("lengths = [5, 6, 2]")).to_be_visible()
    expect(explorer.get_by_text("batch_sizes = [3, 3, 2, 2, 2, 1]")).to_be_visible()
    expect(explorer.get_by_text("sorted_indices = [1, 0, 2]", exact=True)).to_be_visible()
    expect(explorer.get_by_role("status")).to_contain_text("Its final state is taken at t = 4")
    # The keys that move an end do not move through time.
    expect(explorer.locator(".rv-where")).to_have_text("t = 0 · 3 sequences running")
    page.get_by_role("button", name="Ask Python").click()
    expect(page.get_by_role("button", name="[5, 6, 2]")).to_be_visible()
    page.locator(".rnnviz-lengths-explorer").get_by_role("button", name="Back to the first lengths").click()
    expect(handle).to_have_attribute("aria-valuenow", "3")
    handle.press("Home")
    handle.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "1")


def test_an_end_is_dragged(page: Page, open_explorer: Any) -> None:
    explorer = open_explorer(page)
    handle = explorer.get_by_role("slider", name="Length of sequence 1")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    frame = explorer.locator(".rv-lengths-frame").bounding_box()
    assert box
    assert frame
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2, box["y"] + 20, steps=8)
    page.mouse.up()
    length = int(handle.get_attribute("aria-valuenow") or 0)
    assert 2 <= length <= 4
    expect(explorer.get_by_text(f"lengths = [3, {length}, 2]")).to_be_visible()
    # As many real outputs, and as many zeros, as the lengths say.
    assert explorer.locator(".rv-zero").count() == 18 - 3 - length - 2


def test_forgotten_lengths_move_final_states_and_the_reverse_start(page: Page, open_explorer: Any) -> None:
    explorer = open_explorer(page)
    status = explorer.get_by_role("status")
    expect(status).to_contain_text("Its final state is taken at t = 2")
    assert explorer.locator(".rv-zero").count() == 7
    before = explorer.locator("svg").first.screenshot()
    explorer.get_by_role("button", name="Forget the lengths").click()
    expect(status).to_contain_text("Its final state is taken at t = 5")
    assert explorer.locator(".rv-zero").count() == 0
    assert explorer.locator(".rv-stray, .rv-final").count() >= 7
    assert explorer.locator("svg").first.screenshot() != before
    explorer.get_by_role("button", name="Forget the lengths").click()
    explorer.get_by_role("combobox", name="Direction").select_option("reverse")
    expect(status).to_contain_text("Backwards, sequence 0 starts at t = 2. Its final state is taken at t = 0")


def test_time_goes_on_and_sequences_end(page: Page, open_explorer: Any) -> None:
    explorer = open_explorer(page)
    explorer.get_by_role("button", name="Last step").click()
    expect(explorer.locator(".rv-where")).to_have_text("t = 5 · 1 sequence running")
    expect(explorer.get_by_role("status")).to_contain_text("At t = 5 it has ended: its output is 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_explorer: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    open_explorer(page)
    assert find_barriers(page, ".rnnviz-lengths-explorer") == []


@pytest.mark.parametrize("width", [320, 390, 3840])
def test_it_is_no_wider_than_its_page(new_page: Callable[..., Page], open_explorer: Any, width: int) -> None:
    explorer = open_explorer(new_page(width=width, height=800))
    assert explorer.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_a_reader_takes_picture_numbers_and_code_away(page: Page, open_explorer: Any, tmp_path: Path) -> None:
    explorer = open_explorer(page)
    summary = explorer.locator(".rv-save summary")

    def save(choice: str) -> Path:
        summary.click()
        with page.expect_download() as download:
            explorer.get_by_role("button", name=choice).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    assert save("Picture (PNG)").stat().st_size > 20_000
    assert "<svg" in save("Picture (SVG)").read_text()
    head, *lines = save("Numbers (CSV)").read_text().splitlines()
    assert head == "sequence,step,mask,final,h0,h1,h2,h3"
    assert len(lines) == 18
    assert lines[2].startswith("0,2,1,1,")
    assert lines[3] == "0,3,0,0,0,0,0,0"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary.click()
    explorer.get_by_role("button", name="Copy the code").click()
    expect(explorer.locator(".rv-save")).not_to_have_attribute("open", "")
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert re.search(r"lengths = torch.tensor\(\[3, 6, 2\]\)", code)
