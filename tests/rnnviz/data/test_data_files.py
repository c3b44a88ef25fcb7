"""Public files: found in the folder, fetched into the cache, and refused when they are not what they should be."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnviz.data import DataFileError, find_file
from rnnviz.data.files import cache_folder

POEM = b"Twinkle, twinkle, little star\n" * 20


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of one's own, and an empty cache beside it."""
    own = tmp_path / "public"
    own.mkdir()
    monkeypatch.setenv("RNNVIZ_DATA", str(own))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    return own


class Site:
    """A server on this machine that hands out what is put into `content`, and counts."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked = 0
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                body = site.content.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


def test_a_file_in_the_folder_is_found(folder: Path) -> None:
    (folder / "text").mkdir()
    (folder / "text" / "poem.txt").write_bytes(POEM)
    assert find_file("text/poem.txt", sha256=sum_of(POEM)) == folder / "text" / "poem.txt"


def test_a_missing_file_without_an_address_says_where_it_was_looked_for(folder: Path) -> None:
    with pytest.raises(DataFileError) as error:
        find_file("text/poem.txt", sha256=sum_of(POEM))
    message = str(error.value)
    assert str(folder / "text" / "poem.txt") in message
    assert str(cache_folder() / "text" / "poem.txt") in message
    assert "set RNNVIZ_DATA to that folder" in message


def test_a_file_that_was_uncompressed_is_seen(folder: Path, site: Site) -> None:
    (folder / "mnist").mkdir()
    for url in (None, f"{site.url}/missing"):
        with pytest.raises(DataFileError) as error:
            find_file("mnist/labels.gz", sha256=sum_of(gzip.compress(POEM)), url=url)
        assert "only the compressed original" not in str(error.value)
    (folder / "mnist" / "labels").write_bytes(POEM)
    for url in (None, f"{site.url}/missing"):
        with pytest.raises(DataFileError) as error:
            find_file("mnist/labels.gz", sha256=sum_of(gzip.compress(POEM)), url=url)
        assert f"({folder / 'mnist' / 'labels'} is there, but only the compressed original" in str(
            error.value
        )


def test_without_the_setting_the_error_says_that_no_folder_is_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNVIZ_DATA")
    with pytest.raises(DataFileError, match="no folder of your own is set"):
        find_file("poem.txt", sha256=sum_of(POEM))


def test_a_setting_that_is_no_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(folder / "nowhere"))
    with pytest.raises(DataFileError, match="which is no folder"):
        find_file("poem.txt", sha256=sum_of(POEM))


ZIPPED = gzip.compress(POEM, mtime=0)
DAMAGED = ZIPPED[:20] + bytes([ZIPPED[20] ^ 0xFF]) + ZIPPED[21:]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (ZIPPED[:-15], "it is cut short"),
        (DAMAGED, "compressed data are damaged"),
        (b"<html>404</html>", "is not compressed by gzip"),
        (gzip.compress(b"another poem", mtime=0), "its SHA-256 checksum is"),
        (b"the other", "it holds other.gz. Two files were swapped."),
    ],
)
def test_each_way_of_being_wrong_has_its_own_sentence(folder: Path, content: bytes, reason: str) -> None:
    (folder / "poem.gz").write_bytes(content)
    with pytest.raises(DataFileError) as error:
        find_file("poem.gz", sha256=sum_of(ZIPPED), others={"other.gz": sum_of(b"the other")})
    assert reason in str(error.value)
    assert "unset RNNVIZ_DATA" in str(error.value)


def test_a_wrong_file_in_the_folder_is_not_passed_over_for_the_cache(folder: Path, site: Site) -> None:
    site.content["/poem.txt"] = POEM
    (folder / "poem.txt").write_bytes(b"prose")
    with pytest.raises(DataFileError, match="is not the file it should be"):
        find_file("poem.txt", sha256=sum_of(POEM), url=f"{site.url}/poem.txt")
    assert site.asked == 0


def test_a_download_is_kept_and_not_asked_for_twice(folder: Path, site: Site) -> None:
    site.content["/poem.txt"] = POEM
    for _ in range(2):
        found = find_file("text/poem.txt", sha256=sum_of(POEM), url=f"{site.url}/poem.txt")
    assert found == cache_folder() / "text" / "poem.txt"
    assert found.read_bytes() == POEM
    assert site.asked == 1


def test_a_spoilt_cache_is_fetched_anew(folder: Path, site: Site) -> None:
    site.content["/poem.txt"] = POEM
    kept = cache_folder() / "poem.txt"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"half of i")
    assert find_file("poem.txt", sha256=sum_of(POEM), url=f"{site.url}/poem.txt").read_bytes() == POEM


def test_a_wrong_download_leaves_nothing_behind(folder: Path, site: Site) -> None:
    site.content["/poem.txt"] = b"please log in to this network"
    with pytest.raises(DataFileError, match="Nothing of it was kept"):
        find_file("text/poem.txt", sha256=sum_of(POEM), url=f"{site.url}/poem.txt")
    assert list((cache_folder() / "text").iterdir()) == []


def test_without_a_network_the_error_says_what_to_do(folder: Path, site: Site) -> None:
    with pytest.raises(DataFileError, match=r"failed \(.*Not Found\).*as text/poem.txt, and set RNNVIZ_DATA"):
        find_file("text/poem.txt", sha256=sum_of(POEM), url=f"{site.url}/missing")
    with pytest.raises(DataFileError, match="Try again with a network"):
        find_file("poem.txt", sha256=sum_of(POEM), url="http://127.0.0.1:9/poem.txt")
