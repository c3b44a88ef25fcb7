"""The one cursor that all widgets on a page move with."""

from __future__ import annotations

import anywidget
import traitlets

from rnnviz_widgets.base import STATIC, Widget


class Cursor(Widget):
    """Where the reader is: give the same cursor to several widgets and they move together.

    The link lives in the page: moving the cursor there sends nothing to Python, so it also works while Python is
    busy training, and in a page without Python. Setting it here moves every widget.

    Examples
    --------
    >>> Cursor(step=2, unit=4)
    Cursor(step=2, sequence=0, unit=4)
    """

    _esm = STATIC / "cursor.js"

    step = traitlets.Int(0, min=0).tag(sync=True)
    """Time step, counted from 0."""
    sequence = traitlets.Int(0, min=0).tag(sync=True)
    """Which sequence of the batch, counted from 0."""
    unit = traitlets.Int(0, min=0).tag(sync=True)
    """Which unit of the layer, counted from 0."""
    layer = traitlets.Unicode("").tag(sync=True)
    """Name of a layer as in ``trace.layers``; empty means each widget's own."""
    gate = traitlets.Unicode("").tag(sync=True)
    """Name of a gate; empty means none in particular."""

    def facts(self) -> dict[str, object]:
        """Place of the cursor."""
        place = {"step": self.step, "sequence": self.sequence, "unit": self.unit}
        named = {"layer": self.layer, "gate": self.gate}
        return place | {name: value for name, value in named.items() if value}


class CursorTrait(anywidget.WidgetTrait):
    """A reference to the Cursor that a widget moves with; ``None`` gives the widget one of its own."""

    info_text = "an rnnviz_widgets.Cursor or None"

    def __init__(self) -> None:
        super().__init__()
        self.tag(sync=True)

    def validate(self, obj: object, value: object) -> object:
        """Accept a Cursor, and say so where something else is given."""
        if value is not None and not isinstance(value, Cursor):
            raise traitlets.TraitError(
                f"{type(obj).__name__} was given cursor={value!r}; it takes an rnnviz_widgets.Cursor, "
                "the same one for all widgets that should move together."
            )
        return super().validate(obj, value)
