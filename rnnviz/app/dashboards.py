"""Serve the lessons as Voilà dashboards, with a gallery as the front page."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jinja2.bccache import Bucket, BytecodeCache
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import url_path_join
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from tornado.escape import url_escape
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler, StaticFileHandler, authenticated
from tornado.websocket import WebSocketClosedError
from traitlets.config import Config
from voila import notebook_renderer
from voila.app import Voila
from voila.exporter import VoilaExporter, VoilaMarkdownRenderer
from voila.handler import BaseVoilaHandler
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.execution_request_handler import ExecutionRequestHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler
from voila.utils import create_include_assets_functions

from rnnviz.app import extension, snapshots
from rnnviz.app.contents import compose_index, compose_page, find_routes, read_sections
from rnnviz.app.formulas import Formulas
from rnnviz.app.kernels import OwnPython
from rnnviz.app.lessons import LAB_CELLS, Lesson, read_lessons
from rnnviz.app.texts import Links, Tables, set_text

TEMPLATE = "rnnviz"
# What the widgets need of JupyterLab's extensions; others, written for a full JupyterLab, fail inside Voilà.
EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "jupyterlab-plotly",
]
# Templates of which a lesson's page is made, compiled before anybody asks.
AHEAD = frozenset(
    {
        "index.html.j2",
        "chrome.macro.html.j2",
        "voila_setup.macro.html.j2",
        "nbconvert/templates/lab/index.html.j2",
        "nbconvert/templates/lab/base.html.j2",
        "nbconvert/templates/base/display_priority.j2",
        "nbconvert/templates/base/null.j2",
    }
)
# How long the kernel of a page that is no longer connected (a closed lid, a lost network) is kept.
FORGET_AFTER_SECONDS = 15 * 60
SHARE = Path(__file__).parent / "share" / "jupyter"


def serve(
    folder: Path,
    sockets: list[socket.socket],
    *,
    on_ready: Callable[[], None],
    rehearsal: bool = True,
    debug: bool = False,
) -> None:
    """Serve a folder of lessons until interrupted; their kernels end with the server.

    Parameters
    ----------
    folder
        Where the notebooks lie.
    sockets
        Bound and listening, on loopback.
    on_ready
        Called once pages can be opened.
    rehearsal
        Run lessons that were never opened in the background, so that their pages are there at once; see
        `rnnviz.app.rehearse`.
    debug
        Log every request, and show tracebacks in the lessons.
    """
    # Inherited by the kernels: what their widgets draw with is on the page already.
    os.environ["RNNVIZ_PAGE_HAS_SCRIPTS"] = "1"
    # Voilà asks for its own exporter by name.
    notebook_renderer.VoilaExporter = LessonExporter
    # The template is found here, also where the package is not installed into Jupyter's own folders.
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE), os.environ.get("JUPYTER_PATH")]))
    config = Config()
    # A user's own voila.json is for their own dashboards.
    config.Voila.config_file_paths = []
    config.Voila.root_dir = str(folder)
    config.Voila.open_browser = False
    config.Voila.kernel_websocket_connection_class = extension.without_delay(ZMQChannelsWebsocketConnection)
    config.VoilaConfiguration.template = TEMPLATE
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    # The text is there while the kernel starts, and each result appears as soon as its cell has run.
    config.VoilaConfiguration.progressive_rendering = True
    config.VoilaConfiguration.prelaunch_hook = prepare_notebook
    config.VoilaConfiguration.show_tracebacks = debug
    config.VoilaConfiguration.kernel_spec_manager_class = OwnPython
    config.VoilaExporter.markdown_renderer_class = LessonMarkdown
    config.VoilaExecutor.cell_error_instruction = (
        "Start the server with `rnnviz --debug` to see the error here."
    )
    config.MappingKernelManager.cull_interval = 60
    config.MappingKernelManager.cull_idle_timeout = FORGET_AFTER_SECONDS
    if not debug:
        # Tornado warns at every connection of jupyter_server's ping settings, which do no harm.
        logging.getLogger("tornado.general").setLevel(logging.ERROR)
    Dashboards(
        config=config,
        sockets=sockets,
        on_ready=on_ready,
        rehearsal=rehearsal,
        log_level="DEBUG" if debug else "ERROR",
    ).launch()


class Dashboards(Voila):  # type: ignore[misc]
    """Voilà with a gallery instead of a file tree, on sockets that are already open.

    Parameters
    ----------
    sockets, on_ready, rehearsal
        See `serve`.
    """

    def __init__(
        self,
        *,
        sockets: list[socket.socket],
        on_ready: Callable[[], None],
        rehearsal: bool,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._sockets = sockets
        self._on_ready = on_ready
        self._rehearsal = rehearsal

    def launch(self) -> None:
        """Run until the process is interrupted, terminated or hung up on."""
        self.initialize([])
        asyncio.run(self._run())

    async def _run(self) -> None:
        # Voilà's own start() makes no use of a running loop, which tornado's servers want.
        self.ioloop = IOLoop.current()
        self.start()
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, stopped.set)
        rehearsing = None
        try:
            if self._rehearsal:
                # In a process of its own: a lesson's messages are not to be waited for by another one's reader.
                rehearsing = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "rnnviz.app.rehearse", self.root_dir),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
            self._on_ready()
            # Read once, ahead of the first reader who opens a lesson; aside, since it takes a second.
            await asyncio.to_thread(self._read_ahead)
            await stopped.wait()
        finally:
            if rehearsing is not None and rehearsing.returncode is None:
                rehearsing.terminate()
                await rehearsing.wait()
            await self.kernel_manager.shutdown_all()
            shutil.rmtree(self.connection_dir, ignore_errors=True)

    def _read_ahead(self) -> None:
        """Read once what the first reader who opens a lesson would wait for."""
        for lesson in read_lessons(Path(self.root_dir))[0]:
            try:
                nbformat.read(lesson.path, as_version=4)  # type: ignore[no-untyped-call]
                read_sections(lesson.path)
            except Exception:
                self.log.exception("%s could not be read for its contents.", lesson.path.name)
        try:
            exporter = LessonExporter(template_paths=self.template_paths, template_name=TEMPLATE)
            # They come with each notebook, and to be compiled a template has to find something under their names.
            for name in ("highlight_code", "trusted"):
                exporter.register_filter(name, lambda text: text)
            for name in AHEAD:
                exporter.environment.get_template(name)
        except Exception:
            self.log.exception("The templates of a lesson's page could not be compiled ahead.")

    def listen(self) -> None:
        """Take the sockets given, where Voilà would look for a port."""
        HTTPServer(self.app).add_sockets(self._sockets)

    def init_settings(self) -> dict[str, Any]:
        """Add to Voilà's settings what a server on loopback needs."""
        settings: dict[str, Any] = super().init_settings()
        # A page from elsewhere must not reach this server under a host name of its own.
        settings["allow_remote_access"] = False
        settings["local_hostnames"] = ["localhost"]
        return settings

    def init_handlers(self) -> list[Any]:
        """Put our pages in front, and drop those of Voilà's that ask another host."""
        at = self.base_url
        own = {"voila_configuration": self.voila_configuration}
        rendered = own | {"template_paths": self.template_paths, "config": self.config}
        pictures = {"path": str(Path(self.root_dir) / "pictures")}
        # Voilà's file tree links to another host, and its file handler is not needed.
        dropped = (TornadoVoilaTreeHandler, TornadoVoilaHandler)
        return [
            (at, Gallery, own),
            (url_path_join(at, "rnnviz/pictures/(.*)"), StaticFileHandler, pictures),
            *extension.routes(at),
            (url_path_join(at, "rnnviz/static/(.*)"), WidgetFile, {"path": str(snapshots.widgets_folder())}),
            (url_path_join(at, r"rnnviz/snapshots/([^/]+\.ipynb)\.js"), SnapshotFile),
            (url_path_join(at, "rnnviz/search.js"), SearchIndex),
            (url_path_join(at, r"voila/execution/(.*)"), Execution),
            (url_path_join(at, r"voila/render/([^/]+\.ipynb)"), LessonPage, rendered),
            (url_path_join(at, "voila/templates/(.*)"), TemplateFile),
            *(handler for handler in super().init_handlers() if handler[1] not in dropped),
            (r".*", NotFound, own),
        ]


