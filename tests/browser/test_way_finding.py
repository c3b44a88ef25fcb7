"""Finding one's way: contents, search, paths, links to sections, and Back; in dashboards and on saved pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from rnnviz.app.lessons import find_lessons

LINES = "A line.\n\n" * 50
CELLS: list[str | tuple[str, ...]] = [
    "# First of all\n\nA word on [leakage](glossary.ipynb#leakage).",
    ("import rnnviz_widgets as rw",),
    "## Where is it kept?\n\n" + LINES,
    ("rw.ask('02', 'memory-place')",),
    "## A zebra crossing\n\n" + LINES + "### Within\n\n" + LINES,
    "## Is it any good?\n\n" + LINES,
]
SITTINGS = [{"minutes": 20}, {"minutes": 15, "begins": "Is it any good?"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_lesson: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("way") / "lessons"
    folder.mkdir()
    write_lesson(folder, "02-first", CELLS, title="First", minutes=35, short_path=True, sittings=SITTINGS)
    second = ["# Second\n\n## A quagga\n\nAn animal."]
    write_lesson(folder, "03-second", second, title="Second", minutes=10, exercise_minutes=5)
    write_lesson(folder, "04-third", ["# Third\n\n## Last"], title="Third", minutes=90, short_path=True)
    shutil.copy(find_lessons() / "glossary.ipynb", folder)
    return folder


@pytest.fixture(scope="module")
def way(folder: Path, start_rnnviz: Callable[..., Any]) -> Any:
    return start_rnnviz("--lessons", str(folder))


@pytest.fixture(scope="module")
def site(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same lessons, saved; the address of the folder."""
    target = tmp_path_factory.mktemp("site")
    # A process of its own: Playwright's loop runs in this one.
    command = "import sys; from rnnviz.app import main; sys.exit(main())"
    subprocess.run(
        [sys.executable, "-c", command, "--lessons", str(folder), "export", "--to", str(target)],
        env=os.environ | {"JUPYTER_DATA_DIR": str(tmp_path_factory.mktemp("data"))},
        check=True,
    )
    return target.as_uri() + "/"


def contents(page: Page) -> Locator:
    return page.get_by_role("navigation", name="On this page")


def current(page: Page) -> Locator:
    return contents(page).locator("[aria-current='location']")


def go(page: Page, heading: str) -> None:
    """Scroll until a heading is near the top of the window, as a reader does."""
    place = page.get_by_role("heading", name=heading)
    place.evaluate(
        "heading => scrollBy({top: heading.getBoundingClientRect().top - 120, behavior: 'instant'})"
    )


def test_the_contents_follow_the_reading_and_say_how_far_it_is(
    page: Page, way: Any, open_lesson: Callable[..., None], find_barriers: Callable[..., list[str]]
) -> None:
    open_lesson(page, way, "02-first")
    expect(contents(page)).to_be_visible()
    expect(page.get_by_role("button", name="Contents")).to_be_hidden()
    expect(current(page)).to_have_count(0)
    go(page, "A zebra crossing")
    expect(current(page)).to_have_text("A zebra crossing")
    # The address is that of the section, and holds no question mark.
    page.wait_for_function("location.hash === '#A-zebra-crossing'")
    go(page, "Within")
    expect(current(page)).to_have_text("Within")
    # The text is not covered by what stands beside it.
    side, text = page.locator(".page-side").bounding_box(), page.locator("main p").first.bounding_box()
    assert side
    assert text
    assert side["x"] + side["width"] <= text["x"]
    assert find_barriers(page) == []

    page.keyboard.press("End")
    expect(current(page)).to_have_text("Is it any good?")
    expect(contents(page).get_by_role("link", name="Is it any good? (read)")).to_be_visible()
    # What was only passed was not read.
    expect(contents(page).get_by_role("link", name="Where is it kept?", exact=True)).to_be_visible()
    quiz = page.locator(".rnnviz-quiz")
    quiz.get_by_text("In the state that comes back").click()
    quiz.get_by_role("button", name="Commit to this answer").click()
    expect(contents(page).get_by_role("link", name="Where is it kept? (all answered)")).to_be_visible()


