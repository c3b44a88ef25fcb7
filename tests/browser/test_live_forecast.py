"""The live forecast in a real page: it learns while one watches, by pointer, by keys and by file."""

from __future__ import annotations

import csv
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import torch, rnnviz_widgets as rw\n"
        "from rnnviz.data import rising_sine\n"
        "cursor = rw.Cursor()\n"
        "options = {'window': 12, 'horizon': 10, 'units': 6}\n"
        "models = {'GRU': 'gru', 'linear': 'linear'}\n"
        "rw.LiveForecast(rising_sine(140), models, cursor=cursor, **options)",
    ),
    ("rw.GradientCurves(cells=('RNN',), steps=140, units=4, cursor=cursor)",),
    (
        "class Broken(torch.nn.Module):\n"
        "    horizon = 1\n"
        "    def __init__(self):\n"
        "        super().__init__(); self.weight = torch.nn.Parameter(torch.zeros(()))\n"
        "    def forward(self, inputs):\n"
        "        raise ArithmeticError('nothing can be learned here')\n"
        "    def forecast(self, history, horizon):\n"
        "        return history[-1:].expand(horizon, -1, -1)\n"
        "rw.LiveForecast(rising_sine(140), {'broken': Broken}, **options)",
    ),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-forecast", CELLS, title="Forecast")


@pytest.fixture
def open_forecast(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], Locator]:
    def open_forecast(page: Page) -> Locator:
        open_lesson(page, server, "01-forecast")
        widget = page.locator(".rnnviz-live-forecast").first
        expect(widget.locator(".rv-status")).to_have_text("not trained yet: 0 updates")
        expect(widget.locator(".rv-caption")).to_contain_text("Before any update")
        return widget

    return open_forecast


def updates(widget: Locator) -> int:
    found = re.search(r"(\d+) update", widget.locator(".rv-status").inner_text())
    assert found is not None
    return int(found[1])


def painted(widget: Locator, where: str = ".rv-series") -> str:
    return str(widget.locator(f"{where} canvas").evaluate("canvas => canvas.toDataURL()"))


def wait_until_painted(widget: Locator, before: str, where: str = ".rv-series") -> None:
    """Wait until the picture is another one, or fail."""
    canvas = widget.locator(f"{where} canvas").element_handle()
    widget.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas, before], polling=50
    )


def origin(widget: Locator) -> int:
    return int(widget.locator(".rv-series").get_attribute("aria-valuenow") or "")


def slide(widget: Locator, label: str, value: float) -> None:
    widget.get_by_label(label, exact=True).evaluate(
        """(input, value) => {
          input.value = value;
          for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind));
        }""",
        value,
    )


def give_file(widget: Locator, name: str, text: str) -> None:
    widget.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )


def test_it_learns_while_one_watches_and_rests_when_paused(
    page: Page, open_forecast: Any, at_rest: Callable[..., Any]
) -> None:
    widget = open_forecast(page)
    series, losses = painted(widget), painted(widget, ".rv-losses")
    error = widget.locator(".rv-race tbody td").nth(1).inner_text()
    widget.get_by_role("button", name="Start").click()
    expect(widget.locator(".rv-status")).to_have_text(re.compile(r"learning: [1-9]\d* updates"))
    page.wait_for_function(
        "() => +document.querySelector('.rv-status').textContent.match(/\\d+/)[0] > 60", polling=100
    )
    wait_until_painted(widget, series)
    wait_until_painted(widget, losses, ".rv-losses")
    expect(widget.locator(".rv-race tbody td").nth(1)).not_to_have_text(error)
    widget.get_by_role("button", name="Pause").click()
    expect(widget.locator(".rv-status")).to_have_text(re.compile("^paused"))
    # An update that was under way may still arrive.
    rest = at_rest(page, lambda: (updates(widget), painted(widget)))
    page.wait_for_timeout(500)
    assert (updates(widget), painted(widget)) == rest
    expect(widget.locator(".rv-caption")).to_contain_text(f"After {rest[0]} updates, ")
    # Looking back shows the forecast as it was, and "Latest" returns to the present.
    widget.get_by_label("Look back through the training").press("Home")
    expect(widget.locator(".rv-where").last).to_have_text("after 0 updates")
    assert painted(widget) == series
    widget.get_by_role("button", name="Latest").click()
    expect(widget.locator(".rv-where").last).to_have_text(f"after {rest[0]} updates")
    widget.get_by_role("button", name="Step").click()
    expect(widget.locator(".rv-status")).to_have_text(f"paused: {rest[0] + 1} updates")
    widget.get_by_role("button", name="Reset").click()
    expect(widget.locator(".rv-status")).to_have_text("not trained yet: 0 updates")


