"""Maps of gates in a real page: sorted, recoloured, selected, zoomed; and two or three models side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
torch.manual_seed(0)
cursor = rw.Cursor()
x = torch.randn(20, 2, 3)
lstm = torch.nn.LSTM(3, 12)
with torch.no_grad():
    lstm.weight_ih_l0.mul_(6)
with rv.record(lstm) as trace:
    lstm(x)[0].square().sum().backward()
rw.GateHeatmap(trace, cursor=cursor)
"""
COMPARED = """
traces = {"LSTM": trace}
for name, model, steps in (("tanh", torch.nn.RNN(3, 12), 20), ("GRU", torch.nn.GRU(3, 5), 9)):
    with rv.record(model) as traces[name]:
        model(x[:steps])[0].square().sum().backward()
rw.Compare(traces, cursor=cursor)
"""
# Its unit 3 forgets nothing from step 4 to 8.
OPEN = """
held = torch.nn.LSTM(1, 5)
with torch.no_grad():
    held.weight_ih_l0.zero_()
    held.weight_ih_l0[5 + 3] = 8
    held.weight_hh_l0.zero_()
with rv.record(held) as kept:
    held(torch.tensor([0.0] * 4 + [1.0] * 5 + [0.0] * 3)[:, None, None])
rw.GateHeatmap(kept)
"""
TWO = "rw.Compare({name: traces[name] for name in ('LSTM', 'tanh')})"


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-maps", [(SETUP,), (COMPARED,), (TWO,), (OPEN,)], title="Maps")


@pytest.fixture
def maps(page: Page, server: Any, open_lesson: Callable[..., None]) -> Page:
    open_lesson(page, server, "01-maps")
    return page


def heatmap(page: Page) -> Locator:
    return page.locator(".rnnviz-gate-heatmap").first


