"""The widgets that show a trace, in a real page: linked without Python, open to keys, and never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
torch.manual_seed(0)
cursor = rw.Cursor()
lstm = torch.nn.LSTM(3, 12)
x = torch.randn(20, 2, 3)
with rv.record(lstm) as trace:
    output, _ = lstm(x)
    output.square().sum().backward()
rw.UnrolledGraph(trace, cursor=cursor, folded=False)
"""
CELLS = [
    (SETUP,),
    ("rw.GateHeatmap(trace, cursor=cursor, labels=[list('the quick brown fox j')] * 2)",),
    ("rw.CellAnatomy(trace, cursor=cursor)",),
    ("rw.GradientFlow(trace, cursor=cursor)",),
    ("rw.Spectrum(trace, cursor=cursor)",),
    (
        "import time, ipywidgets\n"
        "busy = ipywidgets.Button(description='Keep Python busy')\n"
        "def sleep(button):\n"
        "    button.description = 'Busy'; time.sleep(3); button.description = 'Done'\n"
        "busy.on_click(sleep)\n"
        "busy",
    ),
]
NAMES = ["unrolled-graph", "gate-heatmap", "cell-anatomy", "gradient-flow", "spectrum"]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-widgets", CELLS, title="Widgets")


@pytest.fixture
def open_widgets(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], dict[str, Locator]]:
    def open_widgets(page: Page) -> dict[str, Locator]:
        open_lesson(page, server, "01-widgets")
        widgets = {name: page.locator(f".rnnviz-{name}") for name in NAMES}
        for widget in widgets.values():
            expect(widget).to_be_visible()
        return widgets

    return open_widgets


def where(widget: Locator) -> Locator:
    return widget.locator(".rv-where")


def test_one_cursor_moves_them_all_and_python_hears_nothing(page: Page, open_widgets: Any) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    widgets = open_widgets(page)
    board = widgets["unrolled-graph"].locator(".rv-board")
    board.focus()
    page.wait_for_timeout(300)
    sent = len(frames)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(where(widgets["unrolled-graph"])).to_have_text("t = 5 · step 6 of 20")
    expect(where(widgets["gate-heatmap"])).to_have_text("t = 5 · u")
    expect(where(widgets["cell-anatomy"])).to_have_text("t = 5 · step 6 of 20")
    expect(where(widgets["gradient-flow"])).to_have_text("k = 5")
    expect(where(widgets["spectrum"])).to_have_text("t = 5 · step 6 of 20")
    expect(widgets["cell-anatomy"].get_by_role("heading")).to_have_text("Inside unit 1 of LSTM layer l0")
    # Only the kernel's own heartbeat may pass; six moves linked over five widgets would be thirty messages.
    assert len(frames) - sent <= 2


def test_the_cursor_moves_on_while_python_is_busy(page: Page, open_widgets: Any) -> None:
    widgets = open_widgets(page)
    page.get_by_role("button", name="Keep Python busy").click()
    expect(page.get_by_role("button", name="Busy")).to_be_visible()
    widgets["gate-heatmap"].get_by_role("button", name="Last step").click()
    expect(where(widgets["spectrum"])).to_have_text("t = 19 · step 20 of 20")
    assert page.get_by_role("button", name="Busy").is_visible()
    expect(page.get_by_role("button", name="Done")).to_be_visible()


def test_a_click_on_a_map_moves_the_others(page: Page, open_widgets: Any) -> None:
    widgets = open_widgets(page)
    forget = widgets["gate-heatmap"].locator(".rv-map").nth(1)
    forget.scroll_into_view_if_needed()
    box = forget.bounding_box()
    assert box
    forget.click(position={"x": box["width"] * 10.5 / 20, "y": box["height"] * 3.5 / 12})
    expect(where(widgets["spectrum"])).to_have_text("t = 10 · step 11 of 20")
    expect(widgets["cell-anatomy"].get_by_role("heading")).to_contain_text("unit 3")
    expect(widgets["gate-heatmap"].locator(".rv-caption")).to_contain_text("forget gate of unit 3")


def test_a_changed_weight_changes_every_later_step_and_can_be_undone(page: Page, open_widgets: Any) -> None:
    graph = open_widgets(page)["unrolled-graph"]
    graph.get_by_role("button", name="Step forward").click()
    graph.get_by_role("button", name="Show the arithmetic").click()
    # What is drawn, not its pixels: edges are smoothed differently where only a part is painted anew.
    before = graph.locator(".rv-board").inner_html()
    assert graph.locator(".rv-changed").count() == 0
    graph.get_by_role("spinbutton", name="Weight of input 1").fill("3")
    expect(graph.locator(".rv-changed").first).to_be_attached()
    # The weight of one unit moves that unit at the first step, and through the state all units after it.
    columns = graph.locator(".rv-column")
    changed = [columns.nth(k).locator(".rv-changed").count() for k in range(columns.count())]
    assert 0 < changed[0] < max(changed)
    graph.get_by_role("button", name="Undo my changes").click()
    expect(graph.locator(".rv-changed")).to_have_count(0)
    assert graph.locator(".rv-board").inner_html() == before


