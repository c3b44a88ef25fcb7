"""Gradient curves and plotly figures in a real page: they follow the slider, the cursor and the reader's zoom."""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

CELLS = [
    (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "cursor = rw.Cursor()\n"
        "rw.GradientCurves(steps=60, units=12, cursor=cursor)",
    ),
    (
        "dead = torch.nn.RNN(1, 4, nonlinearity='relu')\n"
        "torch.nn.init.constant_(dead.bias_ih_l0, -1.0); torch.nn.init.zeros_(dead.weight_hh_l0)\n"
        "torch.manual_seed(0); lstm = torch.nn.LSTM(1, 4)\n"
        "boom = torch.nn.RNN(1, 4, nonlinearity='relu').double()\n"
        "for weight in boom.parameters(): torch.nn.init.zeros_(weight)\n"
        "torch.nn.init.eye_(boom.weight_hh_l0).data.mul_(1e12); boom.bias_ih_l0.data.fill_(1e-300)\n"
        "def run(layer, x=torch.ones(30, 2, 1)):\n"
        "    with rv.record(layer) as trace:\n"
        "        layer(x.to(layer.weight_hh_l0))[0][-1].sum().backward()\n"
        "    return trace\n"
        "lost = run(torch.nn.GRU(1, 4), torch.full((30, 2, 1), torch.nan))\n"
        "models = {'dead': run(dead), 'boom': run(boom), 'lost': lost, 'alive': run(lstm)}\n"
        "rw.GradientCurves(models, cursor=cursor)",
    ),
    (
        "figure = rw.PlotlyFigure([{'y': [1, 2, 3], 'name': 'early'}], {'yaxis_title': 'h<sub>t</sub>'})\n"
        "figure",
    ),
    ("figure.add_scatter(y=[3, 2, 1], name='late');",),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-curves", CELLS, title="Curves")


@pytest.fixture
def open_curves(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], tuple[Locator, Locator]]:
    def open_curves(page: Page) -> tuple[Locator, Locator]:
        open_lesson(page, server, "01-curves")
        widgets = page.locator(".rnnviz-gradient-curves")
        for widget in (widgets.nth(0), widgets.nth(1)):
            at_rest(widget)
        return widgets.nth(0), widgets.nth(1)

    return open_curves


