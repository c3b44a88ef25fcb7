"""The course's colours, as readers of all kinds of colour vision see them, in light and dark."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from coloraide import Color

STYLES = Path(__file__).parents[2] / "widgets/src"
DARK = 'body[data-jp-theme-light="false"] .rnnviz'
# What stands side by side in one picture and has to be told apart.
TOGETHER = {
    "vectors": ("input", "state", "output"),
    "gates": ("gate-input", "gate-forget", "gate-candidate", "gate-output"),
    "curves": tuple(f"curve-{number}" for number in range(1, 7)),
    "verdicts": ("good", "bad"),
    "ends of a scale": ("neg", "mid", "pos"),
}
# Families of which each means something of its own: what a vector is, which gate, a value's sign, a gradient.
FAMILIES = {
    "vectors": TOGETHER["vectors"],
    "gates": TOGETHER["gates"],
    "signs": ("neg", "pos"),
    "gradients": ("grad",),
}
# As in Machado, Oliveira & Fernandes (2009) for the first two, Brettel (1997) for the third; none missing wholly.
VISIONS = ("full", "protan", "deutan", "tritan")
# CIEDE2000: 2 is just seen side by side; a legend has to be kept in mind, so several times that.
APART = 12
# Between a vector and a sign form helps as well (outline against fill), so that eyes with two cones may rely on it a
# little; more than this is asked even of them.
APART_BY_FORM_TOO = 10


def read_colours(theme: str) -> dict[str, str]:
    """Every custom property that holds a colour, as the page of this theme has it."""
    text = "".join(path.read_text() for path in sorted(STYLES.rglob("*.css")))
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    found: dict[str, str] = {}
    for wanted in (".rnnviz", *([DARK] if theme == "dark" else [])):
        for selector, body in rules:
            if selector.strip().splitlines()[-1].strip() == wanted:
                found |= dict(re.findall(r"--rv-([\w-]+):\s*(#\w+)", body))
    return found


def see(colour: str, vision: str) -> Color:
    return Color(colour) if vision == "full" else Color(colour).filter(vision)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("which", TOGETHER)
def test_colours_that_stand_together_are_told_apart(theme: str, vision: str, which: str) -> None:
    colours = read_colours(theme)
    for one, other in itertools.combinations(TOGETHER[which], 2):
        distance = see(colours[one], vision).delta_e(see(colours[other], vision), method="2000")
        assert distance >= APART, f"{one} and {other} are {distance:.1f} apart in {theme}, seen by {vision}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_colour_means_two_things(theme: str) -> None:
    colours = read_colours(theme)
    for one, other in itertools.combinations(FAMILIES, 2):
        for mine, theirs in itertools.product(FAMILIES[one], FAMILIES[other]):
            distance = Color(colours[mine]).delta_e(Color(colours[theirs]), method="2000")
            assert distance >= APART, f"{mine} of the {one} is {distance:.1f} from {theirs} in {theme}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_a_value_is_not_taken_for_a_vector(theme: str, vision: str) -> None:
    colours = read_colours(theme)
    for sign, vector in itertools.product(FAMILIES["signs"], FAMILIES["vectors"]):
        distance = see(colours[sign], vision).delta_e(see(colours[vector], vision), method="2000")
        assert distance >= APART_BY_FORM_TOO, (
            f"{sign} is {distance:.1f} from {vector} in {theme}, by {vision}"
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_in_any_of_the_hues_can_be_read(theme: str) -> None:
    colours = read_colours(theme)
    inks = ["ink", "ink-2", "accent", "grad", *itertools.chain(*TOGETHER.values())]
    for name in inks:
        if name in {"mid", "neg", "pos"}:
            continue
        for ground in ("bg", "surface"):
            contrast = Color(colours[name]).contrast(colours[ground])
            assert contrast >= 4.5, f"{name} on {ground} has a contrast of {contrast:.2f} in {theme}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_controls_can_be_seen(theme: str) -> None:
    colours = read_colours(theme)
    for name in ("line-2", "focus"):
        assert Color(colours[name]).contrast(colours["bg"]) >= 3


def test_two_greens_would_be_caught() -> None:
    red, green = see("#c5401f", "deutan"), see("#7c7a10", "deutan")
    assert red.delta_e(green, method="2000") < APART < Color("#c5401f").delta_e("#7c7a10", method="2000")
