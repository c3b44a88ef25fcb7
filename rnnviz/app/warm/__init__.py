"""Kernels that begin with torch and the course already imported.

Importing torch and the course takes seconds of a core and 200 MB, again for every page that somebody opens. Here a
*nursery*, a process that has imported all of it once and has computed nothing yet, makes kernels by forking itself
(`nursery`). What Jupyter starts, interrupts and kills is a small stand-in that asks the nursery for such a kernel and
lives exactly as long as it does (`stand_in`); where there is no nursery, or not yet, the stand-in turns into an
ordinary kernel.

Only on Linux: elsewhere a forked process cannot rely on the system's libraries.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["NURSERY", "start_nursery", "write_command"]

#: Where the nursery listens, for this process and all that it starts.
NURSERY = "RNNVIZ_NURSERY"
_STAND_IN = Path(__file__).with_name("stand_in.py")


def start_nursery() -> None:
    """Start the nursery beside this process; it ends with it. Without effect where kernels cannot be forked."""
    if not sys.platform.startswith("linux") or NURSERY in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="rnnviz-")  # for this user alone
    place = os.path.join(folder, "nursery")
    nursery = subprocess.Popen(
        [sys.executable, "-m", "rnnviz.app.warm.nursery", place], stdin=subprocess.PIPE
    )
    os.environ[NURSERY] = place

    def stop() -> None:
        # Before the folder is gone: nobody shall ask in vain.
        os.environ.pop(NURSERY, None)
        if nursery.stdin:
            nursery.stdin.close()
        try:
            nursery.wait(5)
        except subprocess.TimeoutExpired:
            nursery.kill()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)


def write_command(options: list[str], *, warm: bool = True) -> list[str]:
    """Write the command that starts a kernel.

    Parameters
    ----------
    options : list of str
        What the kernel is told.
    warm : bool
        False for a kernel that must have imported nothing.

    Returns
    -------
    list of str
        The command of an ordinary kernel, or of a stand-in where there is a nursery.

    Examples
    --------
    >>> write_command(["-f", "kernel.json"], warm=False)[1:]
    ['-m', 'ipykernel_launcher', '-f', 'kernel.json']
    """
    if warm and NURSERY in os.environ:
        return [sys.executable, "-I", "-S", str(_STAND_IN), *options]
    return [sys.executable, "-m", "ipykernel_launcher", *options]