def boxes(widget: Locator, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = widget.locator(selector).evaluate_all(
        "list => list.map((one) => one.getBoundingClientRect().toJSON())"
    )
    return found


def at_rest(widget: Locator) -> None:
    """Wait until plotly shows what the canvas showed; its script may have to come through the kernel."""
    expect(widget.locator(".rv-plot.rv-still")).to_have_count(1)


def reading(widget: Locator, name: str) -> str:
    return widget.get_by_role("button", name=re.compile(f"^{name}\\b")).locator(".rv-reading").inner_text()


def plotted(widget: Locator) -> Any:
    """What plotly drew: its traces and the ranges of its axes."""
    return widget.locator(".js-plotly-plot").evaluate(
        """plot => ({
          traces: plot.data.map((trace) => ({ name: trace.name, y: [...trace.y] })),
          x: plot.layout.xaxis.range, y: plot.layout.yaxis.range, type: plot.layout.yaxis.type,
        })"""
    )


def painted(widget: Locator) -> str:
    return str(widget.locator(".rv-plot > canvas").evaluate("canvas => canvas.toDataURL()"))


def slide(widget: Locator, label: str, value: float) -> None:
    widget.get_by_role("slider", name=label).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def saved(page: Page, widget: Locator, button: str) -> Path:
    widget.locator(".rv-save summary").click()
    with page.expect_download() as download:
        widget.get_by_role("button", name=button).click()
    return Path(download.value.path())


def darkness(page: Page, picture: bytes) -> float:
    """Which share of a picture is nearly black."""
    share: float = page.evaluate(
        """async (text) => {
          const image = new Image();
          image.src = `data:image/png;base64,${text}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          canvas.width = image.width;
          canvas.height = image.height;
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          let dark = 0;
          for (let k = 0; k < data.length; k += 4) if (data[k] + data[k + 1] + data[k + 2] < 60) dark++;
          return (4 * dark) / data.length;
        }""",
        base64.b64encode(picture).decode(),
    )
    return share


def test_curves_follow_the_slider_and_plotly_follows_the_curves(page: Page, open_curves: Any) -> None:
    fresh, _ = open_curves(page)
    before = plotted(fresh)
    assert [trace["name"] for trace in before["traces"] if "bound" not in trace["name"]] == [
        *("RNN", "IRNN", "GRU", "LSTM"),
    ]
    first = reading(fresh, "RNN")
    slide(fresh, "spectral radius", 0.5)
    expect(fresh.get_by_role("button", name=re.compile("^RNN"))).not_to_contain_text(first)
    at_rest(fresh)
    after = plotted(fresh)
    assert after["traces"][0]["y"][0] < 1e-6 * before["traces"][0]["y"][0]
    assert after["y"][0] < before["y"][0]
    expect(fresh.locator(".rv-caption")).to_contain_text(re.compile(r"RNN falls to (\d·)?10⁻"))
    rows = list(csv.reader(saved(page, fresh, "Numbers (CSV)").read_text().splitlines()))
    assert rows[0] == ["step", "RNN", "IRNN", "GRU", "LSTM"]
    assert len(rows) == 61
    assert float(rows[1][1]) == after["traces"][0]["y"][0]
    assert "<svg" in saved(page, fresh, "Picture (SVG)").read_text()
    at_rest(fresh)
    # Light as the page is: what plotly draws see-through is not black in the picture.
    assert darkness(page, saved(page, fresh, "Picture (PNG)").read_bytes()) < 0.1


def test_a_slider_held_for_a_while_leaves_no_lag(page: Page, open_curves: Any) -> None:
    fresh, _ = open_curves(page)
    # 60 values a second for a second, each sent as soon as the one before is answered; the last must count.
    fresh.get_by_role("slider", name="spectral radius").evaluate(
        """async (input) => {
          for (let k = 0; k <= 60; k++) {
            input.value = 0.3 + k / 60;
            input.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
          }
        }"""
    )
    expect(fresh.get_by_role("slider", name="spectral radius")).to_have_attribute("aria-valuetext", "1.30")
    at_rest(fresh)
    # The IRNN's matrix is the identity times the spectral radius, so this is by how much its bound grows.
    (bound,) = [trace["y"] for trace in plotted(fresh)["traces"] if trace["name"] == "IRNN, upper bound"]
    assert bound[-2] / bound[-1] == pytest.approx(1.3)


def test_the_cursor_moves_by_pointer_and_keys_without_python(page: Page, open_curves: Any) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    fresh, recorded = open_curves(page)
    page.wait_for_timeout(500)
    sent = len(frames)
    plot = fresh.locator(".rv-plot")
    box = plot.bounding_box()
    assert box is not None
    before = painted(recorded)
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    expect(fresh.locator(".rv-where")).to_have_text(re.compile(r"t = (19|2\d) of 59"))
    expect(recorded.locator(".rv-where")).to_have_text(re.compile(r"t = (19|2\d) of 29"))
    assert painted(recorded) != before
    fresh.locator(".rv-transport input").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(fresh.locator(".rv-where")).to_have_text("t = 58 of 59")
    page.wait_for_timeout(300)
    assert len(frames) == sent


def test_zooming_in_plotly_takes_the_overlay_along(page: Page, open_curves: Any) -> None:
    fresh, _ = open_curves(page)
    plot = fresh.locator(".rv-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] - 90, steps=6)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').layout.xaxis.range[0] > 5")
    (low, high) = plotted(fresh)["x"]
    # The pointer finds the steps where plotly now draws them.
    left, right = box["x"] + 72, box["x"] + box["width"] - 18
    page.mouse.move((left + right) / 2, box["y"] + 100)
    expect(fresh.locator(".rv-where")).to_have_text(f"t = {round((low + high) / 2)} of 59")
    # New numbers leave the reader's zoom alone; a double click gives it up.
    slide(fresh, "spectral radius", 1.1)
    page.wait_for_timeout(300)
    at_rest(fresh)
    assert plotted(fresh)["x"] == [low, high]
    page.mouse.dblclick((left + right) / 2, box["y"] + 100)
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').layout.xaxis.range[0] === 0")


def test_switches_change_what_is_drawn_and_said(page: Page, open_curves: Any) -> None:
    fresh, recorded = open_curves(page)
    fresh.get_by_label("Vertical axis").select_option("linear")
    expect(fresh.locator(".rv-plot.rv-still")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').layout.yaxis.type === 'linear'")
    fresh.get_by_label("Gradient at").select_option("cell")
    expect(fresh.locator(".rv-caption")).to_contain_text("‖∂L/∂cₜ‖")
    assert reading(fresh, "GRU") == "has none"
    page.wait_for_timeout(300)
    at_rest(fresh)
    assert [trace["name"] for trace in plotted(fresh)["traces"]] == ["LSTM"]
    fresh.get_by_role("button", name=re.compile("^LSTM")).press("Enter")
    expect(fresh.locator(".rv-trouble")).to_have_text("Choose a curve above to show it.")
    # A gradient of exactly zero has no place on a logarithmic axis, and is not left out in silence.
    expect(recorded.locator(".rv-trouble")).to_contain_text("exactly zero")
    expect(recorded.locator(".rv-trouble")).to_contain_text("(dead)")
    expect(recorded.locator(".rv-caption")).to_contain_text("dead is exactly zero")
    expect(recorded.locator(".rv-trouble")).to_contain_text("infinite (boom)")
    expect(recorded.locator(".rv-trouble")).to_contain_text("not a number (boom, lost)")
    expect(recorded.locator(".rv-caption")).to_contain_text("lost holds no finite number at 29 steps")
    recorded.get_by_label("Sequence").select_option("1")
    expect(recorded.get_by_label("Sequence")).to_have_value("1")


def test_plotlys_script_is_asked_for_once_and_late_changes_arrive(
    page: Page, watch: Any, open_curves: Any
) -> None:
    received = [0]
    page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda frame: received.__setitem__(0, received[0] + len(frame))
        ),
    )
    open_curves(page)
    expect(page.locator(".rnnviz-plotly .scatterlayer .trace")).to_have_count(2)
    assert len([url for url in watch.asked if "plotly-widget.js" in url]) == 1
    assert received[0] < 2_000_000