def test_the_forecast_starts_where_the_cursor_is(page: Page, open_forecast: Any) -> None:
    widget = open_forecast(page)
    plot = widget.locator(".rv-series")
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100, steps=6)
    page.mouse.up()
    expect(plot).to_have_attribute("aria-valuenow", re.compile(r"^(6|7)\d$"))
    there = origin(widget)
    # The other widget with the same cursor went along.
    expect(page.locator(".rnnviz-gradient-curves .rv-where")).to_have_text(f"t = {there} of 139")
    plot.focus()
    for key in ("ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(plot).to_have_attribute("aria-valuenow", str(there + 11))
    page.wait_for_timeout(500)
    with page.expect_download() as download:
        widget.locator(".rv-save summary").click()
        widget.get_by_role("button", name="Numbers (CSV)").click()
    assert download.value.suggested_filename == "forecast-t-sin-t-3-2-sin-5t.csv"
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    column = rows[0].index("GRU, forecast")
    forecast = [int(row[0]) for row in rows[1:] if row[column]]
    assert forecast == list(range(there + 12, there + 22))
    # The space bar starts and pauses.
    plot.focus()
    page.keyboard.press(" ")
    expect(widget.locator(".rv-status")).to_have_text(re.compile("^learning"))
    page.keyboard.press(" ")
    expect(widget.locator(".rv-status")).to_have_text(re.compile("^paused"))


def test_settings_change_the_race(page: Page, open_forecast: Any) -> None:
    widget = open_forecast(page)
    slide(widget, "horizon", 15)
    expect(widget.locator(".rv-race thead")).to_contain_text("15 steps")
    slide(widget, "window", 5)
    expect(widget.get_by_role("slider", name="window")).to_have_attribute("aria-valuetext", "5 steps")
    before = painted(widget)
    widget.get_by_label("baselines").uncheck()
    wait_until_painted(widget, before)
    widget.get_by_role("button", name="linear").press("Enter")
    expect(widget.get_by_role("button", name="linear")).to_have_attribute("aria-pressed", "false")
    # A window for which the series is too short is refused, and the slider goes back.
    widget.get_by_label("window", exact=True).evaluate("input => { input.max = 139; }")
    slide(widget, "window", 139)
    expect(widget.get_by_role("alert")).to_contain_text("Not one window fits")
    expect(widget.get_by_role("slider", name="window")).to_have_attribute("aria-valuetext", "5 steps")


def test_a_file_of_ones_own(page: Page, open_forecast: Any) -> None:
    widget = open_forecast(page)
    give_file(widget, "words.csv", "day,weather\n2001-01-01,wet\n2001-01-02,dry\n")
    expect(widget.get_by_role("alert")).to_contain_text("no column of numbers")
    rows = [f"2001-{k // 28 + 1:02}-{k % 28 + 1:02},{'' if k == 40 else k % 5}" for k in range(112)]
    give_file(widget, "rain.csv", "\n".join(["day,mm", *rows]))
    expect(widget.get_by_role("alert")).to_contain_text("Line 42: the cell in the column 'mm' is empty")
    widget.get_by_label("Gaps in your file").select_option("drop")
    expect(widget.get_by_role("heading", level=3)).to_have_text("Forecasting rain")
    expect(widget.get_by_role("alert")).to_have_count(0)
    expect(widget.get_by_label("Series", exact=True)).to_have_value("rain")
    widget.get_by_role("button", name="Step").click()
    expect(widget.locator(".rv-status")).to_have_text("paused: 1 update")
    widget.get_by_label("Series", exact=True).select_option("t·sin(t)/3 + 2·sin(5t)")
    expect(widget.get_by_role("heading", level=3)).to_have_text("Forecasting t·sin(t)/3 + 2·sin(5t)")


def test_a_reader_chooses_the_column_of_a_file(page: Page, open_forecast: Any) -> None:
    widget = open_forecast(page)
    rows = [f"{k},2001-{k // 28 + 1:02}-{k % 28 + 1:02},{k % 5},{k % 7 + 40},sun" for k in range(112)]
    give_file(widget, "weather.csv", "\n".join([",day,rain,wind,sky", *rows]))
    expect(widget.get_by_role("heading", level=3)).to_have_text("Forecasting weather")
    expect(widget.locator(".rv-own-file")).to_have_text("")
    expect(widget.get_by_label("Column shown")).to_have_value("rain")
    box = widget.get_by_label("Column of your file")
    assert box.locator("option").all_inner_texts() == [
        "column: all numbers",
        "column: column 1 (counts the rows)",
        "column: rain",
        "column: wind",
        "column: sky (text)",
    ]
    box.select_option("wind")
    expect(widget.get_by_label("Column shown")).to_be_hidden()
    _, *saved = saved_forecast(page, widget)
    assert [float(row[2]) for row in saved[:112]] == [k % 7 + 40 for k in range(112)]
    box.select_option("sky")
    expect(widget.get_by_role("alert")).to_contain_text("'sun' in the column 'sky' is not a number")
    expect(widget.locator(".rv-own-file")).to_have_text("")


def saved_forecast(page: Page, widget: Locator) -> list[list[str]]:
    widget.locator(".rv-save summary").click()
    with page.expect_download() as download:
        widget.get_by_role("button", name="Numbers (CSV)").click()
    return list(csv.reader(Path(download.value.path()).read_text().splitlines()))


def test_another_series_is_shown_whole_where_the_page_was_painted_first(
    new_page: Callable[..., Page], open_forecast: Any, server: Any, wait_for_snapshot: Callable[..., None]
) -> None:
    first = new_page()
    open_forecast(first)
    wait_for_snapshot(first, server, "01-forecast")
    first.close()

    page = new_page()
    widget = open_forecast(page)
    assert page.locator("body[data-stand-in]").count() == 1
    expect(widget).to_have_attribute("data-kernel", "live")
    rows = [f"2001-{k // 28 + 1:02}-{k % 28 + 1:02},{k % 5 + 40}" for k in range(112)]
    give_file(widget, "rain.csv", "\n".join(["day,mm", *rows]))
    expect(widget.get_by_role("heading", level=3)).to_have_text("Forecasting rain")
    # Title, dates and values come in one message; those of another series would be numbers below 40.
    head, *saved = saved_forecast(page, widget)
    assert [(row[1], float(row[2])) for row in saved[:112]] == [
        (day, float(value)) for day, value in (row.split(",") for row in rows)
    ], head


def test_an_error_in_the_training_is_shown(page: Page, open_forecast: Any) -> None:
    open_forecast(page)
    broken = page.locator(".rnnviz-live-forecast").nth(1)
    broken.get_by_role("button", name="Start").click()
    expect(broken.get_by_role("alert")).to_contain_text("nothing can be learned here")
    expect(broken.get_by_role("button", name="Start")).to_be_disabled()
    broken.get_by_role("button", name="Reset").click()
    expect(broken.get_by_role("alert")).to_have_count(0)
    expect(broken.get_by_role("button", name="Start")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_forecast: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(320, 700, scheme)
    open_forecast(page)
    assert find_barriers(page, ".rnnviz-live-forecast") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_picture_and_code_are_for_taking_away(page: Page, open_forecast: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widget = open_forecast(page)
    widget.get_by_role("button", name="Step").click()
    expect(widget.locator(".rv-status")).to_have_text("paused: 1 update")
    menu = widget.locator(".rv-save summary")
    with page.expect_download() as download:
        menu.click()
        widget.get_by_role("button", name="Picture (PNG)").click()
    assert download.value.suggested_filename == "forecast-t-sin-t-3-2-sin-5t.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    menu.click()
    widget.get_by_role("button", name="Copy the code").click()
    expect(widget.locator(".rv-save")).not_to_have_attribute("open", "")
    names: dict[str, Any] = {}
    exec(page.evaluate("navigator.clipboard.readText()"), names)
    live = names["live"]
    try:
        # The same weights after the same update: the picture's error is the code's.
        shown = widget.locator(".rv-race tbody tr", has_text="GRU").locator("td").last.inner_text()
        error = live.race.frame().models["GRU"].many_step_error
        assert float(re.sub(r"[^\d.]", "", shown)) == pytest.approx(error, rel=0.02)
    finally:
        live.close()


def test_it_stops_with_its_kernel(
    page: Page, serve_cells: Callable[..., Any], open_lesson: Any, watch: Any
) -> None:
    cells = [("import os; print('PID', os.getpid())",), *CELLS[:1]]
    open_lesson(page, serve_cells("01-ends", cells, title="Ends"), "01-ends")
    widget = page.locator(".rnnviz-live-forecast")
    widget.get_by_role("button", name="Start").click()
    expect(widget.locator(".rv-status")).to_have_text(re.compile(r"learning: [1-9]\d* updates"))
    found = re.search(r"PID (\d+)", page.get_by_role("main").inner_text())
    assert found is not None
    os.kill(int(found[1]), signal.SIGKILL)
    expect(widget.locator(".rv-status")).to_have_text(re.compile(r"^stopped: [1-9]\d* updates$"))
    expect(widget.get_by_role("button", name="Start")).to_be_disabled()
    expect(widget.get_by_role("button", name="Pause")).to_have_count(0)
    expect(widget.get_by_role("alert")).to_have_count(0)
    # What Jupyter itself logs of a lost kernel is no fault of the page's.
    watch.problems = [problem for problem in watch.problems if "uncaught" in problem]


def test_a_file_given_before_python_is_there_is_answered_at_once_and_read_later(
    new_page: Callable[..., Page], open_forecast: Any, server: Any, wait_for_snapshot: Callable[..., None]
) -> None:
    first = new_page()
    open_forecast(first)
    wait_for_snapshot(first, server, "01-forecast")
    first.close()

    page = new_page()
    held: list[Any] = []
    page.route(re.compile(r"/voila/templates/base/static/voila\.js"), lambda route: held.append(route))
    page.goto(f"{server.url}voila/render/01-forecast.ipynb")
    page.wait_for_selector("body[data-stand-in='ready']")
    widget = page.locator(".rnnviz-live-forecast").first
    rows = [f"2001-{k // 28 + 1:02}-{k % 28 + 1:02},{k % 5 + 40}" for k in range(112)]
    page.evaluate(
        """([card, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "rain.csv", { type: "text/csv" }));
          card.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [widget.element_handle(), "\n".join(["day,mm", *rows])],
    )
    # Python is held, so nobody but the page can have said this.
    expect(widget.locator(".rv-own-file")).to_have_text(
        "rain.csv will be read when Python is there; it is still starting."
    )
    page.unroute(re.compile(r"/voila/templates/base/static/voila\.js"))
    for route in held:
        route.continue_()
    page.wait_for_selector("body[data-lesson='ready']")
    expect(widget.get_by_role("heading", level=3)).to_have_text("Forecasting rain")
    expect(widget.locator(".rv-own-file")).to_have_text("")