def prepare_notebook(request: RequestHandler, notebook: NotebookNode, cwd: str) -> NotebookNode:
    """Leave out the cells that belong to JupyterLab, and tell the template what stands around the lesson.

    Parameters
    ----------
    request
        The page that asks, its path ending in the notebook's name.
    notebook
        The lesson, changed in place.
    cwd
        Where its kernel will run; not used.
    """
    notebook.cells = [cell for cell in notebook.cells if not LAB_CELLS & set(cell.metadata.get("tags", ()))]
    for cell in notebook.cells:
        # The stored outputs tell which cells will show something: those alone get a place held free. They are not
        # shown themselves, since the template lays out the page before the kernel is there to replace them.
        cell.metadata["rnnviz_shows"] = bool(cell.get("outputs"))
        if cell.cell_type == "code":
            cell.outputs = []
    lessons, _ = read_lessons(Path(request.settings["voila"].root_dir))
    (here,) = (lesson for lesson in lessons if lesson.path.name == request.path_args[0])
    notebook.metadata["rnnviz_page"] = compose_page(here, lessons) | {
        "snapshot": _snapshot_mark(here.path),
        # As things are before the lesson runs: what is edited meanwhile makes its snapshot a stale one.
        "fingerprint": snapshots.fingerprint(here.path),
        "version": _widgets_mark(),
    }
    return notebook


