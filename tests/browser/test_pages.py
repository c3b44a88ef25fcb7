"""The pages around the lessons: gallery and frame of a dashboard, on a laptop and a phone, light and dark."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SIZES = [(1280, 800), (390, 844)]
SCHEMES = ["light", "dark"]


def lightness(page: Page, selector: str, part: str) -> float:
    """How light a colour on the page is, from 0 to 1."""
    colour = page.locator(selector).first.evaluate("(e, part) => getComputedStyle(e)[part]", part)
    red, green, blue = (int(value) for value in re.findall(r"\d+", colour)[:3])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_gallery(
    new_page: Callable[..., Page],
    find_barriers: Callable[..., list[str]],
    small_dashboards: Any,
    width: int,
    height: int,
    scheme: str,
) -> None:
    page = new_page(width, height, scheme)
    page.goto(small_dashboards.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Memory & what <it> costs")).to_be_visible()
    expect(page.get_by_role("main")).to_have_count(1)
    assert not is_wider_than_the_window(page)
    assert (lightness(page, "body", "backgroundColor") > 0.5) == (scheme == "light")
    assert (lightness(page, "h1", "color") > 0.5) == (scheme == "dark")
    assert find_barriers(page) == []

    cards = page.locator(".card")
    first, second = cards.nth(0).bounding_box(), cards.nth(1).bounding_box()
    assert first
    assert second
    if width > 800:
        assert [first[k] for k in ("y", "width", "height")] == pytest.approx(
            [second[k] for k in ("y", "width", "height")], abs=1
        )
    else:
        assert first["x"] == second["x"]
        assert second["y"] > first["y"] + first["height"]


def test_a_card_opens_its_lesson(page: Page, small_dashboards: Any) -> None:
    page.goto(small_dashboards.url)
    page.locator(".card").nth(1).click(position={"x": 20, "y": 20})
    expect(page).to_have_title("What comes next · rnnviz")
    page.wait_for_selector("body[data-lesson='ready']")
    page.get_by_role("link", name="rnnviz, all lessons").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("See inside recurrent neural networks")


def test_the_theme_is_the_readers_choice_and_stays(
    new_page: Callable[..., Page], open_lesson: Callable[..., None], small_dashboards: Any
) -> None:
    page = new_page(scheme="light")
    page.goto(small_dashboards.url)
    switch = page.get_by_role("button", name="Dark page")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert lightness(page, "body", "backgroundColor") < 0.5
    open_lesson(page, small_dashboards, "02-next")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    assert lightness(page, "body", "backgroundColor") < 0.5
    assert lightness(page, "h1", "color") > 0.5
    # Without a choice the page follows the system, also while it is open.
    page = new_page(scheme="light")
    page.goto(small_dashboards.url)
    page.emulate_media(color_scheme="dark")
    assert lightness(page, "body", "backgroundColor") < 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_lesson(
    new_page: Callable[..., Page],
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    small_dashboards: Any,
    width: int,
    height: int,
    scheme: str,
) -> None:
    page = new_page(width, height, scheme)
    open_lesson(page, small_dashboards, "01-memory")
    main = page.get_by_role("main")
    expect(main).to_have_count(1)
    expect(main.get_by_text("threads 1")).to_be_visible()
    # Formulas are set, by the browser itself.
    expect(main.locator("math")).to_have_count(2)
    assert "$" not in main.inner_text()
    # A widget reaches its kernel and comes back.
    main.locator(".count").click()
    expect(main.locator(".count")).to_have_text("count 1 of 2")
    assert not is_wider_than_the_window(page)
    # The page scrolls as a whole, below a bar that stays.
    page.mouse.wheel(0, 10_000)
    page.wait_for_function(
        "window.scrollY > 0 || document.documentElement.scrollHeight <= window.innerHeight"
    )
    bar = page.locator(".page-bar").bounding_box()
    assert bar
    assert bar["y"] == 0
    assert find_barriers(page) == []


def test_the_text_is_there_before_the_kernel_has_run(page: Page, small_dashboards: Any) -> None:
    page.goto(small_dashboards.url + "voila/render/01-memory.ipynb", wait_until="commit")
    expect(page.locator(".page-bar")).to_be_visible()
    expect(page.get_by_text("Starting Python")).to_be_visible()
    expect(page.get_by_role("heading", name="Memory")).to_be_visible()
    page.wait_for_selector("body[data-lesson='ready']")
    expect(page.get_by_text("Starting Python")).to_have_count(0)


def test_leaving_a_page_ends_its_kernel(
    page: Page, open_lesson: Callable[..., None], small_dashboards: Any
) -> None:
    import psutil

    def kernels() -> set[int]:
        children = psutil.Process(small_dashboards.process.pid).children()
        return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}

    before = kernels()
    open_lesson(page, small_dashboards, "02-next")
    opened = kernels() - before
    assert len(opened) == 1
    page.goto(small_dashboards.url)
    for _ in range(600):
        if not opened & kernels():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the kernel of a page that was left is still there after a minute")


def test_an_unknown_address(page: Page, watch: Any, small_dashboards: Any) -> None:
    page.goto(small_dashboards.url + "nope")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Here are all of them.").click()
    expect(page.locator(".card")).to_have_count(2)
    # The browser reports the answer 404 itself.
    watch.problems = [problem for problem in watch.problems if "404 (Not Found)" not in problem]


def test_only_code_that_teaches_is_there_to_be_unfolded(
    page: Page, small_dashboards: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, small_dashboards, "01-memory")
    summary = page.locator(".page-code summary")
    expect(summary).to_have_count(1)
    code = page.locator(".page-code .highlight")
    expect(code).to_be_hidden()
    summary.click()
    expect(code).to_contain_text("for n in range(3)")
    assert "class Count" not in page.locator("main").inner_text()


def test_what_tells_how_a_prediction_came_out_waits_for_the_prediction(
    page: Page,
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    serve_cells: Callable[..., Any],
) -> None:
    cells = [
        "# Veils",
        ("import rnnviz_widgets as rw",),
        ("rw.ask('02', 'count-weights')",),
        ("print('Forty-five.')", "after=count-weights"),
        ("print('And as many for a thousand steps.')", "after=count-weights"),
        "Always there.",
        ("rw.ask('02', 'echo')",),
        ("print('It fades.')", "after=echo"),
    ]
    server = serve_cells("02-veils", cells, title="Veils")
    open_lesson(page, server, "02-veils")
    told = [page.get_by_text(text) for text in ("Forty-five.", "And as many", "It fades.")]
    for text in told:
        expect(text).to_be_hidden()
    expect(page.get_by_text("Always there.")).to_be_visible()
    veils = page.locator(".page-veil:visible")
    expect(veils).to_have_count(2)
    assert find_barriers(page) == []

    question = page.locator(".rnnviz-predict").first
    question.get_by_role("spinbutton").fill("4500")
    question.get_by_role("button", name="Commit to this prediction").click()
    for text, seen in zip(told, (True, True, False), strict=True):
        expect(text).to_be_visible(visible=seen)
    # What was predicted once stays open, also for who comes back; who predicts again is told nothing meanwhile.
    page.reload()
    expect(told[0]).to_be_visible()
    expect(told[2]).to_be_hidden()
    question.get_by_role("button", name="Predict again").click()
    expect(told[0]).to_be_hidden()
    # Who teaches, or reads again, need not predict.
    veils.last.get_by_role("button", name="Show it all the same").press("Enter")
    expect(told[2]).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.after") == "echo"


def test_what_scrolls_sideways_is_a_stop_for_the_keyboard_also_where_it_comes_late(
    new_page: Callable[..., Page], open_lesson: Callable[..., None], serve_cells: Callable[..., Any]
) -> None:
    cells = [
        "# Wide",
        ("print('short')",),
        ("print('long ' * 80)",),
        ("import rnnviz_widgets as rw; rw.Folded('Folded', 'far ' * 80)",),
    ]
    server = serve_cells("02-wide", cells, title="Wide")
    page = new_page(390, 800)
    open_lesson(page, server, "02-wide")
    stop = re.compile("^0$")
    expect(page.locator("pre", has_text="long long")).to_have_attribute("tabindex", stop)
    expect(page.locator("pre", has_text="short")).not_to_have_attribute("tabindex", stop)
    expect(page.locator("pre", has_text="far far")).not_to_have_attribute("tabindex", stop)
    page.get_by_text("Folded").click()
    expect(page.locator("pre", has_text="far far")).to_have_attribute("tabindex", stop)


QUESTIONS = [
    "# Progress\n\nBegin.",
    ("import rnnviz_widgets as rw",),
    ("rw.ask('02', 'memory-place')",),
    "## Later\n\n" + "A line.\n\n" * 60,
    ("rw.ask('02', 'shared-weights')",),
    "## Last\n\n" + "A line.\n\n" * 60,
    ("rw.ask('02', 'count-weights')", "lab-only"),
]


def test_a_student_resumes_where_they_left_off_and_takes_it_along(
    new_page: Callable[..., Page],
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
    serve_cells: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = serve_cells("02-progress", QUESTIONS, title="Progress")
    page = new_page()
    page.goto(server.url)
    expect(page.locator(".card-progress, .gallery-go-on")).to_have_count(0)
    open_lesson(page, server, "02-progress")
    quiz = page.locator(".rnnviz-quiz").first
    quiz.get_by_text("In the state that comes back").click()
    quiz.get_by_role("button", name="Commit to this answer").click()
    page.get_by_role("heading", name="Last").scroll_into_view_if_needed()
    page.mouse.wheel(0, 900)
    page.wait_for_function("(localStorage.getItem('rnnviz/place/02-progress') ?? '').includes('Last')")

    page.goto(server.url)
    # The question in JupyterLab's own cell does not count here.
    expect(page.locator(".card-progress")).to_have_text("1 of 2 questions answered")
    assert find_barriers(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Save progress").click()
    file = tmp_path / "rnnviz-progress.json"
    download.value.save_as(file)

    # Another browser knows nothing, until it is given the file.
    other = new_page()
    other.goto(server.url)
    expect(other.locator(".card-progress")).to_have_count(0)
    chooser = other.locator(".gallery-progress input")
    nonsense = tmp_path / "shopping.json"
    nonsense.write_text('{"entries": {"milk": 2, "rnnviz/progress/quiz/02/x": 7}}')
    chooser.set_input_files(nonsense)
    expect(other.get_by_text("shopping.json holds no progress of this course")).to_be_visible()
    chooser.set_input_files(file)
    expect(other.locator(".card-progress")).to_have_text("1 of 2 questions answered")
    assert other.evaluate("Object.keys(localStorage).filter((key) => !key.startsWith('rnnviz'))") == []
    other.get_by_role("link", name="Go on where you left off: Progress, “Last”").click()
    expect(other.get_by_role("heading", name="Last")).to_be_in_viewport()
    # Opened from elsewhere the lesson begins at its start, and offers the place.
    open_lesson(other, server, "02-progress")
    assert other.evaluate("scrollY") == 0
    other.get_by_role("link", name="Go on at “Last”").click()
    expect(other.get_by_role("heading", name="Last")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 3840])
def test_the_gallery_fits_the_smallest_and_the_largest_screen_and_names_what_it_left_out(
    new_page: Callable[..., Page],
    find_barriers: Callable[..., list[str]],
    start_rnnviz: Callable[..., Any],
    small_lessons: Path,
    tmp_path: Path,
    width: int,
) -> None:
    folder = tmp_path / "lessons"
    shutil.copytree(small_lessons, folder)
    (folder / "01a-torn.ipynb").write_text('{"cells": [')
    page = new_page(width, 900)
    page.goto(start_rnnviz("--lessons", str(folder)).url)
    left_out = page.get_by_role("region", name="Left out")
    expect(left_out).to_contain_text("01a-torn.ipynb: it does not hold JSON")
    assert page.locator(".card").count() == 2
    assert not is_wider_than_the_window(page)
    assert find_barriers(page) == []
