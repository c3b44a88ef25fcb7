"""The kernels behind the lessons: which Python they run, and with how many threads."""

from __future__ import annotations

import os
from typing import Any

import traitlets
from jupyter_client.kernelspec import KernelSpecManager

from rnnviz.app.warm import write_command

# With torch's default of one thread a core, training a small model falls from 500 steps a second to 1
# as soon as another program wants a core. One thread is as fast for models of this size, and always is.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def limit_threads() -> None:
    """Give each kernel started from here on one thread, unless the environment already says otherwise.

    Examples
    --------
    >>> limit_threads()
    >>> "OMP_NUM_THREADS" in os.environ
    True
    """
    for name, threads in THREADS.items():
        os.environ.setdefault(name, threads)


class OwnPython(KernelSpecManager):
    """Runs every notebook with the Python that runs the server, whatever kernels are installed around it."""

    warm = traitlets.Bool(
        True, help="Fork kernels from a process that has imported the course, if there is one."
    )

    def get_kernel_spec(self, kernel_name: str) -> Any:
        """Return a kernel's description, Python's rewritten to this interpreter."""
        spec = super().get_kernel_spec(kernel_name)
        if spec.language == "python":
            # A classroom's terminal is not the place for a kernel's warnings about its own transport.
            quiet = ["--log-level=ERROR"]
            spec.argv = write_command(["-f", "{connection_file}", *quiet], warm=self.warm)
        return spec
