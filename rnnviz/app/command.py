"""The command line of `rnnviz`."""

from __future__ import annotations

import argparse
import importlib.util
import ipaddress
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import rnnviz
from rnnviz.app.lessons import find_lessons, read_lessons

PORT = 8866
COURSE = ("voila", "jupyterlab", "ipykernel", "anywidget", "plotly", "latex2mathml")


class RefusalError(Exception):
    """Something the user can put right; the message says what and how."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `rnnviz` command.

    Parameters
    ----------
    argv
        The arguments after the command's name; those of the process if not given.

    Returns
    -------
    int
        0, or 1 after an error, which stands on the error stream, and after an experiment that did not hold.
    """
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if options.run is _run_bench:
        options.rest = rest
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return options.run(options) or 0
    except RefusalError as refusal:
        print(f"rnnviz: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rnnviz",
        description="Open the course in the browser: every lesson as a page that computes while you look.",
        epilog="To write code and do the exercises, open the lessons as notebooks: rnnviz lab",
    )
    parser.add_argument("--version", action="version", version=f"rnnviz {rnnviz.__version__}")
    parser.add_argument(
        "--lessons", type=Path, metavar="DIR", help="show the notebooks of this folder, not the course's own"
    )
    parser.add_argument(
        "--no-rehearsal",
        action="store_true",
        help="do not run lessons in the background that nobody has opened yet; their widgets then wait for a kernel "
        "the first time",
    )
    _add_server_options(parser)
    parser.set_defaults(run=_run_dashboards, host="127.0.0.1", port=None, no_browser=False, debug=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    lab = commands.add_parser(
        "lab",
        help="open the lessons as notebooks in JupyterLab",
        description="Copy the lessons into a folder of your own and open it in JupyterLab. "
        "What you change is yours: it is never overwritten, a newer lesson is laid beside it.",
    )
    lab.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("rnnviz-lessons"),
        metavar="DIR",
        help="your folder, made if missing (default: rnnviz-lessons, here)",
    )
    _add_server_options(lab)
    lab.set_defaults(run=_run_lab)

    export = commands.add_parser(
        "export",
        help="write the lessons as pages that need no Python",
        description="Run the lessons and write each as a page that works without Python: on any web server, or "
        "opened from the folder. What needs Python says so there.",
    )
    export.add_argument(
        "names", nargs="*", metavar="LESSON", help="how a lesson's name starts, such as 02 (default: all)"
    )
    export.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder, made if missing")
    export.set_defaults(run=_run_export)

    prove = commands.add_parser(
        "prove",
        help="compute published results again, published beside measured, and check the recorder",
        description="Compute published results again and print them beside the published ones, or check the recorder "
        "against step-by-step autograd. Without a name, say which there are. Ends with 1 where one does not hold.",
    )
    prove.add_argument(
        "names", nargs="*", metavar="NAME", help="an experiment, or several, one after the other"
    )
    prove.add_argument("--all", action="store_true", help="run every experiment")
    prove.add_argument(
        "--seeds",
        type=_count,
        metavar="N",
        help="train with this many seeds, where there is chance in it (default: as the experiment says)",
    )
    prove.set_defaults(run=_run_prove)

    # What stands after `bench`, --help included, is read by the benchmark itself.
    bench = commands.add_parser(
        "bench",
        add_help=False,
        help="measure what recording costs on this machine; `bench widgets`: how fast the widgets are; "
        "`bench vectors`: how fast word vectors are read; `bench reservoir`: how fast a reservoir runs",
    )
    bench.set_defaults(run=_run_bench)
    return parser


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    # An option left out is not set at all: else a subcommand's default would undo what stood before it.
    leave = argparse.SUPPRESS
    parser.add_argument(
        "--port",
        type=_port,
        default=leave,
        metavar="N",
        help=f"listen on this port, 0 for any free one (default: {PORT}, or the next that is free)",
    )
    parser.add_argument(
        "--host",
        type=_host,
        default=leave,
        metavar="ADDRESS",
        help="listen on this address of the machine itself: 127.0.0.1 (default) or ::1",
    )
    parser.add_argument("--no-browser", action="store_true", default=leave, help="do not open the browser")
    parser.add_argument("--debug", action="store_true", default=leave, help="log requests and errors in full")


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seeds: 1 or more")
    return int(text)


