"""The map of the course: every lesson there is, with its picture, and a link to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import traitlets

import rnnviz
from rnnviz_widgets.base import STATIC, Widget

PACKAGE = Path(rnnviz.__file__).parent
#: Where pictures lie that a student's copy of the lessons does not have: installed with the package, or a checkout's.
HOMES = (PACKAGE / "_lessons", PACKAGE.parent / "lessons")


class LessonMap(Widget):
    """The lessons of a folder as cards: number, title, minutes, what each is about, and its picture.

    Links open a lesson where the reader is: in JupyterLab as a notebook, in a dashboard as a dashboard.

    Parameters
    ----------
    folder : str or path, optional
        Where the notebooks lie; by default the folder that the kernel works in, which is the notebook's own.
    here : str, optional
        Number of the lesson that the reader is in, two digits; its card is marked and is no link.

    Raises
    ------
    FileNotFoundError
        If there is no lesson in the folder.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lesson = {"metadata": {"rnnviz": {"title": "Memory", "minutes": 25}}, "cells": []}
    ...     _ = pathlib.Path(folder, "01-memory.ipynb").write_text(json.dumps(lesson))
    ...     lessons = LessonMap(folder).lessons
    >>> lessons[0]["title"], lessons[0]["minutes"]
    ('Memory', 25)
    """

    _esm = STATIC / "lesson_map.js"

    lessons: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    here = traitlets.Unicode("").tag(sync=True)

    def __init__(self, folder: str | Path | None = None, *, here: str = "", **unknown: object) -> None:
        self._refuse_unknown(unknown)
        self._folder = Path(folder) if folder is not None else Path.cwd()
        found = [_read_card(path) for path in sorted(self._folder.glob("[0-9][0-9]-*.ipynb"))]
        lessons = [
            card | {"pictured": self._find_picture(card["name"], ".png") is not None}
            for card in found
            if card is not None
        ]
        if not lessons:
            raise FileNotFoundError(
                f"There is no lesson in {self._folder}. Run this in the folder with the lessons, or say where "
                'they are: LessonMap("path/to/lessons").'
            )
        super().__init__(lessons=lessons, here=here)
        self.on_msg(self._answer)

    def _answer(self, _: object, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Hand over the pictures for a light or a dark page, to a page that cannot fetch them from a server."""
        if content.get("kind") != "pictures":
            return
        ending = ".dark.png" if content.get("dark") else ".png"
        found = {lesson["name"]: self._find_picture(lesson["name"], ending) for lesson in self.lessons}
        there = {name: picture for name, picture in found.items() if picture is not None}
        self.send(
            {"kind": "pictures", "names": list(there)}, [picture.read_bytes() for picture in there.values()]
        )

    def _find_picture(self, name: str, ending: str) -> Path | None:
        for folder in (self._folder, *HOMES):
            for file in (f"{name}{ending}", f"{name}.png"):
                if (picture := folder / "pictures" / file).is_file():
                    return picture
        return None

    def facts(self) -> dict[str, object]:
        """Nothing but where the reader is: how many lessons there are changes more often than what they say."""
        return {"here": self.here}


def _read_card(path: Path) -> dict[str, Any] | None:
    """Read what a card says; None for a file that is no notebook, which must not bar the others."""
    try:
        about = json.loads(path.read_text(encoding="utf-8")).get("metadata", {}).get("rnnviz", {})
        title, summary, minutes = about.get("title"), about.get("summary"), about.get("minutes")
    except (OSError, ValueError, AttributeError):
        return None
    return {
        "name": path.stem,
        "number": path.stem[:2],
        "title": str(title or path.stem),
        "summary": str(summary or ""),
        "minutes": minutes if isinstance(minutes, int) else None,
    }
