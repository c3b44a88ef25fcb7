"""The bet, the remedies and the cliff in a real page: by pointer, by keys, trained live, and barred to nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import torch, rnnviz_widgets as rw\n"
        "from rnnviz.models import Contender, SequenceRegressor\n"
        "def make(bias):\n"
        "    return Contender(lambda seed: SequenceRegressor(2, 8, 'lstm', forget_bias=bias, seed=seed), 0.01)\n"
        "rw.Bet({'low': make(-6.0), 'high': make(1.0)}, steps=12, updates=900, name='browser')",
    ),
    ("rw.Remedies(steps=12, updates=60)",),
    ("rw.Cliff()",),
    (
        "class Broken(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__(); self.weight = torch.nn.Parameter(torch.zeros(1))\n"
        "    def forward(self, inputs):\n"
        "        if torch.is_grad_enabled() and inputs.shape[1] == 32: raise ArithmeticError('no gradient here')\n"
        "        return inputs.sum((0, 2))[:, None] * (1 + self.weight)\n"
        "broken = {'broken': Contender(lambda seed: Broken()), 'other': make(1.0)}\n"
        "rw.Bet(broken, steps=12, updates=90, name='broken')",
    ),
    (
        "class Forgetful(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__(); self.weight = torch.nn.Parameter(torch.ones(1))\n"
        "    def forward(self, inputs):\n"
        "        return inputs[6:].sum((0, 2))[:, None] * self.weight\n"
        "rw.Bet({'forgetful': Contender(lambda seed: Forgetful()), 'other': make(1.0)}, steps=12, name='torn')",
    ),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-remedies", CELLS, title="Remedies")


@pytest.fixture
def open_page(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], Page]:
    def open_page(page: Page) -> Page:
        open_lesson(page, server, "01-remedies")
        expect(page.locator(".rnnviz-bet")).to_have_count(3)
        expect(page.locator(".rnnviz-cliff .rv-race tbody tr")).to_have_count(2)
        expect(page.locator(".rnnviz-remedies .rv-caption")).to_contain_text("With no remedy")
        return page

    return open_page


def painted(element: Locator) -> str:
    return str(element.locator("canvas").first.evaluate("canvas => canvas.toDataURL()"))


def wait_until_painted(element: Locator, before: str) -> None:
    """Wait until the picture is another one, or fail."""
    canvas = element.locator("canvas").first.element_handle()
    element.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas, before], polling=50
    )


def place_bet(bet: Locator, learns: tuple[bool, ...], fastest: int) -> None:
    for row, yes in enumerate(learns):
        bet.locator(".rv-bet-choice").nth(row).get_by_text("learns" if yes else "does not").click()
    bet.locator(".rv-bet-fastest").nth(fastest).click()
    bet.get_by_role("button", name="Place the bet").click()


def test_nothing_trains_before_the_bet_and_then_it_is_scored(page: Page, open_page: Any) -> None:
    bet = open_page(page).locator(".rnnviz-bet").first
    expect(bet.get_by_role("button", name="Train all")).to_be_hidden()
    expect(bet.get_by_role("button", name="Place the bet")).to_be_disabled()
    expect(bet).to_contain_text("2 networks still without a word.")
    plots = bet.locator(".rv-trial-plot")
    for plot in plots.all():
        expect(plot).to_have_attribute("aria-label", "No network has trained yet.")
    place_bet(bet, (False, True), 1)
    for plot in plots.all():
        expect(plot).to_have_attribute(
            "aria-label", re.compile(r"[Uu]pdates.*\. No network has trained yet\.$")
        )
    before = painted(bet.locator(".rv-trial-plot").first)
    train = bet.get_by_role("button", name="Train all")
    expect(train).to_be_focused()
    page.keyboard.press("Enter")
    expect(bet.locator(".rv-status")).to_contain_text(re.compile(r"learning: [1-9]\d* updates"))
    bet.get_by_role("button", name="Pause").click()
    expect(bet.locator(".rv-status")).to_contain_text("paused")
    wait_until_painted(bet.locator(".rv-trial-plot").first, before)
    train.click()
    expect(bet.locator(".rv-status")).to_contain_text("done")
    expect(bet.locator(".rv-answer")).to_contain_text(re.compile(r"^[0-4] of 4 points"))
    expect(bet.locator(".rv-answer")).to_contain_text("high after")
    expect(bet.locator(".rv-bet-row").nth(2)).to_have_attribute("data-state", "right")
    assert "high: ratio" in (bet.locator(".rv-trial-plot").nth(1).get_attribute("aria-label") or "")


def test_every_bar_ends_on_its_axis(page: Page, open_page: Any) -> None:
    bet = open_page(page).locator(".rnnviz-bet").first
    ends = bet.locator(".rv-bet-row:has(.rv-bet-bar)").evaluate_all(
        """rows => rows.map((row) => {
          const [track, bar] = [".rv-bet-track", ".rv-bet-bar"].map((name) =>
            row.querySelector(name).getBoundingClientRect());
          return [bar.left - track.left, track.right - bar.right];
        })"""
    )
    assert len(ends) == 2
    assert all(min(left, right) > 2 for left, right in ends)
    expect(bet.locator(".rv-torn")).to_have_count(0)
    # Nothing of the loss arrives at the early input: that has no place on a log axis.
    expect(bet.page.locator(".rnnviz-bet").nth(2).locator(".rv-torn")).to_have_count(1)


def test_a_bet_is_kept_and_can_be_taken_back(page: Page, open_page: Any) -> None:
    bet = open_page(page).locator(".rnnviz-bet").first
    place_bet(bet, (True, False), 0)
    expect(bet.get_by_role("button", name="Place the bet")).to_be_hidden()
    page.reload()
    open_page(page)
    expect(bet.get_by_role("button", name="Train all")).to_be_visible()
    expect(bet.get_by_role("radio", name="low: learns")).to_be_checked()
    expect(bet.get_by_role("radio", name="low: learns")).to_be_disabled()
    bet.get_by_role("button", name="Bet again").click()
    expect(bet.get_by_role("radio", name="low: learns")).to_be_enabled()
    expect(bet.get_by_role("radio", name="low: learns")).not_to_be_checked()
    expect(bet.get_by_role("button", name="Train all")).to_be_hidden()


def test_other_weights_change_the_bars(page: Page, open_page: Any) -> None:
    bet = open_page(page).locator(".rnnviz-bet").first
    place_bet(bet, (False, True), 1)
    ratios = bet.locator(".rv-bet-value").all_inner_texts()
    bet.get_by_role("button", name="Other weights").click()
    expect(bet.get_by_role("button", name="Place the bet")).to_be_visible()
    assert bet.locator(".rv-bet-value").all_inner_texts() != ratios


def test_a_failing_training_says_so(page: Page, open_page: Any) -> None:
    bet = open_page(page).locator(".rnnviz-bet").nth(1)
    place_bet(bet, (False, True), 1)
    bet.get_by_role("button", name="Train all").click()
    expect(bet.locator(".rv-error")).to_have_text("The training has stopped. no gradient here")


def test_each_switch_moves_a_curve_and_the_training_the_other(page: Page, open_page: Any) -> None:
    widget = open_page(page).locator(".rnnviz-remedies")
    gradient = widget.locator(".rv-trial-plot").first
    for name in ("identity", "ReLU", "layer", "at norm 1", "last 10 steps"):
        before = painted(gradient)
        button = widget.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        wait_until_painted(gradient, before)
    expect(widget.locator(".rv-remedy-costs li")).to_have_count(5)
    expect(widget.locator(".rv-caption")).to_contain_text("is exactly zero at step 1 and before it")
    widget.get_by_role("button", name="Adam", exact=True).click()
    widget.get_by_role("button", name="Train", exact=True).click()
    expect(widget.locator(".rv-race tbody tr")).to_have_count(1)
    expect(widget.locator(".rv-race tbody td").first).to_contain_text(re.compile("solved|after 60"))
    expect(widget.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    widget.get_by_role("button", name="No remedy").click()
    expect(widget.locator(".rv-caption")).to_contain_text("With no remedy")
    widget.get_by_role("button", name="Train", exact=True).click()
    expect(widget.locator(".rv-race tbody tr")).to_have_count(2)
    expect(widget.locator(".rv-race tbody tr th").nth(1)).to_contain_text("no remedy")


def test_the_cliff_throws_the_plain_ball_and_keeps_the_clipped_one(page: Page, open_page: Any) -> None:
    cliff = open_page(page).locator(".rnnviz-cliff")
    start = painted(cliff.locator(".rv-cliff-map")), painted(cliff.locator(".rv-cliff-relief"))
    cliff.get_by_role("button", name="Last step").click()
    expect(cliff.locator(".rv-race tbody th").first).to_contain_text("plain, off the map")
    expect(cliff.locator(".rv-race tbody th").nth(1)).not_to_contain_text("off the map")
    wait_until_painted(cliff.locator(".rv-cliff-map"), start[0])
    wait_until_painted(cliff.locator(".rv-cliff-relief"), start[1])
    # By the keys: another start is another path.
    slider = cliff.get_by_role("slider", name="start at b")
    before = cliff.locator(".rv-race tbody td").first.inner_text()
    slider.focus()
    slider.press("PageUp")
    expect(cliff.locator(".rv-race tbody td").first).not_to_have_text(before)
    # By the pointer.
    box = cliff.locator(".rv-cliff-map").bounding_box()
    assert box is not None
    where = slider.input_value()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    assert slider.input_value() != where
    relief = painted(cliff.locator(".rv-cliff-relief"))
    cliff.get_by_role("slider", name="turn the relief").press("ArrowRight")
    wait_until_painted(cliff.locator(".rv-cliff-relief"), relief)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_page: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(320, 700, scheme)
    open_page(page)
    bet = page.locator(".rnnviz-bet").first
    assert find_barriers(page, ".rnnviz") == []
    place_bet(bet, (False, True), 1)
    assert find_barriers(page, ".rnnviz") == []
    # What the button opens stays on the card, wherever the button stands.
    for widget in (bet, page.locator(".rnnviz-remedies"), page.locator(".rnnviz-cliff")):
        widget.get_by_text("Save", exact=True).click()
        offer, card = widget.locator(".rv-save-list").bounding_box(), widget.bounding_box()
        assert offer is not None
        assert card is not None
        assert card["x"] <= offer["x"]
        assert offer["x"] + offer["width"] <= card["x"] + card["width"]
        page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
