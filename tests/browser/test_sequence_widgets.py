"""The response and the padding explorer in a real page: what the reader moves changes the picture and the words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import rnnviz_widgets as rw\ncursor = rw.Cursor()\nresponse = rw.ResponseExplorer(cursor=cursor)\nresponse",
    ),
    ("padding = rw.PaddingExplorer()\npadding",),
    ("rw.ResponseExplorer(steps=2000, feedback=3.0, radius=2.0, scale='log')",),
    ("rw.PaddingExplorer([1 + (37 * k) % 9000 for k in range(1500)], batch=32)",),
    ("rw.PaddingExplorer([1])",),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-sequences", CELLS, title="Sequences")


@pytest.fixture
def explorers(page: Page, server: Any, open_lesson: Callable[..., None]) -> tuple[Locator, Locator]:
    open_lesson(page, server, "01-sequences")
    return page.locator(".rnnviz-response-explorer").first, page.locator(".rnnviz-padding-explorer").first


def verdicts(response: Locator) -> list[str]:
    return response.locator(".rv-response-verdict").all_inner_texts()


def test_an_impulse_stops_decays_rings_and_explodes(
    page: Page, explorers: tuple[Locator, Locator], find_barriers: Callable[..., list[str]]
) -> None:
    response = explorers[0]
    response.scroll_into_view_if_needed()
    said = response.locator(".rv-response-verdict")
    expect(said.nth(0)).to_have_text("Stops dead: felt for 9 steps, then nothing at all.")
    expect(said.nth(1)).to_have_text("Decays: half is gone after 7 steps.")
    plots = response.get_by_role("img")
    before = plots.nth(1).screenshot()
    response.get_by_role("slider", name="weight of yₜ₋₁").fill("-0.95")
    expect(said.nth(1)).to_have_text(re.compile("Rings and decays: up and down every 2 steps"))
    assert plots.nth(1).screenshot() != before
    response.get_by_role("slider", name="radius").fill("1.1")
    response.get_by_role("slider", name="angle a step").fill("45")
    expect(said.nth(2)).to_have_text("Rings and explodes: up and down every 8 steps, 10 % more each step.")
    response.get_by_role("slider", name="N, steps back").fill("20")
    expect(said.nth(0)).to_have_text(re.compile("felt for 21 steps"))
    expect(response.get_by_role("row", name=re.compile("^window"))).to_contain_text("21")
    response.get_by_role("button", name="Tamed by tanh").click()
    expect(response.get_by_label("Activation f")).to_have_value("tanh")
    expect(said.nth(1)).to_have_text(re.compile("^Stays: "))
    # What a picture shows can be heard as well.
    expect(plots.nth(1)).to_have_attribute("aria-label", re.compile("Hears its own output.* Stays: "))
    assert find_barriers(page, ".rnnviz-response-explorer") == []


def test_the_impulse_is_moved_by_pointer_and_key_and_an_input_is_drawn(
    page: Page, explorers: tuple[Locator, Locator]
) -> None:
    response = explorers[0]
    response.scroll_into_view_if_needed()
    strip = response.get_by_role("slider", name="Step of the impulse")
    box = strip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 40, steps=4)
    page.mouse.up()
    at = int(strip.get_attribute("aria-valuenow") or 0)
    assert at > 50
    expect(response.locator(".rv-response-verdict").nth(1)).to_have_text("Too few steps are left to say.")
    strip.press("ArrowLeft")
    expect(strip).to_have_attribute("aria-valuenow", str(at - 1))
    response.get_by_role("slider", name="impulse at t").fill("3")
    expect(strip).to_have_attribute("aria-valuenow", "3")

    response.get_by_role("button", name="Draw an input").click()
    response.get_by_role("slider", name="Step", exact=True).press("Home")
    drawn = response.get_by_role("slider", name="Input at the cursor")
    for _ in range(4):
        drawn.press("ArrowUp")
    expect(drawn).to_have_attribute("aria-valuetext", "x is 1.00 at t = 0")
    drawn.press("ArrowRight")
    expect(drawn).to_have_attribute("aria-valuetext", "x is 0.00 at t = 1")
    expect(response.get_by_text("Grey line: the whole output.")).to_be_visible()
    response.get_by_role("button", name="Clear").click()
    expect(response.get_by_text("Grey line: the whole output.")).to_be_hidden()


def test_arrow_keys_belong_to_the_slider_that_has_them(explorers: tuple[Locator, Locator]) -> None:
    response = explorers[0]
    slider = response.get_by_role("slider", name="N, steps back")
    where = response.get_by_text(re.compile(r"^t = \d+ of 59$"))
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "9")
    expect(where).to_have_text("t = 0 of 59")
    response.get_by_role("button", name="Step forward").press("ArrowRight")
    expect(where).to_have_text("t = 1 of 59")


def test_numbers_and_code_can_be_taken_away(
    page: Page, explorers: tuple[Locator, Locator], tmp_path: Path
) -> None:
    response, padding = explorers
    for widget, heading, first in (
        (response, "step,input,window output", "0,1,1,1,1,1,1,1"),
        (padding, "batch,sequence,steps,padding", "1,"),
    ):
        widget.scroll_into_view_if_needed()
        widget.locator("summary", has_text="Save").click()
        with page.expect_download() as download:
            widget.get_by_role("button", name="Numbers (CSV)").click()
        download.value.save_as(tmp_path / "numbers.csv")
        lines = (tmp_path / "numbers.csv").read_text().splitlines()
        assert lines[0].startswith(heading)
        assert lines[1].startswith(first)
        assert len(lines) == (61 if widget is response else 65)


def test_padding_is_counted_and_shaped(
    page: Page, explorers: tuple[Locator, Locator], find_barriers: Callable[..., list[str]]
) -> None:
    padding = explorers[1]
    padding.scroll_into_view_if_needed()
    story = padding.locator(".rv-padding-story")
    expect(story).to_have_text(re.compile("^61 % .* bad idea"))
    picture = padding.get_by_role("slider", name="Sequence", exact=True)
    before = picture.screenshot()
    padding.get_by_role("radio", name="in the order of length").check()
    expect(story).to_have_text(re.compile("^23 %"))
    assert picture.screenshot() != before
    padding.get_by_role("radio", name="packed, not padded").check()
    expect(story).to_have_text(re.compile("^0 %"))
    padding.get_by_role("radio", name="to the longest of its batch").check()
    padding.get_by_role("slider", name="batch size").fill("1")
    expect(story).to_have_text(re.compile("^0 % .* good idea"))
    padding.get_by_role("button", name="All alike").click()
    padding.get_by_role("radio", name="to the longest of all").check()
    expect(story).to_have_text(re.compile("^5 % .* good idea"))

    # One long sequence is enough, set by a key on the histogram's last bar.
    padding.get_by_role("slider", name="Sequences of 36 to 40 steps").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    expect(padding.get_by_role("slider", name="Sequences of 56 to 60 steps")).to_have_attribute(
        "aria-valuenow", "1"
    )
    expect(story).to_have_text(re.compile("^34 %"))
    # And by the pointer.
    bar = padding.get_by_role("slider", name="Sequences of 1 to 5 steps")
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(bar).not_to_have_attribute("aria-valuenow", "0")
    # A sequence says what it is.
    picture.focus()
    page.keyboard.press("Home")
    expect(picture).to_have_attribute("aria-valuetext", re.compile(r"sequence \d+, batch 1: \d+ steps?"))
    assert find_barriers(page, ".rnnviz-padding-explorer") == []


def test_extremes_are_drawn_and_say_what_they_are(page: Page, explorers: tuple[Locator, Locator]) -> None:
    wild = page.locator(".rnnviz-response-explorer").nth(1)
    wild.scroll_into_view_if_needed()
    assert verdicts(wild)[1:] == ["Explodes: beyond all numbers.", "Explodes: beyond all numbers."]
    many = page.locator(".rnnviz-padding-explorer").nth(1)
    many.scroll_into_view_if_needed()
    expect(many.get_by_text(re.compile(r"The first \d+ of 47 batches are drawn"))).to_be_visible()
    single = page.locator(".rnnviz-padding-explorer").nth(2)
    expect(single.locator(".rv-padding-story")).to_have_text(re.compile("^0 %"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_fits_a_phone(
    new_page: Callable[..., Page],
    server: Any,
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    scheme: str,
) -> None:
    page = new_page(320, 700, scheme)
    open_lesson(page, server, "01-sequences")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for name in (".rnnviz-response-explorer", ".rnnviz-padding-explorer"):
        page.locator(name).first.scroll_into_view_if_needed()
        assert find_barriers(page, name) == []


def test_a_held_slider_moves_at_the_screen_s_pace(page: Page, explorers: tuple[Locator, Locator]) -> None:
    """Everything is computed in the page: a hundred moves of a slider, one a frame, and nothing waits for Python."""
    explorers[0].scroll_into_view_if_needed()
    slow = page.evaluate(
        """async () => {
          const slider = document.querySelector(".rnnviz-response-explorer [aria-label='radius']");
          const times = [];
          let last = performance.now();
          for (let k = 0; k < 100; k++) {
            slider.value = 0.5 + 0.005 * k;
            slider.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            times.push(now - last);
            last = now;
          }
          return times.sort((a, b) => a - b)[50];
        }"""
    )
    assert slow < 40  # two frames and a half, on a machine that runs other tests as well


# A page whose kernel can be kept from answering: what it says is heard once `letGo` is called.
HOLD = """
const held = [];
let holding = false;
let echoes = 0;
window.WebSocket = class extends WebSocket {
  set onmessage(hear) {
    super.onmessage = (event) => {
      const text = typeof event.data === "string" ? event.data : new TextDecoder().decode(event.data);
      if (text.includes("echo_update")) echoes += 1;
      if (holding) held.push(() => hear(event));
      else hear(event);
    };
  }
};
Object.assign(window, {
  hold() {
    holding = true;
    echoes = 0;
  },
  letGo() {
    holding = false;
    for (const hear of held.splice(0)) hear();
  },
  echoes: () => echoes,
});
"""


def test_a_late_echo_does_not_undo_a_choice(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    page.add_init_script(HOLD)
    open_lesson(page, server, "01-sequences")
    padding = page.locator(".rnnviz-padding-explorer").first
    page.evaluate("hold()")
    padding.get_by_role("radio", name="to the longest of all").check()
    page.wait_for_function("echoes() === 1")
    # Python has heard of it, and what it answers comes back when the reader has just chosen something else.
    later = padding.get_by_role("radio", name="batches from buckets")
    stays = later.evaluate(
        """async (radio) => {
          radio.click();
          letGo();
          let stays = true;
          for (; echoes() < 2; await new Promise(requestAnimationFrame)) stays &&= radio.checked;
          return stays;
        }"""
    )
    assert stays
    expect(later).to_be_checked()