def _host(text: str) -> str:
    address = "127.0.0.1" if text == "localhost" else text
    try:
        if ipaddress.ip_address(address).is_loopback:
            return address
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f"{text!r} is not an address of the machine itself. The lessons run code for anyone who opens them, "
        "so they are served to this machine only: use 127.0.0.1, and JupyterHub to serve a class"
    )


def _run_dashboards(options: argparse.Namespace) -> None:
    folder = _lessons() if options.lessons is None else options.lessons.expanduser().absolute()
    if not folder.is_dir():
        raise RefusalError(f"there is no folder {folder}. Give --lessons a folder with notebooks in it.")
    if not any(folder.glob("*.ipynb")):
        raise RefusalError(f"there is no notebook in {folder}. Give --lessons a folder with notebooks in it.")
    _require_course()
    listener = _listen(options.host, options.port)
    from rnnviz.app import dashboards, kernels, warm

    kernels.limit_threads()
    warm.start_nursery()
    url = _url(options.host, listener.getsockname()[1])

    def on_ready() -> None:
        _announce(f"rnnviz is running at {url}", url, browser=not options.no_browser)

    rehearsal = not options.no_rehearsal
    dashboards.serve(folder, [listener], on_ready=on_ready, rehearsal=rehearsal, debug=options.debug)


def _run_lab(options: argparse.Namespace) -> None:
    if options.lessons is not None:
        raise RefusalError("--lessons belongs to `rnnviz` alone; `rnnviz lab DIR` opens your own folder.")
    source = _lessons()
    folder = options.folder.expanduser().absolute()
    _require_course()
    from rnnviz.app import kernels, lab, warm
    from rnnviz.app.copies import copy_lessons

    # Asked for before anything is copied, and given back for JupyterLab to open again.
    with _listen(options.host, options.port) as listener:
        port = listener.getsockname()[1]
    try:
        copied = copy_lessons(source, folder, rnnviz.__version__)
    except FileExistsError as error:
        raise RefusalError(
            f"{folder} is a file. Give the name of a folder: rnnviz lab DIR"
            if folder.is_file()
            else str(error)
        ) from error
    except FileNotFoundError as error:
        raise RefusalError(
            f"there is no folder {folder.parent} to make {folder.name} in. Make it first."
        ) from error
    except PermissionError as error:
        raise RefusalError(f"{error.filename or folder} cannot be written to. Choose another.") from error
    print(f"Your lessons are in {folder}", copied.describe(), sep="\n", flush=True)
    kernels.limit_threads()
    warm.start_nursery()

    def on_ready(url: str) -> None:
        _announce(f"JupyterLab is running at {url}", url, browser=not options.no_browser)

    lab.run_lab(folder, options.host, port, on_ready=on_ready, debug=options.debug)


def _run_export(options: argparse.Namespace) -> None:
    folder = _lessons() if options.lessons is None else options.lessons.expanduser().absolute()
    lessons, _ = read_lessons(folder)
    if not lessons:
        raise RefusalError(f"there is no notebook in {folder}. Give --lessons a folder with notebooks in it.")
    for name in options.names:
        if not any(lesson.name.startswith(name) for lesson in lessons):
            there = ", ".join(lesson.name for lesson in lessons)
            raise RefusalError(f"there is no lesson that starts with {name!r}. There are {there}.")
    chosen = [
        lesson
        for lesson in lessons
        # Texts beside the lessons come along with any of them: the words in a lesson lead there.
        if not options.names or not lesson.takes_turn or lesson.name.startswith(tuple(options.names))
    ]
    _require_course()
    from rnnviz.app import kernels
    from rnnviz.app.export import export_lessons

    kernels.limit_threads()
    target = options.to.expanduser().absolute()
    try:
        done = export_lessons(chosen, target, tell=lambda line: print(line, flush=True))
    except FileExistsError as error:
        raise RefusalError(f"{error} Choose a new folder.") from error
    except (OSError, RuntimeError) as error:
        raise RefusalError(str(error)) from error
    print(done.describe(), f"Open {target / 'index.html'}", sep="\n", flush=True)


