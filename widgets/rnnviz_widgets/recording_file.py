"""Hands the page a recording as a file, for a reader who wants the recorded numbers and not others like them."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnviz.recording.trace import Trace
from rnnviz_widgets.base import Widget

ASKED = "recording"
"""The kind of the page's message, and of its answer."""


def offer_recording(widget: Widget, trace: Trace) -> None:
    """Answer a page that asks for the recording which a widget shows.

    The answer carries the bytes of the file that `rnnviz.Trace.save` writes, or a message that says why there are none.

    Parameters
    ----------
    widget : Widget
    trace : rnnviz.Trace
        What it shows. The widget keeps no hold on it: traces are large, and a notebook keeps every widget it has made.
    """
    kept = weakref.ref(trace)

    def answer(asking: Widget, content: Mapping[str, Any], _: list[memoryview]) -> None:
        if content.get("kind") != ASKED:
            return
        found = kept()
        if found is None:
            message = (
                "Python has let go of this recording. Run the cell that records it, and this one, again."
            )
            asking.send({"kind": ASKED, "message": message})
            return
        try:
            data = _write(found)
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            asking.send({"kind": ASKED, "message": str(error)})
            return
        asking.send({"kind": ASKED}, [data])

    widget.on_msg(answer)


def _write(trace: Trace) -> bytes:
    """Return the file of a trace, which other programs read as netCDF."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.nc"
        trace.save(path)
        return path.read_bytes()
