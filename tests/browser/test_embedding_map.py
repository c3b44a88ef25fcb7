"""The map of words in a real page: found by key and by pointer, moving while they learn, and listed for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELLS = [
    (
        "import rnnviz_widgets as rw\n"
        "from rnnviz.data import Words, everyday_sentences\n"
        "from rnnviz.models import WordLearning, count_vectors\n"
        "sentences = everyday_sentences(1500)\n"
        "learning = WordLearning.skip_gram(Words(sentences), sentences, size=8, learning_rate=0.01)\n"
        "drinks = ['milk', 'tea', 'coffee', 'water', 'juice', 'wine']\n"
        "rw.EmbeddingMap(learning, word='milk', groups={'drinks': drinks})",
    ),
    (
        "vectors = count_vectors(Words(sentences), sentences)\n"
        "rw.EmbeddingMap(vectors, analogy=('paris', 'france', 'italy'))",
    ),
    ("print([word for word, _ in vectors.nearest('tea', 8)])",),
    ("print(vectors.analogy('paris', 'france', 'italy')[0][0])",),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("10-words", CELLS, title="Words")


@pytest.fixture
def open_maps(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], tuple[Locator, Locator]]:
    def open_maps(page: Page) -> tuple[Locator, Locator]:
        open_lesson(page, server, "10-words")
        maps = page.locator(".rnnviz-embedding-map")
        expect(maps).to_have_count(2)
        return maps.nth(0), maps.nth(1)

    return open_maps


def printed(page: Page) -> list[str]:
    return page.locator(".jp-OutputArea-output pre").all_text_contents()


def test_neighbours_and_analogies_are_those_of_python(page: Page, open_maps: Any) -> None:
    _, still = open_maps(page)
    still.get_by_label("Find a word").fill("tea")
    expect(still.locator("h4").first).to_have_text("Nearest to “tea”")
    shown = still.locator(".rv-near").first.locator("span").all_text_contents()
    assert str(shown) == printed(page)[0].strip()
    answer = still.locator(".rv-near").nth(1).locator("span").first
    assert answer.text_content() == printed(page)[1].strip()
    expect(still.locator(".rv-caption")).to_contain_text("paris − france + italy ≈ ")
    field = still.get_by_label("plus c")
    field.fill("zebra")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(still.locator(".rv-near").nth(1).locator("li")).to_have_count(0)


def test_words_are_picked_by_key_by_pointer_and_from_the_list(page: Page, open_maps: Any) -> None:
    _, still = open_maps(page)
    heading = still.locator("h4").first
    board = still.locator(".rv-word-map")
    expect(heading).to_have_text("Pick a word to see which are nearest.")
    board.focus()
    page.keyboard.press("ArrowRight")
    expect(heading).to_contain_text("Nearest to “")
    first = heading.text_content()
    page.keyboard.press("ArrowLeft")
    expect(heading).not_to_have_text(first or "")
    neighbour = still.locator(".rv-near").first.get_by_role("button").first
    name = neighbour.locator("span").text_content()
    neighbour.click()
    expect(heading).to_have_text(f"Nearest to “{name}”")
    board.focus()
    page.keyboard.press("Escape")
    expect(heading).to_have_text("Pick a word to see which are nearest.")
    search = still.get_by_label("Find a word")
    search.fill("quee")
    search.press("Enter")
    expect(heading).to_have_text("Nearest to “queen”")
    box = board.bounding_box()
    assert box
    board.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(heading).not_to_have_text("Nearest to “queen”")


def test_words_move_while_they_learn_and_one_can_look_back(page: Page, open_maps: Any) -> None:
    moving, _ = open_maps(page)
    status = moving.locator(".rv-status")
    expect(status).to_have_text("0 updates")
    before = moving.locator("canvas").evaluate("c => c.toDataURL()")
    moving.get_by_role("button", name="Train").click()
    expect(status).to_contain_text("a second")
    page.wait_for_function(
        "parseInt(document.querySelector('.rnnviz-embedding-map .rv-status').textContent) > 800",
        timeout=60_000,
    )
    moving.get_by_role("button", name="Pause").click()
    expect(moving.get_by_role("button", name="Train")).to_be_visible()
    drinks = {"tea", "coffee", "water", "juice", "wine"}
    nearest = set(moving.locator(".rv-near").first.locator("span").all_text_contents()[:3])
    assert nearest <= drinks
    assert moving.locator("canvas").evaluate("c => c.toDataURL()") != before
    back = moving.get_by_label("Look back through the training")
    back.evaluate("e => { e.value = '0'; e.dispatchEvent(new Event('input', { bubbles: true })); }")
    expect(moving.locator(".rv-transport .rv-where")).to_have_text("after 0 updates")
    assert not set(moving.locator(".rv-near").first.locator("span").all_text_contents()[:5]) <= drinks
    moving.get_by_role("button", name="Latest").click()
    assert set(moving.locator(".rv-near").first.locator("span").all_text_contents()[:3]) == nearest
    moving.get_by_role("button", name="Reset").click()
    expect(status).to_have_text("0 updates")


def test_labels_make_room_and_zooming_shows_more(page: Page, open_maps: Any) -> None:
    _, still = open_maps(page)
    board = still.locator(".rv-word-map")
    few = int(board.get_attribute("data-labels") or 0)
    assert 15 < few < 160
    still.get_by_role("button", name="Nearer").click()
    still.get_by_role("button", name="Nearer").click()
    page.wait_for_timeout(200)
    assert int(board.get_attribute("data-labels") or 0) > 5
    still.get_by_role("button", name="All words").click()
    # Labels keep the side they have, so one or two may find another place than before.
    page.wait_for_function(
        "few => Math.abs(document.querySelectorAll('.rv-word-map')[1].dataset.labels - few) <= 5", arg=few
    )


def test_all_words_are_listed_for_those_who_see_no_map(page: Page, open_maps: Any) -> None:
    _, still = open_maps(page)
    still.get_by_text("All words as a list").click()
    rows = still.locator(".rv-word-table tbody tr")
    # The list is built when it opens, which the browser tells a little after the click.
    expect(rows.nth(150)).to_be_attached()
    tea = rows.filter(has=page.get_by_role("rowheader", name="tea", exact=True))
    assert "water" in (tea.locator("td").text_content() or "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_maps: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    moving, still = open_maps(page)
    still.get_by_text("All words as a list").click()
    for place, widget in enumerate((moving, still)):
        widget.evaluate("(e, k) => { e.id = `map-${k}`; }", place)
        assert find_barriers(page, f"#map-{place}") == []


@pytest.mark.parametrize("width", [320, 3840])
def test_no_map_is_wider_than_its_page(new_page: Callable[..., Page], open_maps: Any, width: int) -> None:
    page = new_page(width=width, height=800)
    for widget in open_maps(page):
        assert widget.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_a_reader_takes_picture_numbers_and_code_away(page: Page, open_maps: Any, tmp_path: Path) -> None:
    _, widget = open_maps(page)
    summary = widget.locator(".rv-save summary")

    def save(choice: str) -> Path:
        summary.click()
        with page.expect_download() as download:
            widget.get_by_role("button", name=choice).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    assert save("Picture (PNG)").read_bytes().startswith(b"\x89PNG")
    head, *lines = save("Numbers (CSV)").read_text().splitlines()
    assert head.startswith("word,x,y,v0,")
    assert len(lines) > 150
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary.click()
    widget.get_by_role("button", name="Copy the code").click()
    expect(widget.locator(".rv-save")).not_to_have_attribute("open", "")
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert "rw.EmbeddingMap(learning" in code
