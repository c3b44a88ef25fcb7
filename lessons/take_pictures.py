"""Take the gallery's pictures and the README's from the running lessons.

    python lessons/take_pictures.py          all of them
    python lessons/take_pictures.py 02       the gallery's pictures of this lesson only

A gallery picture is a widget of the lesson alone on a small page, light and dark, as it is after a few presses; the
README's show the pages as they are. Needs Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

LESSONS = Path(__file__).parent
LARGEST_BYTES = 60_000
WIDTH, HEIGHT = 560, 315
# The widget fills the page; what it is worked with is left out.
ALONE = """
body { visibility: hidden; }
%(widget)s { visibility: visible; }
%(widget)s {
  position: fixed !important; inset: 0; z-index: 99; overflow: hidden;
  background: var(--page-raised);
  display: flex; flex-direction: column; justify-content: center;
  height: auto !important; margin: 0 !important; padding: 20px !important;
  border: 0 !important; border-radius: 0 !important;
}
%(widget)s :is(h3, h4, label, details, button, select, input, .rv-transport, .rv-caption, .rv-note, .rv-spoken) {
  display: none !important;
}
"""


@dataclass(frozen=True)
class Picture:
    """Which widget of a lesson, or part of it, to show, after which choice and presses, and how long to let it run.

    A part keeps the width that it had in its widget; where it is to fill the picture, the rest is left out instead.
    """

    widget: str
    part: str = ""
    without: str = ""
    choose: str = ""
    press: tuple[str, ...] = ()
    seconds: float = 0.5
    scale: float = 1.7


PICTURES = {
    "00": Picture(".rnnviz-digit-reader", part=".rv-reader-seen", seconds=2),
    "01": Picture(".rnnviz-response-explorer", part=".rv-response:last-child", press=("Rings",)),
    "02": Picture(".rnnviz-unrolled-graph:has-text('four instances')", press=("Step forward",)),
    "03": Picture(
        ".rnnviz-unrolled-graph:has-text('vector → sequence')",
        part=".rv-board",
        press=("Last step",),
        scale=1.2,
    ),
    "04": Picture(
        ".rnnviz-weight-gradient",
        without=".rv-part-sum, .rv-part-cut, .rv-head",
        press=("First step",),
        scale=1.4,
    ),
    "05": Picture(".rnnviz-live-forecast", part=".rv-series", press=("Start", "Pause"), seconds=6, scale=1.3),
    "06": Picture(
        ".rnnviz-predict:has-text('Two balls')",
        part=".rv-cliff-relief",
        choose="One step at the wall",
        press=("Commit", "Last step"),
        scale=1.4,
    ),
    "08": Picture(
        ".rnnviz-bearing-watch",
        part=".rv-watch-surprise",
        press=("Threshold from a sound part", "Show the defect"),
        scale=1.4,
    ),
    "07": Picture(
        ".rnnviz-cell-anatomy",
        without=".rv-stages, .rv-equation",
        scale=1.4,
    ),
    "09": Picture(".rnnviz-reservoir-playground", part=".rv-reservoir > .rv-wide", scale=1.4),
    "10": Picture(
        ".rnnviz-embedding-map", part=".rv-word-frame", press=("Train", "Pause"), seconds=6, scale=1.4
    ),
    "11": Picture(".rnnviz-translator", part=".rv-attention", press=("Last step",), seconds=1, scale=1.4),
}


@dataclass(frozen=True)
class Scene:
    """A part of a page for the README: which widget of which lesson, after which presses."""

    lesson: str
    widget: str
    press: tuple[str, ...] = ()
    seconds: float = 0.5
    nth: int = -1


README = {
    "unrolled-graph": Scene("02", ".rnnviz-unrolled-graph", ("Step forward", "Show the arithmetic")),
    "gate-heatmap": Scene("05", ".rnnviz-gate-heatmap"),
    "live-forecast": Scene("05", ".rnnviz-live-forecast", ("Start",), seconds=15),
}


def take_scenes(browser: Browser, url: str) -> None:
    """Save the README's pictures beside the gallery's."""
    folder = LESSONS / "pictures"
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "gallery.png")
    # High enough that no widget lies under the page's bar.
    page.set_viewport_size({"width": 1280, "height": 1500})
    opened = ""
    for name, scene in README.items():
        (notebook,) = LESSONS.glob(f"{scene.lesson}-*.ipynb")
        if scene.lesson != opened:
            page.goto(f"{url}voila/render/{notebook.name}")
            page.wait_for_selector("body[data-lesson='ready']", timeout=120_000)
            opened = scene.lesson
        widget = page.locator(scene.widget).nth(scene.nth)
        widget.scroll_into_view_if_needed()
        for button in scene.press:
            widget.get_by_role("button", name=button).first.click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(scene.seconds * 1000)
        widget.screenshot(path=folder / f"{name}.png")
        print(f"{name}.png")
    page.close()


def take(browser: Browser, url: str, notebook: Path, picture: Picture, scheme: str) -> Path:
    """Open a lesson, press what is to be pressed, and save what is then seen."""
    page = browser.new_page(
        viewport={"width": 1280, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=picture.scale,
    )
    page.goto(f"{url}voila/render/{notebook.name}")
    page.wait_for_selector("body[data-lesson='ready']", timeout=120_000)
    widget = page.locator(picture.widget).first
    if picture.choose:
        widget.get_by_label(picture.choose).check()
    for name in picture.press:
        widget.get_by_role("button", name=name).first.click()
        page.wait_for_timeout(picture.seconds * 1000)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    shown = widget.locator(picture.part).first if picture.part else widget
    shown.evaluate("element => element.classList.add('in-picture')")
    left_out = (
        f".in-picture :is({picture.without}) {{ display: none !important; }}" if picture.without else ""
    )
    page.add_style_tag(content=ALONE % {"widget": ".in-picture"} + left_out)
    page.wait_for_timeout(800)
    target = notebook.parent / "pictures" / f"{notebook.stem}{'.dark' if scheme == 'dark' else ''}.png"
    target.parent.mkdir(exist_ok=True)
    page.screenshot(path=target)
    page.close()
    # Flat colours: a palette holds them all, in a third of the bytes.
    with Image.open(target) as screenshot:
        screenshot.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    return target


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures of the lessons asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NN", help="how a lesson's name starts (default: all)")
    names = parser.parse_args(argv).names
    wanted = names or list(PICTURES)

    serve = "import sys; from rnnviz.app import main; sys.exit(main())"
    server = subprocess.Popen(
        [sys.executable, "-c", serve, "--no-rehearsal", "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    too_large = 0
    try:
        assert server.stdout
        url = server.stdout.readline().split()[-1]
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
            )
            for name in wanted:
                (notebook,) = LESSONS.glob(f"{name}-*.ipynb")
                for scheme in ("light", "dark"):
                    target = take(browser, url, notebook, PICTURES[name], scheme)
                    size = target.stat().st_size
                    too_large += size > LARGEST_BYTES
                    print(
                        f"{target.name}: {size / 1000:.0f} kB{' TOO LARGE' if size > LARGEST_BYTES else ''}"
                    )
            if not names:
                take_scenes(browser, url)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return bool(too_large)


if __name__ == "__main__":
    sys.exit(main())
