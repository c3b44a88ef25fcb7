"""Still pictures in the course's own colours, light and dark."""

from __future__ import annotations

import difflib
from pathlib import Path
from xml.etree import ElementTree

import traitlets

from rnnviz_widgets.base import STATIC, Widget

PICTURES = Path(__file__).parent / "pictures"
SVG = "{http://www.w3.org/2000/svg}"


class Picture(Widget):
    """A drawing of the course. Inputs are red, states green, outputs blue, as everywhere.

    Parameters
    ----------
    name : str or path
        Name of a file in ``pictures``, without its ending; or the path of an SVG file of your own. Its title and
        description are what is read out.
    caption : str
        What stands below it, unless it is what the file's ``data-caption`` says; may hold ``<b>``, ``<i>``,
        ``<sub>`` and ``<code>``.

    Raises
    ------
    KeyError
        If there is no such picture.
    FileNotFoundError, ValueError
        If there is no such file, or it holds no SVG.

    Examples
    --------
    >>> Picture("02-one-neuron")
    Picture('A neuron that hears itself')
    """

    _esm = STATIC / "picture.js"

    svg = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)

    def __init__(self, name: str | Path, *, caption: str = "", **unknown: object) -> None:
        self._refuse_unknown(unknown)
        own = str(name).endswith(".svg")
        path = Path(name) if own else PICTURES / f"{name}.svg"
        if own and not path.is_file():
            raise FileNotFoundError(
                f"There is no file {path}. Give the path of an SVG file, from the notebook's folder."
            )
        if not path.is_file():
            there = sorted(file.stem for file in PICTURES.glob("*.svg"))
            close = difflib.get_close_matches(str(name), there, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"There are {', '.join(there)}."
            raise KeyError(f"There is no picture {name!r}. {hint}")
        text = path.read_text(encoding="utf-8")
        try:
            drawing = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            raise ValueError(f"{path} holds no SVG ({error}). Save the drawing as plain SVG.") from error
        super().__init__(
            svg=text,
            title=drawing.findtext(f"{SVG}title", ""),
            description=drawing.findtext(f"{SVG}desc", ""),
            caption=caption or drawing.get("data-caption", ""),
        )

    def __repr__(self) -> str:
        return f"Picture({self.title!r})"
