"""What a server needs so that widgets open fast: part of `rnnviz`, and an extension of any Jupyter server.

Installing the package switches the extension on (``etc/jupyter/jupyter_server_config.d/rnnviz.json``),
so that `rnnviz lab`, a plain `jupyter lab` and Binder behave alike.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, RequestHandler

PLOTLY_SCRIPT = "rnnviz/static/plotly-widget.js"


def without_delay(connection: type[Any]) -> type[Any]:
    """Derive a kernel connection that sends every message at once.

    Nagle's algorithm holds a small message back until the last one is acknowledged, which caps
    every slider at about 20 frames a second.

    Parameters
    ----------
    connection
        The class the server would use, such as jupyter_server's ``ZMQChannelsWebsocketConnection``.

    Examples
    --------
    >>> from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
    >>> issubclass(without_delay(ZMQChannelsWebsocketConnection), ZMQChannelsWebsocketConnection)
    True
    """

    class WithoutDelay(connection):  # type: ignore[misc]
        async def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return await super().connect()

    return WithoutDelay


@cache
def _plotly_script() -> tuple[bytes, bytes, str]:
    """Read plotly's widget script, as it is, gzipped and with its ETag; nothing here imports plotly."""
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise HTTPError(404, reason="plotly is not installed")
    script = (Path(package.origin).parent / "package_data" / "widgetbundle.js").read_bytes()
    return script, gzip.compress(script, 6, mtime=0), f'"{sha256(script).hexdigest()[:16]}"'


class PlotlyScript(RequestHandler):
    """Serves plotly's 5 MB widget script, so that a page loads it once and not once a figure."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send the script, gzipped where the browser takes that, or say that it has not changed."""
        script, gzipped, etag = _plotly_script()
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Etag", etag)
        self.set_header("Vary", "Accept-Encoding")
        # An address that names plotly's version never changes its content; any other is checked each time.
        if self.get_query_argument("v", "") == version("plotly"):
            self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        else:
            self.set_header("Cache-Control", "no-cache")
        if self.check_etag_header():
            self.set_status(304)
        elif "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(gzipped)
        else:
            self.write(script)


def routes(base_url: str) -> list[tuple[str, type[RequestHandler]]]:
    """List the addresses that the widgets expect below a server's base address.

    Parameters
    ----------
    base_url
        The server's base address, such as ``/`` or ``/user/ada/``.

    Examples
    --------
    >>> [address for address, handler in routes("/user/ada/")]
    ['/user/ada/rnnviz/static/plotly-widget.js']
    """
    return [(url_path_join(base_url, PLOTLY_SCRIPT), PlotlyScript)]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "rnnviz.app.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    connection = settings.get("kernel_websocket_connection_class") or ZMQChannelsWebsocketConnection
    settings["kernel_websocket_connection_class"] = without_delay(connection)
    server.web_app.add_handlers(".*$", routes(settings["base_url"]))
