"""Plotly's script for pages whose server does not have it. Importing plotly takes a second; this does not."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import traitlets


@cache
def plotly_script() -> bytes:
    """Read plotly's script for the page, and gzip it: 1.5 MB instead of 5.

    Raises
    ------
    ImportError
        If plotly is not installed.

    Examples
    --------
    >>> len(plotly_script()) < 2_000_000
    True
    """
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise ImportError('Plotly is not installed. Run: pip install "rnnviz[course]"')
    file = Path(package.origin).parent / "package_data" / "widgetbundle.js"
    return gzip.compress(file.read_bytes(), 6, mtime=0)


class PlotlyScript(traitlets.HasTraits):
    """Mixed into widgets that draw with plotly: sends the script to a page that asks for it.

    Pages of a Jupyter server with the rnnviz extension load it from there, which is faster, and the browser
    keeps it.
    """

    _plotly_version = traitlets.Unicode(version("plotly")).tag(sync=True)

    def _sent_script(self, message: object) -> bool:
        """Send the script if the message asks for it; returns whether it did."""
        if not (isinstance(message, dict) and message.get("kind") == "plotly-script"):
            return False
        self.send({"kind": "plotly-script"}, [plotly_script()])  # type: ignore[attr-defined]
        return True
