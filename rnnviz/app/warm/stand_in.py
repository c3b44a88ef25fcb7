"""Stands in for a kernel that was forked elsewhere: what is done to this process is done to that one.

Run by its path, with the standard library alone, so that it is there in a few milliseconds.
"""

import contextlib
import json
import os
import signal
import socket
import sys
from types import FrameType

#: How often is looked whether the server that started this is still there.
WATCH_SECONDS = 1.0


def main(options: list[str]) -> int:
    """Ask for a kernel and return its exit status when it ends; without a nursery become a kernel."""
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(os.environ["RNNVIZ_NURSERY"])
        request = {"environment": dict(os.environ), "folder": os.getcwd(), "options": options}
        line.sendall(json.dumps(request).encode() + b"\n")
        answers = line.makefile("r")
        kernel = int(answers.readline())
    except (OSError, KeyError, ValueError):
        os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *options])

    def pass_on(number: int, _: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    parent = os.getppid()
    line.settimeout(WATCH_SECONDS)
    status = b""
    while not status.endswith(b"\n"):
        try:
            piece = line.recv(16)
        except TimeoutError:
            # Closing the line, which the end of this process does, ends the kernel.
            if os.getppid() != parent:
                return 1
            continue
        if not piece:
            return 1
        status += piece
    code = int(status)
    if code < 0:
        # Died of a signal: so does this, that a server may tell.
        if -code != signal.SIGKILL:  # which nobody can handle
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
