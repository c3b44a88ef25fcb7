"""What `rnnviz` and `rnnviz lab` serve, asked without a browser."""

from __future__ import annotations

import asyncio
import gzip
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest

from rnnviz.app.extension import without_delay

# Addresses that are names, not places: nothing is fetched from them.
NAMESPACES = re.compile(r"http://www\.w3\.org/[\w/]+")


def ask(url: str, **headers: str) -> tuple[int, HTTPResponse, bytes]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error, error.read()  # type: ignore[return-value]


def test_the_gallery_shows_every_lesson(small_dashboards: Any) -> None:
    status, _, body = ask(small_dashboards.url)
    page = body.decode()
    assert status == 200
    for text in (
        "<title>rnnviz",
        "Memory &amp; what &lt;it&gt; costs",
        "What comes back.",
        "25 minutes",
        "<li>say what h &lt; 1 means</li>",
        'href="/voila/render/01-memory.ipynb"',
        "What comes next",
        "/rnnviz/pictures/02-next.png?v=",
    ):
        assert text in page, text


def test_the_gallerys_picture_is_there(small_dashboards: Any) -> None:
    page = ask(small_dashboards.url)[2].decode()
    (picture,) = re.findall(r'src="(/rnnviz/pictures/[^"]+)"', page)
    status, answer, _ = ask(small_dashboards.url.rstrip("/") + picture)
    assert (status, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize(
    "path",
    [
        "nope",
        "voila/tree",
        "voila/render/none.ipynb",
        "voila/render/..%2Fbeside.ipynb",
        "voila/render/..%5Cbeside.ipynb",
    ],
)
def test_any_other_page_says_where_the_lessons_are(
    small_dashboards: Any, small_lessons: Path, path: str
) -> None:
    # What must not be reached is really there.
    assert (small_lessons / "../beside.ipynb").is_file()
    status, _, body = ask(small_dashboards.url + path)
    assert status == 404
    assert "There is no such page" in body.decode()


@pytest.mark.parametrize(
    "path",
    [
        "voila/templates/rnnviz/static/..%2fconf.json",
        "voila/templates/rnnviz/static/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "voila/templates/rnnviz/static/none.css",
        "voila/templates/rnnviz/static/",
        "voila/templates/rnnviz/conf.json",
        "voila/templates/..%2f..%2fstatic%2fx",
        "voila/templates/none/static/x.css",
        "voila/templates/x",
    ],
)
def test_a_templates_folder_has_no_way_out(small_dashboards: Any, path: str) -> None:
    assert ask(small_dashboards.url + "voila/templates/rnnviz/static/page.css")[0] == 200
    assert ask(small_dashboards.url + path)[0] == 404


@pytest.mark.parametrize("path", ["", "nope", "voila/render/01-memory.ipynb"])
def test_no_page_names_another_host(small_dashboards: Any, path: str) -> None:
    page = NAMESPACES.sub("", ask(small_dashboards.url + path)[2].decode())
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", page.replace("//127.0.0.1", "")) == []


def test_a_lesson_arrives_without_what_belongs_to_jupyterlab(small_dashboards: Any) -> None:
    page = ask(small_dashboards.url + "voila/render/01-memory.ipynb")[2].decode()
    assert "<title>Memory &amp; what &lt;it&gt; costs · rnnviz</title>" in page
    assert "The end." in page
    assert 'aria-label="Next lesson: What comes next"' in page
    # Five cells are left of eight: the other three are JupyterLab's.
    assert page.count("<div cell-index=") == 5
    assert "an exercise runs" not in page
    assert "OMP_NUM_THREADS" not in page


def test_a_file_that_is_no_notebook_is_named_and_bars_no_lesson(
    start_rnnviz: Callable[..., Any], small_lessons: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lessons"
    shutil.copytree(small_lessons, folder)
    (folder / "01a-torn.ipynb").write_text('{"cells": [')
    server = start_rnnviz("--lessons", str(folder))
    status, _, body = ask(server.url)
    page = body.decode()
    assert status == 200
    assert "What comes next" in page
    assert "<code>01a-torn.ipynb</code>: it does not hold JSON (" in page
    status, _, body = ask(server.url + "voila/render/01-memory.ipynb")
    assert status == 200
    # The next lesson is the next that can be read.
    assert 'aria-label="Next lesson: What comes next"' in body.decode()
    assert ask(server.url + "voila/render/01a-torn.ipynb")[0] == 404
    server.stop()


def test_only_this_machine_is_answered(small_dashboards: Any) -> None:
    # As after DNS rebinding: another site's name, led to this address.
    assert ask(small_dashboards.url, Host="lessons.example.org")[0] == 403


def test_plotlys_script_is_sent_once(small_dashboards: Any) -> None:
    url = small_dashboards.url + "rnnviz/static/plotly-widget.js"
    status, plain, script = ask(url)
    assert status == 200
    assert plain.headers["Content-Type"].startswith("text/javascript")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert len(script) > 1_000_000
    assert b"export{" in script[-200_000:]

    _, packed, body = ask(url + f"?v={version('plotly')}", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    assert len(body) < len(script) / 2
    assert gzip.decompress(body) == script
    assert ask(url, If_None_Match=plain.headers["Etag"])[0] == 304


def test_kernels_end_with_the_server(start_rnnviz: Callable[..., Any], small_lessons: Path) -> None:
    server = start_rnnviz("--lessons", str(small_lessons))
    ask(server.url + "voila/render/02-next.ipynb")
    kernels = psutil.Process(server.process.pid).children(recursive=True)
    assert kernels
    server.stop()
    assert psutil.wait_procs(kernels, timeout=10)[1] == []


def test_messages_to_a_kernel_are_not_held_back() -> None:
    calls = []

    class Handler:
        def set_nodelay(self, value: bool) -> None:
            calls.append(value)

    class Connection:
        websocket_handler = Handler()

        async def connect(self) -> str:
            calls.append("connected")
            return "done"

    assert asyncio.run(without_delay(Connection)().connect()) == "done"
    assert calls == [True, "connected"]


def test_lab_opens_a_copy(start_rnnviz: Callable[..., Any], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    server = start_rnnviz("lab", str(mine))
    said = server.log.read_text()
    assert f"Your lessons are in {mine}" in said
    assert (mine / ".rnnviz.json").exists()
    page, token = server.url.split("/lab?token=")
    assert ask(server.url)[0] == 200
    assert ask(page + "/api/contents")[0] == 403
    contents = ask(page + "/api/contents", Authorization=f"token {token}")[2].decode()
    assert all(f'"{lesson.name}"' in contents for lesson in mine.glob("*.ipynb"))
    # The extension is there, and with it the script of the curves.
    assert ask(page + "/rnnviz/static/plotly-widget.js")[0] == 200
    # No news is fetched, no extension offered from elsewhere.
    assert '"news": {"disabled": true}' in ask(server.url)[2].decode()
    assert "@jupyterlab/apputils-extension:announcements" in ask(server.url)[2].decode()