def _run_prove(options: argparse.Namespace) -> int:
    from rnnviz.experiments import EXPERIMENTS, run_experiment

    names = list(EXPERIMENTS) if options.all else options.names
    unknown = [name for name in options.names if name not in EXPERIMENTS]
    if unknown:
        raise RefusalError(f"there is no experiment {unknown[0]!r}. There are {', '.join(EXPERIMENTS)}.")
    if not names:
        for name, experiment in EXPERIMENTS.items():
            print(f"{name:18}{experiment.about} ({experiment.lasts})")
        print("\nRun one with `rnnviz prove NAME`, every one with `rnnviz prove --all`.")
        return 0
    held = []
    for place, name in enumerate(names):
        print(f"{'' if place == 0 else chr(10)}{name}: {EXPERIMENTS[name].about}\n", flush=True)
        held.append(run_experiment(name, options.seeds))
    return 0 if all(held) else 1


def _run_bench(options: argparse.Namespace) -> int:
    if options.rest[:1] == ["widgets"]:
        _require_course()
        from rnnviz.app.bench_widgets import main as measure_widgets

        return measure_widgets(options.rest[1:])
    if options.rest[:1] == ["vectors"]:
        from rnnviz.bench.vectors import main as measure_vectors

        return measure_vectors(options.rest[1:])
    if options.rest[:1] == ["reservoir"]:
        from rnnviz.app.bench_reservoir import main as measure_reservoir

        return measure_reservoir(options.rest[1:])
    from rnnviz.bench.__main__ import main as measure

    return measure(options.rest)


def _lessons() -> Path:
    try:
        return find_lessons()
    except FileNotFoundError as error:
        raise RefusalError(str(error)) from error


def _require_course() -> None:
    missing = [name for name in COURSE if importlib.util.find_spec(name) is None]
    if missing:
        raise RefusalError(
            f"the course needs {', '.join(missing)}, not installed here. Install all of it with: "
            'pip install "rnnviz[course]"'
        )


def _listen(host: str, wanted: int | None) -> socket.socket:
    """Open a listening socket on the port asked for, or near the usual one."""
    ports = [wanted] if wanted is not None else [*range(PORT, PORT + 20), 0]
    problem: OSError | None = None
    for port in ports:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if os.name == "posix":
            # A port that was in use a moment ago may be taken again at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            problem = error
            continue
        listener.setblocking(False)
        return listener
    if isinstance(problem, PermissionError):
        raise RefusalError(f"port {wanted} is not for ordinary users. Choose one above 1023.") from problem
    raise RefusalError(
        f"port {wanted} of {host} is not free ({problem.strerror if problem else 'in use'}). "
        "Choose another, or leave --port out and a free one is found."
    ) from problem


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _announce(message: str, url: str, *, browser: bool) -> None:
    print(message, "Press Ctrl+C to stop.", sep="\n", flush=True)
    if browser:
        # A browser may take as long as it lives to return.
        threading.Thread(target=_open_browser, args=(url,), daemon=True).start()


def _open_browser(url: str) -> None:
    try:
        opened = webbrowser.open(url)
    except webbrowser.Error:
        opened = False
    if not opened:
        print("No browser was found. Open the address above yourself.", flush=True)