def _snapshot_mark(notebook: Path) -> str:
    found = snapshots.find_opening(notebook)
    return "" if found is None else f"{found.stat().st_mtime_ns:x}"


def _widgets_mark() -> str:
    """Return what changes whenever a script of the widgets does."""
    return f"{max(file.stat().st_mtime_ns for file in snapshots.widgets_folder().iterdir()):x}"


class Execution(ExecutionRequestHandler):  # type: ignore[misc]
    """Runs a lesson for its page, and keeps what came out for the next one that opens it."""

    async def on_message(self, message: str | bytes) -> None:
        """Run the lesson if that is what the message asks for."""
        running = self._execution_data.get(self._kernel_id)
        try:
            await super().on_message(message)
        except WebSocketClosedError:
            return  # the reader has left
        if running is not None and self._executor is not None:
            await self._keep(running["nb"])

    async def _keep(self, notebook: NotebookNode) -> None:
        cells, executor = list(notebook.cells), self._executor
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        page = notebook.metadata.get("rnnviz_page")
        if page is None or any(output["output_type"] == "error" for output in outputs):
            return
        try:
            settle = new_code_cell(snapshots.SETTLE)  # type: ignore[no-untyped-call]
            executor.nb.cells.append(settle)
            await executor.execute_cell(settle, None, len(cells), store_history=False)
            taken = snapshots.take_snapshot(cells, executor.widget_state, executor.widget_buffers)
            snapshots.keep_snapshot(page["fingerprint"], taken)
        except Exception:
            # The lesson has run and is on the page; that it is not kept must not disturb it.
            self.log.exception("The lesson's snapshot could not be kept.")


class LessonMarkdown(Links, Tables, Formulas, VoilaMarkdownRenderer):  # type: ignore[misc]
    """Markdown as a dashboard shows it: its formulas are there with the text, and its words are explained."""

    def __init__(self, contents_manager: Any, *arguments: Any, **settings: Any) -> None:
        super().__init__(contents_manager, *arguments, **settings)
        self.folder = Path(contents_manager.root_dir)


