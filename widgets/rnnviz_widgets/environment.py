"""Is everything there that the lessons need? A table that says so, or what to do."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import time
from pathlib import Path

import torch
import traitlets

from rnnviz_widgets.base import STATIC, Widget

GOOD, NOTE, BAD = "good", "note", "bad"
# What is imported where, and the least version each lesson was written for.
NEEDED = {
    "torch": ((2, 13), "every lesson"),
    "numpy": ((2, 0), "every lesson"),
    "anywidget": ((0, 11), "every widget"),
    "plotly": ((7, 1), "curves to zoom"),
    "scikit-learn": ((1, 6), "digits"),
    "statsmodels": ((0, 14), "sunspots and CO₂"),
    "pandas": ((2, 2), "tables"),
    "clevercsv": ((0, 8), "files of your own"),
}
SLOW_SECONDS = 1.5
"""Longer than three times what an ordinary laptop takes for the small training run."""


class Environment(Widget):
    """Looks at this machine and this installation, and says of each thing whether it will do, and else what to do.

    Checked are Python, the packages, threads, how fast a small network trains, where public data lie, and, in the
    page, whether the browser can draw and whether it keeps answers.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.Environment()
    Environment(missing=[])
    """

    _esm = STATIC / "environment.js"

    findings: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    """Each with ``what``, ``found``, ``state`` (good, note or bad) and ``advice``."""

    def __init__(self, **unknown: object) -> None:
        self._refuse_unknown(unknown)
        packages = [_look_at_package(name, *wanted) for name, wanted in NEEDED.items()]
        super().__init__(
            findings=[_look_at_python(), *packages, _look_at_threads(), _look_at_speed(), _look_at_data()]
        )

    def facts(self) -> dict[str, object]:
        """Name what is missing; versions and times differ from machine to machine."""
        return {"missing": [finding["what"] for finding in self.findings if finding["state"] == BAD]}


def _finding(what: str, found: str, state: str = GOOD, advice: str = "") -> dict[str, str]:
    return {"what": what, "found": found, "state": state, "advice": advice}


def _look_at_python() -> dict[str, str]:
    # An older Python cannot import this module, so there is nothing to compare.
    return _finding("Python", f"{platform.python_version()} on {platform.system()}")


def _look_at_package(name: str, least: tuple[int, ...], use: str) -> dict[str, str]:
    wanted = ".".join(map(str, least))
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return _finding(name, "not installed", BAD, f'For {use}. Run: pip install "rnnviz[course]"')
    if _as_numbers(version)[: len(least)] < least:
        return _finding(
            name, version, BAD, f'{wanted} or newer is needed. Run: pip install -U "{name}>={wanted}"'
        )
    return _finding(name, version)


def _as_numbers(version: str) -> tuple[int, ...]:
    """Read the leading numbers of a version: (2, 13) for 2.13.0rc1+cpu."""
    numbers: list[int] = []
    for part in version.split("+")[0].split("."):
        leading = re.match(r"\d+", part)
        if leading is None:
            break
        numbers.append(int(leading[0]))
    return tuple(numbers)


def _look_at_threads() -> dict[str, str]:
    used, there = torch.get_num_threads(), os.cpu_count() or 1
    found = f"{used} of {there} cores"
    if used > 1:
        return _finding(
            "torch’s threads",
            found,
            NOTE,
            "Small networks train faster on one, above all where other programs run: torch.set_num_threads(1)",
        )
    return _finding("torch’s threads", found)


def _look_at_speed() -> dict[str, str]:
    """Train a small recurrent network for a moment, forward and backward, as the lessons do all the time."""
    layer = torch.nn.GRU(1, 32)
    inputs = torch.zeros(20, 32, 1)
    start = time.perf_counter()
    for _ in range(50):
        layer(inputs)[0].sum().backward()
    seconds = time.perf_counter() - start
    found = f"{50 / seconds:,.0f} small steps a second"
    if seconds > SLOW_SECONDS:
        return _finding(
            "speed", found, NOTE, "Slow, or busy with something else. Lessons work and take longer."
        )
    return _finding("speed", found)


def _look_at_data() -> dict[str, str]:
    folder = os.environ.get("RNNVIZ_DATA", "").strip()
    if not folder:
        return _finding(
            "public data",
            "not set",
            NOTE,
            "Not needed: every lesson has data of its own. With MNIST and others in a folder, set RNNVIZ_DATA to it.",
        )
    if not Path(folder).expanduser().is_dir():
        return _finding("public data", folder, BAD, "RNNVIZ_DATA names no folder. Correct it, or unset it.")
    return _finding("public data", folder)