def containing(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def corner(widget: Locator, number: int) -> list[int]:
    """The pixels of a map's first column, which tell whether its rows or its colours have changed."""
    pixels: list[int] = (
        widget.locator(".rv-map canvas")
        .nth(number)
        .evaluate("c => [...c.getContext('2d').getImageData(0, 0, 1, c.height).data]")
    )
    return pixels


def test_sorting_moves_rows_and_keeps_what_they_hold(maps: Page) -> None:
    widget = heatmap(maps)
    before = corner(widget, 1)
    widget.get_by_role("combobox", name="Units").select_option("range")
    after = corner(widget, 1)
    assert after != before
    quads = [tuple(pixels[k : k + 4]) for pixels in (before, after) for k in range(0, len(pixels), 4)]
    assert sorted(quads[:12]) == sorted(quads[12:])
    expect(widget.locator(".rv-caption")).to_contain_text("Units stand by range of the hidden state.")
    # A press still finds the unit that stands there: the readings of its row say its number.
    box = widget.locator(".rv-map").first.bounding_box()
    assert box
    widget.locator(".rv-map").first.click(position={"x": 5, "y": box["height"] / 24})
    ticks = widget.locator(".rv-unit-axis").first.locator("text").first.text_content()
    expect(widget.locator(".rv-caption")).to_contain_text(f"of unit {ticks} ")


def test_the_forget_gates_sentence_is_reached_by_key_alone(page: Page, server: Any, open_lesson: Any) -> None:
    open_lesson(page, server, "01-maps")
    widget, keyboard = page.locator(".rnnviz-gate-heatmap").nth(1), page.keyboard
    widget.locator(".rv-maps").focus()
    told = widget.locator(".rv-caption")
    expect(told).to_contain_text("Hidden state of unit 0")
    for _ in range(3):
        keyboard.press("ArrowDown")
    keyboard.press("g")
    expect(told).to_contain_text("input gate of unit 3")
    keyboard.press("g")
    expect(told).to_have_text("The forget gate of unit 3 stays open (above 0.9) from step 4 to 8.")
    keyboard.press("Shift+g")
    expect(told).to_contain_text("input gate of unit 3")


def test_units_are_sorted_by_the_map_that_the_picker_names(maps: Page) -> None:
    widget = heatmap(maps)
    picker = widget.get_by_role("combobox", name="Map", exact=True)
    expect(picker).to_have_value("hidden")
    widget.get_by_role("combobox", name="Units").select_option("range")
    picker.select_option("forget")
    expect(widget.locator(".rv-caption")).to_contain_text("The forget gate of unit")
    expect(widget.locator(".rv-caption")).to_contain_text("Units stand by range of the forget gate.")
    # A press on a map moves the picker along.
    widget.locator(".rv-map").first.click()
    expect(picker).to_have_value("input")


def test_colours_can_be_each_maps_own(maps: Page) -> None:
    widget = heatmap(maps)
    scale = widget.locator(".rv-range").nth(1)
    expect(scale).to_have_text("0.001.00")
    before = corner(widget, 1)
    widget.get_by_role("combobox", name="Colours").select_option("map")
    expect(scale).not_to_have_text("0.001.00")
    assert corner(widget, 1) != before


def test_a_part_is_selected_with_keys_zoomed_into_and_left_again(maps: Page) -> None:
    widget = heatmap(maps)
    widget.locator(".rv-maps").focus()
    for key in ["Shift+ArrowRight"] * 3 + ["Shift+ArrowDown"] * 2:
        maps.keyboard.press(key)
    part = widget.locator(".rv-part")
    expect(part.get_by_role("status")).to_have_text("Selected: units 0 to 2, steps 0 to 3")
    row = part.get_by_role("row", name="Forget gate")
    expect(row.get_by_role("cell")).to_have_count(6)
    canvas = widget.locator(".rv-map canvas").first
    assert canvas.evaluate("c => [c.width, c.height]") == [20, 12]
    maps.keyboard.press("Enter")
    expect(part.get_by_role("status")).to_have_text("In view: units 0 to 2, steps 0 to 3")
    assert canvas.evaluate("c => [c.width, c.height]") == [4, 3]
    # Where another widget leads the cursor out of view, the view goes along.
    maps.locator(".rnnviz-compare").first.get_by_role("button", name="Last step").click()
    expect(part.get_by_role("status")).to_have_text("In view: units 0 to 2, steps 16 to 19")
    widget.locator(".rv-maps").focus()
    maps.keyboard.press("Escape")
    expect(part).to_be_hidden()
    assert canvas.evaluate("c => [c.width, c.height]") == [20, 12]


def test_a_part_is_selected_with_the_pointer(maps: Page) -> None:
    widget = heatmap(maps)
    widget.get_by_role("button", name="Select", exact=True).click()
    figure = widget.locator(".rv-map").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box
    maps.mouse.move(box["x"] + box["width"] * 5.5 / 20, box["y"] + box["height"] * 1.5 / 12)
    maps.mouse.down()
    maps.mouse.move(box["x"] + box["width"] * 9.5 / 20, box["y"] + box["height"] * 3.5 / 12, steps=3)
    maps.mouse.up()
    status = widget.locator(".rv-part").get_by_role("status")
    expect(status).to_have_text("Selected: units 1 to 3, steps 5 to 9")
    expect(widget.locator(".rv-brush:visible")).to_have_count(6)
    widget.get_by_role("button", name="Clear").click()
    # Along an axis: all units of some steps.
    axis = widget.locator(".rv-step-axis").first
    axis.scroll_into_view_if_needed()
    line, box = axis.bounding_box(), figure.bounding_box()
    assert line
    assert box
    maps.mouse.move(box["x"] + box["width"] * 2.5 / 20, line["y"] + 8)
    maps.mouse.down()
    maps.mouse.move(box["x"] + box["width"] * 6.5 / 20, line["y"] + 8, steps=3)
    maps.mouse.up()
    expect(status).to_have_text("Selected: units 0 to 11, steps 2 to 6")


def test_the_saturation_plot_marks_the_chosen_unit(maps: Page) -> None:
    widget = heatmap(maps)
    plot = widget.locator(".rv-saturation")
    expect(plot.locator(".rv-chosen path")).to_have_count(3)
    expect(plot.get_by_role("img").first).to_have_attribute(
        "aria-label", containing("input gate: of 12 units")
    )
    before = plot.locator(".rv-chosen path").first.get_attribute("transform")
    widget.locator(".rv-maps").focus()
    for _ in range(12):
        maps.keyboard.press("ArrowDown")
        if plot.locator(".rv-chosen path").first.get_attribute("transform") != before:
            break
    assert plot.locator(".rv-chosen path").first.get_attribute("transform") != before


def test_models_are_compared_under_one_cursor(maps: Page) -> None:
    three = maps.locator(".rnnviz-compare").first
    expect(three.locator(".rv-map")).to_have_count(3)
    three.locator(".rv-sides").focus()
    for _ in range(12):
        maps.keyboard.press("ArrowRight")
    # The GRU has read nine steps; its state has ended, the others go on, and the heatmap has come along.
    expect(three.locator(".rv-reading").nth(2)).to_have_text("ended")
    expect(three.locator(".rv-caption")).to_contain_text("GRU has ended")
    expect(heatmap(maps).locator(".rv-where")).to_have_text("t = 12 · step 13 of 20")
    three.get_by_role("combobox", name="Array").select_option("cell")
    expect(three.locator(".rv-map")).to_have_count(1)
    expect(three).to_contain_text("This GRU has no cell state. It has hidden state, reset gate")
    canvas = three.locator(".rv-compared canvas")
    expect(canvas).to_have_attribute("aria-label", containing("Size of the hidden state"))
    three.get_by_role("combobox", name="Curve").select_option("gradient")
    expect(canvas).to_have_attribute("aria-label", containing("Size of the gradient"))


def test_two_of_a_size_have_a_difference(maps: Page) -> None:
    two = maps.locator(".rnnviz-compare").nth(1)
    expect(maps.locator(".rnnviz-compare").first.get_by_label("Difference, B − A")).to_be_hidden()
    two.get_by_label("Difference, B − A").check()
    expect(two.locator(".rv-map")).to_have_count(3)
    first, second, less = (two.locator(".rv-reading").nth(k).inner_text() for k in range(3))
    numbers = [float(text.replace("−", "-")) for text in (first, second, less)]
    assert numbers[1] - numbers[0] == pytest.approx(numbers[2], abs=2e-3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_maps_have_no_barriers(
    new_page: Any, server: Any, open_lesson: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(scheme=scheme)
    open_lesson(page, server, "01-maps")
    heatmap(page).locator(".rv-maps").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert find_barriers(page, "main") == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