def test_a_held_key_moves_columns_and_builds_none(page: Page, open_widgets: Any) -> None:
    graph = open_widgets(page)["unrolled-graph"]
    board = graph.locator(".rv-board")
    board.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(where(graph)).to_have_text("t = 5 · step 6 of 20")
    board.evaluate(
        """board => {
          window.built = 0;
          new MutationObserver((changes) => {
            for (const { addedNodes } of changes)
              for (const node of addedNodes) window.built += node.querySelectorAll?.(".rv-unit").length ?? 0;
          }).observe(board, { childList: true, subtree: true });
        }"""
    )
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(where(graph)).to_have_text("t = 13 · step 14 of 20")
    assert page.evaluate("window.built") == 0
    # What stands there now is what a column built for that step would hold.
    moved = columns(graph)
    assert "t = 13" in moved
    graph.get_by_role("combobox").first.select_option("1")
    expect(graph.locator(".rv-now .rv-unit").first).not_to_have_attribute("fill", moved["t = 13"][0])
    graph.get_by_role("combobox").first.select_option("0")
    expect(graph.locator(".rv-now .rv-unit").first).to_have_attribute("fill", moved["t = 13"][0])
    assert page.evaluate("window.built") > 0
    assert columns(graph) == moved


def columns(graph: Locator) -> dict[str, list[str]]:
    """The colours of the cells in each column, by what stands below it."""
    found: dict[str, list[str]] = graph.evaluate(
        """graph => Object.fromEntries([...graph.querySelectorAll(".rv-column")].map((column) => [
          column.querySelector(".rv-time").textContent,
          [...column.querySelectorAll(".rv-unit")].map((cell) => cell.getAttribute("fill")),
        ]))"""
    )
    return found


def test_folding_gathers_the_steps_and_the_backward_pass_draws_ribbons(page: Page, open_widgets: Any) -> None:
    graph = open_widgets(page)["unrolled-graph"]
    graph.get_by_role("button", name="Last step").click()
    assert graph.locator(".rv-ribbons path").count() == 0
    graph.get_by_role("button", name="Backward pass").click()
    expect(graph.locator(".rv-ribbons path").first).to_be_attached()
    widths = graph.locator(".rv-ribbons path").evaluate_all(
        "all => all.map(p => Number(p.getAttribute('stroke-width')))"
    )
    assert 0 < max(widths) <= 14
    board = graph.locator(".rv-board")
    board.focus()
    page.keyboard.press("f")
    expect(graph.locator(".rv-loops path").first).to_be_attached()
    expect(graph.locator(".rv-ribbons path")).to_have_count(0)


def test_a_gate_can_be_held_and_let_go_by_key(page: Page, open_widgets: Any) -> None:
    cell = open_widgets(page)["cell-anatomy"]
    forget = cell.get_by_role("slider", name="forget gate")
    before = float(forget.get_attribute("aria-valuenow") or "nan")
    lines = cell.locator(".rv-equation")
    text = lines.text_content()
    forget.focus()
    page.keyboard.press("PageUp")
    expect(forget).to_have_attribute("aria-valuetext", f"{min(1, before + 0.25):.2f}, held by hand")
    expect(lines).to_contain_text("held")
    expect(cell.get_by_role("button", name="Let go of the gates")).to_be_visible()
    page.keyboard.press("Escape")
    expect(lines).to_have_text(text or "")
    # Built up from the plain sum, the other gates rest open.
    cell.get_by_role("button", name="c + g").click()
    expect(cell.locator(".rv-resting")).to_have_count(3)
    expect(cell.locator(".rv-story")).to_contain_text("Nothing is ever forgotten")


def test_maps_are_painted_anew_when_the_page_turns_dark(page: Page, open_widgets: Any) -> None:
    heatmap = open_widgets(page)["gate-heatmap"]
    pixel = "c => [...c.getContext('2d').getImageData(0, 0, 1, 1).data]"
    light = heatmap.locator("canvas").first.evaluate(pixel)
    page.locator(".page-theme").click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.wait_for_function(
        "([light]) => { const c = document.querySelector('.rnnviz-gate-heatmap canvas');"
        " return String([...c.getContext('2d').getImageData(0, 0, 1, 1).data]) !== String(light); }",
        arg=[light],
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_widgets: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    widgets = open_widgets(page)
    widgets["unrolled-graph"].get_by_role("button", name="Show the arithmetic").click()
    for name in NAMES:
        assert find_barriers(page, f".rnnviz-{name}") == []
    # axe does not look at canvases: each is either named or hidden behind something that is.
    unnamed = page.evaluate(
        "[...document.querySelectorAll('.rnnviz canvas')].filter(c => c.getAttribute('aria-hidden') !== 'true'"
        " && !c.getAttribute('aria-label')).length"
    )
    assert unnamed == 0


@pytest.mark.parametrize("width", [320, 390, 3840])
def test_no_widget_is_wider_than_its_page(
    new_page: Callable[..., Page], open_widgets: Any, width: int
) -> None:
    page = new_page(width=width, height=800)
    for name, widget in open_widgets(page).items():
        overflow = widget.evaluate("e => e.scrollWidth - e.clientWidth")
        assert overflow <= 0, f"{name} is {overflow} px wider than its card on a page of {width} px"


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_takes_picture_numbers_and_code_away(
    page: Page, open_widgets: Any, name: str, tmp_path: Path
) -> None:
    widget = open_widgets(page)[name]
    summary = widget.locator(".rv-save summary")

    def save(choice: str) -> Path:
        summary.click()
        with page.expect_download() as download:
            widget.get_by_role("button", name=choice).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    picture = save("Picture (PNG)")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    head, *lines = save("Numbers (CSV)").read_text().splitlines()
    assert head.count(",") >= 2
    assert len(lines) >= 200
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary.click()
    widget.get_by_role("button", name="Copy the code").click()
    expect(widget.locator(".rv-save")).not_to_have_attribute("open", "")
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert "rv.record(model)" in code
