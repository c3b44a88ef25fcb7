"""The digit reader in a real page: drawn with mouse, finger and keys, read in the page, open to everyone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

CELLS = [
    (
        "import rnnviz_widgets as rw\n"
        "from rnnviz.data import digits\n"
        "from rnnviz.models import SequenceClassifier, read_digit_lstm\n"
        "test = digits().test\n"
        "cursor = rw.Cursor(step=2)\n"
        "rw.DigitReader(read_digit_lstm(), test)",
    ),
    ("rw.DigitReader(SequenceClassifier(8, 5, 10, 2, 'gru'), test, cursor=cursor)",),
    ("reader = rw.DigitReader(SequenceClassifier(8, 5, 10), test); reader",),
    (
        "import ipywidgets\n"
        "button = ipywidgets.Button(description='Show the trained one')\n"
        "button.on_click(lambda _: reader.update(read_digit_lstm()))\n"
        "button",
    ),
]
# Crossed, as most of the sevens are that the network learned from.
SEVEN = [(0.34, 0.22), (0.66, 0.22), (0.54, 0.48), (0.46, 0.8)]
BAR = [(0.4, 0.5), (0.64, 0.5)]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-digits", CELLS, title="Digits")


@pytest.fixture
def open_reader(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], Locator]:
    def open_reader(page: Page) -> Locator:
        open_lesson(page, server, "01-digits")
        reader = page.locator(".rnnviz-digit-reader").first
        expect(reader.get_by_role("heading", name="An LSTM with 24 units reads a digit")).to_be_visible()
        return reader

    return open_reader


def caption(reader: Locator) -> Locator:
    return reader.locator(".rv-caption")


def best(reader: Locator) -> Locator:
    return reader.locator(".rv-digit-bar.rv-best > span").first


def draw(page: Page, reader: Locator, points: list[tuple[float, float]]) -> None:
    pad = reader.locator(".rv-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_a_drawn_seven_is_read_without_python(page: Page, open_reader: Any) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    reader = open_reader(page)
    page.wait_for_timeout(300)
    sent = len(frames)
    reader.get_by_role("button", name="Clear").click()
    expect(caption(reader)).to_contain_text("The pad is empty")
    draw(page, reader, SEVEN)
    draw(page, reader, BAR)
    expect(best(reader)).to_have_text("7")
    expect(caption(reader)).to_contain_text(re.compile(r"After row 8 it says 7 \((> )?\d+ %\)"))
    # Only the kernel's own heartbeat may pass.
    assert len(frames) - sent <= 2


def test_undo_and_eraser_take_ink_away(page: Page, open_reader: Any) -> None:
    reader = open_reader(page)
    reader.get_by_role("button", name="Clear").click()
    draw(page, reader, SEVEN)
    draw(page, reader, BAR)
    expect(best(reader)).to_have_text("7")
    reader.get_by_role("button", name="Eraser").click()
    draw(page, reader, [(0.2, 0.22), (0.8, 0.22)])
    draw(page, reader, [(0.3, 0.5), (0.75, 0.5)])
    draw(page, reader, [(0.66, 0.24), (0.6, 0.36), (0.54, 0.5), (0.44, 0.86)])
    expect(caption(reader)).to_contain_text("The pad is empty")
    undo = reader.get_by_role("button", name="Undo")
    for _ in range(3):
        undo.click()
    expect(best(reader)).to_have_text("7")
    expect(caption(reader)).to_contain_text("it says 7")


def test_rows_go_in_one_at_a_time(page: Page, open_reader: Any) -> None:
    reader = open_reader(page)
    reader.get_by_role("button", name="Example: a 3").click()
    expect(reader.get_by_text("An example of the data: a 3.")).to_be_visible()
    expect(best(reader)).to_have_text("3")
    reader.get_by_role("button", name="First step").click()
    expect(reader.get_by_role("heading", name="If it had to answer after row 1")).to_be_visible()
    first = reader.locator(".rv-digit-bars").get_attribute("aria-label")
    unread = reader.locator(".rv-seen-image .rv-unread")
    box, image = unread.bounding_box(), reader.locator(".rv-seen-image").bounding_box()
    assert box
    assert image
    assert box["height"] / image["height"] == pytest.approx(7 / 8, abs=0.03)
    reader.locator(".rv-transport").get_by_role("button", name="Step forward").click()
    expect(reader.locator(".rv-where")).to_have_text("row 2 of 8")
    assert reader.locator(".rv-digit-bars").get_attribute("aria-label") != first
    reader.get_by_role("button", name="Last step").click()
    expect(reader.get_by_role("heading", name="Its answer")).to_be_visible()


def test_a_one_is_drawn_with_keys(page: Page, open_reader: Any) -> None:
    reader = open_reader(page)
    pad = reader.get_by_role("application", name="Drawing pad")
    pad.focus()
    page.keyboard.press("Delete")
    expect(caption(reader)).to_contain_text("The pad is empty")
    page.keyboard.press("Space")
    expect(reader.locator(".rv-drawing [role=status]")).to_have_text("Pen down, row 3, column 5.")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(best(reader)).to_have_text("1")
    expect(reader.locator(".rv-where")).to_have_text("row 8 of 8")
    page.keyboard.press("Control+z")
    expect(caption(reader)).to_contain_text("The pad is empty")
    page.keyboard.press("e")
    expect(reader.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")


def test_another_network_comes_in_and_a_shared_cursor_is_kept(page: Page, open_reader: Any) -> None:
    open_reader(page)
    gru = page.locator(".rnnviz-digit-reader").nth(1)
    expect(gru.get_by_role("heading", name="2 layers of 5 GRU units read a digit")).to_be_visible()
    expect(gru.locator(".rv-where")).to_have_text("row 3 of 8")
    gru.get_by_label("Layer").select_option("layer l1")
    expect(gru.locator(".rv-mind-map strong")).to_have_text(
        ["Reset gate", "Update gate", "Candidate", "Hidden state"]
    )
    updated = page.locator(".rnnviz-digit-reader").nth(2)
    expect(updated.get_by_role("heading", name="An RNN with 5 units")).to_be_visible()
    page.get_by_role("button", name="Show the trained one").click()
    expect(updated.get_by_role("heading", name="An LSTM with 24 units")).to_be_visible()


def test_a_finger_draws_on_a_phone(
    chromium: Browser, server: Any, open_lesson: Callable[..., None], find_barriers: Callable[..., list[str]]
) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(90_000)
    open_lesson(page, server, "01-digits")
    reader = page.locator(".rnnviz-digit-reader").first
    expect(caption(reader)).to_contain_text("After row 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # However many maps there are, they take the whole width.
    for maps in page.locator(".rv-mind-maps").all():
        (used, room) = maps.evaluate(
            """grid => {
              const rights = [...grid.children].map((map) => map.getBoundingClientRect().right);
              return [Math.max(...rights), grid.getBoundingClientRect().right];
            }"""
        )
        assert used > room - 4
    reader.get_by_role("button", name="Clear").tap()
    box = reader.locator(".rv-pad").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    before = page.evaluate("window.scrollY")
    send("touchStart", (0.5, 0.2))
    for part in range(1, 13):
        send("touchMove", (0.5, 0.2 + 0.05 * part))
    send("touchEnd")
    expect(best(reader)).to_have_text("1")
    assert page.evaluate("window.scrollY") == before
    for button in reader.get_by_role("button").all():
        if button.is_visible() and (size := button.bounding_box()):
            assert min(size["height"], size["width"]) >= 24, button.inner_text()
    assert find_barriers(page, ".rnnviz-digit-reader") == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers(
    new_page: Callable[..., Page], open_reader: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    open_reader(page)
    assert find_barriers(page, ".rnnviz-digit-reader") == []


def test_numbers_and_code_can_be_taken_away(page: Page, open_reader: Any) -> None:
    reader = open_reader(page)
    reader.locator("summary", has_text="Save").click()
    with page.expect_download() as download:
        reader.get_by_role("button", name="Numbers (CSV)").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 9
    assert lines[0].startswith("row,ink_0,")
    assert len(lines[1].split(",")) == 1 + 8 + 10 + 6 * 24
    reader.locator("summary", has_text="Save").click()
    with page.expect_download() as download:
        reader.get_by_role("button", name="Picture (PNG)").click()
    assert download.value.path().read_bytes()[:4] == b"\x89PNG"
