"""The process that has imported everything and forks kernels; see `rnnviz.app.warm`."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any, NoReturn

#: What lessons import, and what torch imports when a lesson first trains.
AHEAD = (
    "numpy",
    "torch",
    "torch._dynamo",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipywidgets",
    "anywidget",
    "rnnviz",
    "rnnviz.data",
    "rnnviz.models",
    "rnnviz.training",
    "rnnviz_widgets",
)
PATIENCE_SECONDS = 5.0


def import_ahead() -> None:
    """Import what kernels will need, as far as it is installed."""
    for name in AHEAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class Nursery:
    """Forks a kernel for each line that is opened to it, and ends it when that line is closed.

    Parameters
    ----------
    listening : socket
        Where stand-ins ask.
    """

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.kernels: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.woken, waking = socket.socketpair()
        for end in (self.woken, waking):
            end.setblocking(False)
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # A Ctrl+C in the terminal is for the server, which ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.waking = waking

    def serve(self) -> None:
        """Serve until the process that started this one is gone."""
        for source in (self.listening, self.woken, sys.stdin):
            self.selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listening:
                    self.fork()
                elif key.fileobj is self.woken:
                    self.woken.recv(4096)
                    self.bury()
                elif key.fileobj is sys.stdin:
                    if not os.read(0, 4096):
                        return
                elif key.data is not None:
                    self.end(key.data)

    def fork(self) -> None:
        """Fork a kernel for the one that asks."""
        line, _ = self.listening.accept()
        line.settimeout(PATIENCE_SECONDS)
        try:
            request = json.loads(line.makefile("r").readline())
        except (OSError, ValueError):
            line.close()
            return
        try:
            kernel = os.fork()
        except OSError:  # no room for one more: the stand-in tries by itself
            line.close()
            return
        if kernel == 0:
            self.forget_all(line)
            run_kernel(request)
        self.kernels[kernel] = line
        self.selector.register(line, selectors.EVENT_READ, kernel)
        with contextlib.suppress(OSError):
            line.sendall(f"{kernel}\n".encode())

    def forget_all(self, line: socket.socket) -> None:
        """In a new kernel: let go of all that is the nursery's, or lines would stay open that it closes."""
        signal.set_wakeup_fd(-1)
        self.selector.close()
        for one in (self.listening, self.woken, self.waking, line, *self.kernels.values()):
            one.close()

    def end(self, kernel: int) -> None:
        """End a kernel whose stand-in is gone, and whatever it has started."""
        # Both may have gone at once: the line is then heard to end after its kernel was buried.
        if kernel not in self.kernels:
            return
        self.selector.unregister(self.kernels[kernel])
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(kernel, signal.SIGKILL)

    def bury(self) -> None:
        """Tell the stand-ins of kernels that have ended."""
        for kernel in list(self.kernels):
            ended, status = os.waitpid(kernel, os.WNOHANG)
            if ended == 0:
                continue
            line = self.kernels.pop(kernel)
            with contextlib.suppress(KeyError):
                self.selector.unregister(line)
            with contextlib.suppress(OSError):
                line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            line.close()

    def end_all(self) -> None:
        """End every kernel."""
        for kernel in self.kernels:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(kernel, signal.SIGKILL)


def run_kernel(request: dict[str, Any]) -> NoReturn:
    """Turn this process into the kernel that was asked for."""
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        # As in a process of its own: the same for nobody.
        if numpy := sys.modules.get("numpy"):
            numpy.random.seed()
        sys.argv = ["ipykernel_launcher", *request["options"]]
        import ipywidgets
        from ipykernel.kernelapp import IPKernelApp

        # Watched, so that a kernel ends with the nursery.
        app = IPKernelApp.instance(parent_handle=os.getppid())
        app.initialize(request["options"])  # type: ignore[no-untyped-call]
        # Imported before there was a kernel, it does not know this one.
        ipywidgets.load_ipython_extension(app.shell)
        app.start()  # type: ignore[no-untyped-call]
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def main(place: str) -> None:
    """Import everything, then listen at `place`."""
    import_ahead()
    gc.collect()
    # What is here now stays as it is in every kernel, so that they can share its memory.
    gc.freeze()
    if len(os.listdir("/proc/self/task")) > 1:
        return  # a lock that another thread holds would be held for ever in a fork
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(place)
    listening.listen(128)
    nursery = Nursery(listening)
    try:
        nursery.serve()
    finally:
        nursery.end_all()
        # What started this may have ended without a chance to.
        with contextlib.suppress(OSError):
            os.unlink(place)
            os.rmdir(os.path.dirname(place))


if __name__ == "__main__":
    main(sys.argv[1])
