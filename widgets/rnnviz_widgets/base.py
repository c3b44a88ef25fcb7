"""What every widget shares: its scripts and styles, helpful refusals, and a repr that is the same on every run."""

from __future__ import annotations

import difflib
import functools
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from torch import nn

STATIC = Path(__file__).parent / "static"
#: Set for kernels behind a page of ours, which has all scripts and styles already; see `leave_scripts`.
PAGE_HAS_SCRIPTS = "RNNVIZ_PAGE_HAS_SCRIPTS"


def leave_scripts(widget: anywidget.AnyWidget) -> None:
    """Have a widget of the course send neither script nor styles where the page has them: 100 kB for each widget.

    Call it before the widget's own ``__init__``, which is when anywidget reads what to send.

    Parameters
    ----------
    widget
        Its script is named like its module. One that somebody has derived elsewhere keeps its own.
    """
    package, _, module = type(widget).__module__.rpartition(".")
    if PAGE_HAS_SCRIPTS in os.environ and package == "rnnviz_widgets":
        widget._esm = f'export default (await window.rnnvizPage.load("{module}")).default;'
        widget._css = ""


def _open_when_made(make: Callable[..., None]) -> Callable[..., None]:
    """Have an ``__init__`` open the widget's line to the page at its end, not in its middle.

    ipywidgets tells the page of a widget in its own ``__init__``, so that what a subclass sets after that arrives
    later, and the page would have to draw a widget of which half is missing. One whose ``__init__`` fails is never
    shown.
    """

    @functools.wraps(make)
    def make_whole(self: Widget, *args: Any, **kwargs: Any) -> None:
        outermost, self._is_whole = self._is_whole, False
        make(self, *args, **kwargs)
        if outermost:
            self._is_whole = True
            self.open()

    return make_whole


class Widget(anywidget.AnyWidget):
    """A widget of the course.

    Subclasses name their script (``_esm = STATIC / "name.js"``) and say in `facts` what a reader, and a test that
    compares notebook outputs, may hold them to.
    """

    _css = STATIC / "rnnviz.css"
    _is_whole = True
    """False while an ``__init__`` is at work."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = _open_when_made(cls.__init__)  # type: ignore[method-assign]

    @_open_when_made
    def __init__(self, **traits: Any) -> None:
        self._refuse_unknown(traits)
        leave_scripts(self)
        super().__init__(**traits)

    def open(self) -> None:
        """Open the line to the page, unless the widget is still being made."""
        if self._is_whole:
            super().open()

    @classmethod
    def _refuse_unknown(cls, traits: dict[str, Any]) -> None:
        known = [name for name in cls.class_trait_names() if not name.startswith("_")]
        own = [name for name in cls.class_own_traits() if not name.startswith("_")]
        for name in traits:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"It takes {', '.join(sorted(own))}."
                raise TypeError(f"{cls.__name__} has no option {name!r}. {hint}")

    def facts(self) -> dict[str, object]:
        """Return what the repr says of this widget: few, short, rounded, and the same on every run."""
        return {}

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.facts().items())
        return f"{type(self).__name__}({inside})"


def check_weights(model: nn.Module) -> None:
    """Raise a ValueError for weights that are not finite: whatever the page computed with them would be no number."""
    if broken := [name for name, value in model.named_parameters() if not value.isfinite().all()]:
        raise ValueError(
            f"{broken[0]} holds values that are not finite: training has diverged. Train again with a smaller learning "
            "rate, or clip the gradient."
        )


class Finite(traitlets.Float[float, float]):
    """A float that is a number: a range alone lets NaN through, which is neither below nor above anything."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse NaN and the infinities."""
        number = super().validate(obj, value)
        if not math.isfinite(number):
            raise traitlets.TraitError(f"{self.name} is {number}; it must be a finite number.")
        return number
