"""What a reader does on a page outlives it: in its address, over a reload, and in a second tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS: list[str | tuple[str, ...]] = [
    "# State\n\n## Gates, and what they hold?",
    (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "from rnnviz.data import digits\n"
        "from rnnviz.models import read_digit_lstm\n"
        "torch.manual_seed(0)\n"
        "model = torch.nn.LSTM(2, 4)\n"
        "with rv.record(model) as trace: model(torch.randn(9, 1, 2))\n"
        "cursor = rw.Cursor()",
    ),
    ("rw.GateHeatmap(trace, cursor=cursor)",),
    ("rw.Experiment({'double': lambda n: 2.0 * n}, low=1, high=9, x='n')",),
    "A line.\n\n" * 30 + "## A digit",
    ("rw.DigitReader(read_digit_lstm(), digits().test)",),
    ("rw.ask('02', 'memory-place')",),
]
HEATMAP, EXPERIMENT, READER = ".rnnviz-gate-heatmap", ".rnnviz-experiment", ".rnnviz-digit-reader"


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    """A lesson that has run once, so that what its widgets show is kept."""
    return serve_cells("02-state", CELLS, title="State")


@pytest.fixture(scope="module")
def address(server: Any) -> str:
    return f"{server.url}voila/render/02-state.ipynb"


def step_of(page: Page) -> Locator:
    return page.locator(f"{HEATMAP} .rv-transport input[type=range]").first


def knob_of(page: Page) -> Locator:
    return page.locator(f"{EXPERIMENT} input[type=range]").first


def open_page(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("body[data-lesson='ready']")
    # Handed over, and drawn.
    expect(page.locator(".page-stand-in, [aria-busy=true]")).to_have_count(0)


def draw(page: Page) -> None:
    pad = page.locator(f"{READER} .rv-pad")
    pad.scroll_into_view_if_needed()
    place = pad.bounding_box()
    assert place
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + place["height"] / 2, steps=6)
    page.mouse.up()


def ink(page: Page) -> int:
    """How many points the strokes on the pad have, as the page has kept them."""
    return int(
        page.evaluate(
            """() => Object.values(JSON.parse(localStorage.getItem("rnnviz/state/02-state") ?? "{}"))
              .flatMap(({kept}) => kept.drawing?.strokes ?? []).flatMap(({points}) => points).length"""
        )
    )


def test_cursor_settings_and_drawing_survive_a_reload(
    page: Page, address: str, at_rest: Callable[..., Any]
) -> None:
    open_page(page, address)
    open_page(page, address)  # now from what was kept of the first run
    for _ in range(3):
        page.locator(HEATMAP).get_by_role("button", name="Step forward").first.click()
    expect(step_of(page)).to_have_value("3")
    page.wait_for_function("location.hash.includes('step=3')")
    knob_of(page).press("ArrowLeft")
    knob_of(page).press("ArrowLeft")
    value = knob_of(page).input_value()
    clear = page.locator(READER).get_by_role("button", name="Clear")
    clear.click()
    expect(clear).to_be_disabled()
    draw(page)
    points = at_rest(page, lambda: ink(page))
    assert points > 6

    page.goto("about:blank")
    open_page(page, address)
    expect(step_of(page)).to_have_value("3")
    expect(knob_of(page)).to_have_value(value)
    expect(clear).to_be_enabled()
    assert ink(page) == points
    # Undo takes away what was drawn, and so it is on the pad.
    page.locator(READER).get_by_role("button", name="Undo").click()
    assert at_rest(page, lambda: ink(page)) != points


def test_a_link_opens_what_its_sender_saw(new_page: Callable[..., Page], address: str) -> None:
    sender = new_page()
    open_page(sender, address)
    open_page(sender, address)
    knob_of(sender).scroll_into_view_if_needed()
    for _ in range(3):
        knob_of(sender).press("ArrowLeft")
    value = knob_of(sender).input_value()
    sender.wait_for_function(f"decodeURIComponent(location.hash).includes('={value}')")
    link = sender.url
    section, _, said = link.partition("#")[2].partition("?")
    assert section == "Gates-and-what-they-hold"
    assert said.startswith("widget=2&")
    assert len(link.partition("#")[2]) < 120
    # Another browser, which knows nothing.
    receiver = new_page()
    receiver.goto(link)
    receiver.wait_for_selector("body[data-lesson='ready']")
    expect(knob_of(receiver)).to_have_value(value)
    expect(receiver.get_by_role("heading", name="Gates, and what they hold?")).to_be_in_viewport()


def test_a_second_tab_agrees_with_the_first(page: Page, watch: Any, address: str) -> None:
    open_page(page, address)
    open_page(page, address)
    second = page.context.new_page()
    second.set_default_timeout(90_000)
    watch.on(second)
    open_page(second, address)
    page.bring_to_front()
    page.locator(HEATMAP).get_by_role("button", name="Last step").first.click()
    expect(step_of(second)).to_have_value("8")
    knob_of(page).press("End")
    expect(knob_of(second)).to_have_value(knob_of(page).input_value())
    quiz = page.locator(".rnnviz-quiz")
    quiz.get_by_text("In the state that comes back").click()
    quiz.get_by_role("button", name="Commit to this answer").click()
    expect(second.locator(".rnnviz-quiz").get_by_role("button", name="Answer again")).to_be_visible()
    expect(second.get_by_role("link", name="A digit (all answered)")).to_have_count(1)
    second.locator(".rnnviz-quiz").get_by_role("button", name="Answer again").click()
    expect(quiz.get_by_role("button", name="Commit to this answer")).to_be_visible()


@pytest.mark.parametrize(
    "hash_", ["#?step=%%%", "#nowhere?step=1e99&x", "#A-digit?widget=-3&layer=__proto__"]
)
def test_an_address_that_says_nonsense_opens_the_page(
    page: Page, address: str, hash_: str, find_barriers: Callable[..., list[str]]
) -> None:
    open_page(page, address + hash_)
    expect(page.locator(HEATMAP)).to_be_visible()
    expect(page.locator(".rv-error:visible")).to_have_count(0)


def test_what_was_committed_is_answered_in_sight(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1000, "height": 420})
    open_page(page, address)
    quiz = page.locator(".rnnviz-quiz")
    quiz.get_by_text("In the state that comes back").click()
    quiz.get_by_role("button", name="Commit to this answer").press("Enter")
    answer = quiz.locator(".rv-answer")
    expect(answer).to_be_focused()
    expect(answer).to_be_in_viewport(ratio=0.9)
