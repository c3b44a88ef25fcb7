"""Open JupyterLab on the student's own copy of the lessons."""

from __future__ import annotations

import os
import secrets
import warnings
from collections.abc import Callable
from pathlib import Path

from jupyterlab.labapp import LabApp
from traitlets.config import Config

from rnnviz.app.dashboards import SHARE, TEMPLATE
from rnnviz.app.kernels import OwnPython

# A notebook whose tab is closed keeps its kernel this long: a student may come back to it after the break.
FORGET_AFTER_SECONDS = 2 * 60 * 60
CONFIG = Path(__file__).parent / "etc" / "jupyter"


def run_lab(
    folder: Path, host: str, port: int, *, on_ready: Callable[[str], None], debug: bool = False
) -> None:
    """Run JupyterLab on a folder until interrupted; its kernels end with it.

    Parameters
    ----------
    folder
        The student's folder.
    host, port
        Where to listen, on loopback. The port must be free.
    on_ready
        Called with the address to open, which holds the token that lets a browser in.
    debug
        Log every request.
    """
    # The extension and the template are found here, also where they are not in Jupyter's own folders.
    for variable, own in (("JUPYTER_PATH", SHARE), ("JUPYTER_CONFIG_PATH", CONFIG)):
        os.environ[variable] = os.pathsep.join(filter(None, [str(own), os.environ.get(variable)]))
    config = Config()
    config.ServerApp.root_dir = str(folder)
    config.ServerApp.ip = host
    config.ServerApp.port = port
    config.ServerApp.port_retries = 0
    config.ServerApp.open_browser = False
    config.ServerApp.answer_yes = True
    # Reached from this machine alone and with a token: root, usual in containers, is no danger here.
    config.ServerApp.allow_root = True
    config.ServerApp.kernel_spec_manager_class = OwnPython
    # A token of our own choice, so that we and not the server say how to get in.
    config.IdentityProvider.token = secrets.token_urlsafe(24)
    config.Application.log_level = "DEBUG" if debug else "ERROR"
    config.MappingKernelManager.cull_interval = 300
    config.MappingKernelManager.cull_idle_timeout = FORGET_AFTER_SECONDS
    # Nothing here asks another host: no news, no look for a newer version, no list of extensions.
    config.LabApp.news_url = None
    config.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    # So that a link on the map of the lessons opens a tab here, not JupyterLab anew.
    config.LabApp.expose_app_in_browser = True
    config.LabApp.extension_manager = "readonly"
    # For Voilà's button in the notebook's toolbar: our template, and the MathJax that Voilà carries.
    config.VoilaConfiguration.template = TEMPLATE
    config.ServerApp.tornado_settings = {"mathjax_url": None, "mathjax_config": None}
    # JupyterLab's own parts warn each other of deprecations, on the student's terminal.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    server = LabApp.initialize_server(argv=[], config=config)
    token = config.IdentityProvider.token
    address = f"[{host}]" if ":" in host else host
    server.io_loop.add_callback(on_ready, f"http://{address}:{port}/lab?token={token}")
    server.start()