class CompiledTemplates(BytecodeCache):
    """Keeps compiled templates, for all pages: each is made by an exporter with an environment of its own."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if what is kept was compiled from the same text."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        self._kept[bucket.key] = bucket.checksum, bucket.code


class LessonExporter(VoilaExporter):  # type: ignore[misc]
    """Voilà's exporter, without compiling all templates for each page anew: a third of a second of a reader's."""

    templates = CompiledTemplates()

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.bytecode_cache = self.templates
        return environment


class LessonPage(TornadoVoilaHandler):  # type: ignore[misc]
    """One lesson, running."""

    @authenticated
    async def get(self, name: str) -> None:
        """Send the page, cell by cell."""
        lessons = {
            lesson.path.name: lesson for lesson in read_lessons(Path(self.settings["voila"].root_dir))[0]
        }
        if name not in lessons:
            raise HTTPError(404)
        if not lessons[name].runs:
            self._show_text(lessons[name])
            return
        # Reading the token sets its cookie, without which a page that is closed may not end its kernel.
        self.xsrf_token  # noqa: B018
        await super().get(name)

    def _show_text(self, lesson: Lesson) -> None:
        self.set_header("Cache-Control", "no-cache")
        page = self.get_template("text.html").render(
            page=compose_page(lesson, read_lessons(Path(self.settings["voila"].root_dir))[0]),
            texts=set_text(lesson.path),
            **_frame(self.base_url),
        )
        self.write(page)


class WidgetFile(StaticFileHandler):
    """A script or the style sheet of the widgets."""

    def get_cache_time(self, path: str, modified: Any, mime_type: str) -> int:
        """Keep what is asked for by its version; check anything else each time."""
        return 31_536_000 if self.get_query_argument("v", "") else 0


class SnapshotFile(JupyterHandler):
    """What a lesson looked like when it last ran."""

    @authenticated
    def get(self, name: str) -> None:
        """Send it, as a script."""
        known = {
            lesson.path.name: lesson.path for lesson in read_lessons(Path(self.settings["voila"].root_dir))[0]
        }
        found = snapshots.find_opening(known[name]) if name in known else None
        if found is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Content-Encoding", "gzip")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.write(found.read_bytes())


class TemplateFile(TemplateStaticFileHandler):  # type: ignore[misc]
    """A style sheet or a script of a template, where Voilà fails at an address that is none of its own."""

    def parse_url_path(self, path: str) -> str:
        """Answer 404 to what is not ``TEMPLATE/static/FILE``, and to any way out of that folder."""
        parts = re.split(r"[/\\]", path)
        if len(parts) < 3 or parts[1] != "static" or not {"", ".", ".."}.isdisjoint(parts) or "\0" in path:
            raise HTTPError(404)
        return str(super().parse_url_path(path))


class SearchIndex(JupyterHandler):
    """What the search of a page looks through."""

    @authenticated
    def get(self) -> None:
        """Send it, as a script; the browser asks each time whether it has changed."""
        lessons, _ = read_lessons(Path(self.settings["voila"].root_dir))
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(compose_index(lessons, lambda lesson: _lesson_url(self.base_url, lesson)))


def _lesson_url(base_url: str, lesson: Lesson) -> str:
    return f"{base_url}voila/render/{url_escape(lesson.path.name, plus=False)}"


def _frame(base_url: str) -> dict[str, Any]:
    """Return what the templates of pages without a kernel need of the server."""
    return {
        "home": base_url,
        "lesson_url": lambda lesson: _lesson_url(base_url, lesson),
        "scripts": url_path_join(base_url, "rnnviz/static/"),
        "version": _widgets_mark(),
        "index": url_path_join(base_url, "rnnviz/search.js"),
        **create_include_assets_functions(TEMPLATE, base_url),
    }


class Gallery(BaseVoilaHandler):  # type: ignore[misc]
    """The front page: every lesson with its picture, what it teaches and how long it takes."""

    @authenticated
    def get(self) -> None:
        """Send the page."""
        lessons, unreadable = read_lessons(Path(self.settings["voila"].root_dir))
        turns = [lesson for lesson in lessons if lesson.takes_turn]
        self.set_header("Cache-Control", "no-cache")
        self.write(
            self.get_template("gallery.html").render(
                lessons=turns,
                routes=find_routes(turns),
                beside=[lesson for lesson in lessons if not lesson.takes_turn],
                unreadable=unreadable,
                picture_url=self._picture_url,
                **_frame(self.base_url),
            )
        )

    def _picture_url(self, lesson: Lesson, dark: bool) -> str:
        picture = lesson.picture(dark=dark)
        if picture is None:
            return ""
        return f"{self.base_url}rnnviz/pictures/{picture.name}?v={picture.stat().st_mtime_ns:x}"


class NotFound(BaseVoilaHandler):  # type: ignore[misc]
    """Any other address."""

    @allow_unauthenticated
    def get(self) -> None:
        """Say so, on a page of our own."""
        raise HTTPError(404)