def test_the_bottom_of_the_page_is_its_last_section(
    page: Page, way: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, way, "04-third")
    page.set_viewport_size({"width": 1280, "height": 300})
    page.keyboard.press("End")
    expect(current(page)).to_have_text("Last")


def test_a_lesson_in_two_sittings_says_where_to_stop(
    page: Page, way: Any, open_lesson: Callable[..., None]
) -> None:
    page.goto(way.url)
    expect(page.locator(".card").first).to_contain_text("In 2 sittings: 20 and 15 minutes")
    open_lesson(page, way, "02-first")
    expect(contents(page)).to_contain_text("A place to stop. Then 15 min")
    stop = page.get_by_text("A good place to stop for today")
    assert stop.evaluate("stop => stop.nextElementSibling.id") == "Is-it-any-good"
    expect(stop).to_contain_text("The rest takes 15 minutes")


def test_on_a_phone_the_contents_are_a_drawer(
    new_page: Callable[..., Page],
    way: Any,
    open_lesson: Callable[..., None],
    find_barriers: Callable[..., list[str]],
) -> None:
    page = new_page(390, 844, "dark")
    open_lesson(page, way, "02-first")
    expect(contents(page)).to_be_hidden()
    opener = page.get_by_role("button", name="Contents", exact=True)
    opener.click()
    drawer = page.get_by_role("dialog", name="Contents")
    expect(contents(page)).to_be_visible()
    expect(drawer.get_by_role("navigation", name="All lessons").get_by_role("link")).to_have_text(
        ["All lessons", "2 First", "3 Second", "4 Third", "Glossary"]
    )
    assert find_barriers(page) == []
    page.keyboard.press("Escape")
    expect(contents(page)).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    drawer.get_by_role("link", name="A zebra crossing").click()
    expect(drawer).to_be_hidden()
    expect(page.get_by_role("heading", name="A zebra crossing")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_lessons_and_glossary_are_one_link_away_from_every_page(
    page: Page, way: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, way, "02-first")
    course = page.get_by_role("navigation", name="All lessons")
    course.get_by_role("link", name="Glossary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Glossary")
    course.get_by_role("link", name="3 Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(course.locator("[aria-current='page']")).to_have_text("3 Second")
    page.get_by_role("link", name="Next lesson: Third").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Third")
    page.get_by_role("link", name="rnnviz, all lessons").click()
    expect(page.get_by_role("link", name="Glossary")).to_be_visible()


def search(page: Page, query: str) -> Locator:
    """Search for something with the keyboard; returns what was found."""
    page.keyboard.press("/")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill(query)
    return page.get_by_role("dialog", name="Search").get_by_role("link")


@pytest.mark.parametrize("place", ["dashboard", "saved"])
def test_search_finds_a_section_of_another_lesson_and_a_word(
    page: Page,
    watch: Any,
    find_barriers: Callable[..., list[str]],
    request: pytest.FixtureRequest,
    place: str,
) -> None:
    if place == "dashboard":
        page.goto(request.getfixturevalue("way").url + "voila/render/glossary.ipynb")
    else:
        page.goto(request.getfixturevalue("site") + "glossary.html")
    found = search(page, "quagga")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Lesson 3 · Second")
    if place == "dashboard":
        assert find_barriers(page) == []
    found = search(page, "Leakag")
    expect(found.first.locator("strong")).to_have_text("leakage")
    expect(found.first).to_contain_text("Glossary")
    # One wrong letter is forgiven, and accents and case do not count.
    found = search(page, "ZÉBRA")
    expect(found.first.locator("strong")).to_have_text("A zebra crossing")
    found = search(page, "crosssing")
    expect(found.first.locator("strong")).to_have_text("A zebra crossing")
    found = search(page, "<xyzzy>")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Nothing in the course says")
    expect(found).to_have_count(0)
    found = search(page, "quagga")
    page.keyboard.press("ArrowDown")
    expect(found.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A quagga")).to_be_in_viewport()
    assert page.evaluate("location.hash") == "#A-quagga"
    watch.problems = [problem for problem in watch.problems if "another host: file:" not in problem]


def test_back_returns_to_where_one_was(
    page: Page, way: Any, open_lesson: Callable[..., None], at_rest: Callable[..., Any]
) -> None:
    open_lesson(page, way, "02-first")

    def height() -> float:
        """How far down the window the heading is, once the page rests."""
        box = at_rest(page, page.get_by_role("heading", name="Within").bounding_box)
        return float(box["y"])

    go(page, "Within")
    page.mouse.wheel(0, 333)
    page.wait_for_function("location.hash === '#Within'")
    place = height()
    # Within the page …
    contents(page).get_by_role("link", name="Where is it kept?").click()
    expect(page.get_by_role("heading", name="Where is it kept?")).to_be_in_viewport()
    page.go_back()
    page.wait_for_function("location.hash === '#Within'")
    assert height() == pytest.approx(place, abs=2)
    # … from another page, and after a reload.
    page.get_by_role("navigation", name="All lessons").get_by_role("link", name="Glossary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Glossary")
    for again in (page.go_back, page.reload):
        again()
        page.wait_for_selector("body[data-lesson='ready']")
        assert height() == pytest.approx(place, abs=2)


def test_a_link_to_a_section_opens_it(page: Page, way: Any) -> None:
    page.goto(f"{way.url}voila/render/02-first.ipynb#Is-it-any-good")
    heading = page.get_by_role("heading", name="Is it any good?")
    expect(heading).to_be_in_viewport()
    page.wait_for_selector("body[data-lesson='ready']")
    box = heading.bounding_box()
    assert box
    # Below the bar, not under it.
    assert 56 <= box["y"] < 140
    heading.hover()
    link = heading.locator(".anchor-link")
    expect(link).to_have_css("opacity", "1")
    assert link.get_attribute("href") == "#Is-it-any-good"


def test_the_two_ways_through_the_course(
    page: Page, way: Any, open_lesson: Callable[..., None], find_barriers: Callable[..., list[str]]
) -> None:
    page.goto(way.url)
    short, full = (page.get_by_role("button", name=name) for name in ("The short path", "The full path"))
    expect(short).to_contain_text("Lessons 2 → 4")
    expect(short).to_contain_text("2 h 5 min")
    expect(full).to_contain_text("2 h 15 min, and 5 minutes for the exercises")
    expect(full).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".card-short")).to_have_count(2)
    short.click()
    expect(page.locator(".card:visible h2")).to_have_text(["First", "Third"])
    assert find_barriers(page) == []
    page.reload()
    expect(page.locator(".card:visible")).to_have_count(2)
    full.click()
    expect(page.locator(".card:visible")).to_have_count(3)
    open_lesson(page, way, "02-first")
    page.get_by_role("link", name="Next on the short path Third").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Third")


def test_at_small_heights_the_bar_leaves_and_focus_is_never_under_it(
    new_page: Callable[..., Page], way: Any, open_lesson: Callable[..., None]
) -> None:
    page = new_page(1280, 800)
    open_lesson(page, way, "02-first")
    go(page, "Is it any good?")
    # Backwards through everything that takes the focus: nothing of it lies under the bar.
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        seen = page.evaluate(
            """() => {
              const [focused, bar] = [document.activeElement, document.querySelector('.page-bar')];
              const [top, edge] = [focused.getBoundingClientRect().top, bar.getBoundingClientRect().bottom];
              return {top, bar: edge, inside: bar.contains(focused)};
            }"""
        )
        assert seen["inside"] or seen["top"] >= seen["bar"] - 1 or seen["top"] == 0
    page.set_viewport_size({"width": 320, "height": 256})
    page.mouse.wheel(0, 2000)
    page.wait_for_function("document.querySelector('.page-bar').getBoundingClientRect().bottom <= 0")