def test_without_the_servers_script_the_kernel_sends_it(page: Page, open_curves: Any) -> None:
    page.route(
        "**/plotly-widget.js*",
        lambda route: route.fulfill(content_type="text/javascript", body="export default null;"),
    )
    open_curves(page)
    expect(page.locator(".rnnviz-plotly .scatterlayer .trace")).to_have_count(2)


def test_on_a_phone_plotlys_buttons_cover_no_chip(chromium: Browser, open_curves: Any) -> None:
    context = chromium.new_context(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(90_000)
    fresh, _ = open_curves(page)
    at_rest(fresh)
    # As a finger sees them: always there.
    (bar,) = boxes(fresh, ".modebar-group")
    chips = boxes(fresh, ".rv-chip")
    assert len(chips) == 4
    assert all(chip["bottom"] <= bar["top"] for chip in chips)
    context.close()


def test_plotlys_buttons_cover_no_data(page: Page, open_curves: Any) -> None:
    fresh, _ = open_curves(page)
    for widget in (fresh, page.locator(".rnnviz-plotly")):
        widget.locator(".modebar-group").first.wait_for(state="attached")
        # All at once: what stands above may still grow.
        card, plot, *bars = widget.evaluate(
            """e => [e, ...e.querySelectorAll('.nsewdrag, .modebar-group')].map(
              (one) => one.getBoundingClientRect().toJSON())"""
        )
        assert bars
        for bar in bars:
            assert card["top"] <= bar["top"] < bar["bottom"] <= plot["top"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_curves: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(320, 700, scheme)
    open_curves(page)
    assert find_barriers(page, ".rnnviz") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
