"""Public files that the course can use and does not ship: looked up in a folder, or fetched once, always checked.

Set ``RNNVIZ_DATA`` to a folder that holds them, laid out as the paths say (``mnist/train-images-idx3-ubyte.gz``,
``text/alice29.txt``, …). What is not there is downloaded into a cache of yours, where an address is known and there
is a network. Either way a file is used only if its checksum is right.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import os
import sys
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["SETTING", "DataFileError", "cache_folder", "find_file", "read_content"]

SETTING = "RNNVIZ_DATA"
"""The environment variable that names a folder with public files."""
PATIENCE = 20
"""Seconds that a server may be silent."""
PIECE = 1 << 20


class DataFileError(OSError):
    """A public file that is not there, or not what it should be; the message says what to do."""


def find_file(
    path: str, *, sha256: str, url: str | None = None, others: Mapping[str, str] | None = None
) -> Path:
    """Find a public file, in the folder of your own or in the cache, and make sure that it is the very one.

    Parameters
    ----------
    path : str
        Where it lies in such a folder, with forward slashes: ``"mnist/train-images-idx3-ubyte.gz"``.
    sha256 : str
        Its checksum, 64 hexadecimal digits.
    url : str, optional
        Where it can be downloaded. Without one it has to be in the folder.
    others : mapping of str to str, optional
        Paths and checksums of files it is easily confused with, so that a swap can be called one.

    Returns
    -------
    pathlib.Path
        The file. First the folder that the setting ``RNNVIZ_DATA`` names is searched, then the cache; last the file
        is downloaded into the cache.

    Raises
    ------
    DataFileError
        If the file is nowhere and cannot be fetched, if it is cut short, if it is one of the others, or if it differs
        from the original in any other way. A wrong file in your folder is never passed over in silence.

    Examples
    --------
    >>> import hashlib, os, pathlib, tempfile
    >>> from rnnviz.data.files import find_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "poem.txt").write_text("Twinkle")
    ...     before, os.environ["RNNVIZ_DATA"] = os.environ.get("RNNVIZ_DATA"), folder
    ...     found = find_file("poem.txt", sha256=hashlib.sha256(b"Twinkle").hexdigest())
    ...     _ = os.environ.pop("RNNVIZ_DATA") if before is None else os.environ.update(RNNVIZ_DATA=before)
    >>> found.name
    'poem.txt'
    """
    folder = _own_folder()
    if folder is not None and (folder / path).is_file():
        found = folder / path
        if reason := _explain_difference(found, sha256, others or {}):
            raise DataFileError(
                f"{found} is not the file it should be: {reason} Put the original in its place"
                + (f" (from {url})" if url else "")
                + f", or unset {SETTING}."
            )
        return found
    kept = cache_folder() / path
    if kept.is_file() and _checksum(kept) == sha256:
        return kept
    searched = (
        f"{folder / path} (the folder that {SETTING} names) and {kept}"
        if folder is not None
        else f"{kept} (no folder of your own is set)"
    )
    bare = None if folder is None else folder / path.removesuffix(".gz")
    if bare is not None and path.endswith(".gz") and bare.is_file():
        searched += f" ({bare} is there, but only the compressed original has the checksum that is known)"
    if url is None:
        raise DataFileError(
            f"There is no {path}: looked for {searched}. No address is known to fetch it from: put it into a folder "
            f"as {path}, and set {SETTING} to that folder."
        )
    _download(url, kept, sha256, searched)
    return kept


def read_content(path: Path) -> bytes:
    """Read a file that somebody chose, or say in a sentence why that cannot be.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataFileError
        If it is not there, is a folder, or may not be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rnnviz.data.files import read_content
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "poem.txt")
    ...     _ = path.write_bytes(b"Twinkle")
    ...     read_content(path)
    b'Twinkle'
    """
    if path.is_dir():
        inside = sorted(other.name for other in path.iterdir() if other.is_file())[:3]
        hint = f", such as {inside[0]}" if inside else ""
        raise DataFileError(f"{path} is a folder. Pass a file in it{hint}.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataFileError(f"There is no file {path}. Check the folder and the spelling.") from None
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be read ({error.strerror or error}). Check its permissions."
        ) from error


def cache_folder() -> Path:
    """Return the folder that downloaded files are kept in; it need not exist yet.

    Examples
    --------
    >>> from rnnviz.data.files import cache_folder
    >>> cache_folder().name
    'rnnviz'
    """
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "rnnviz"


def _own_folder() -> Path | None:
    given = os.environ.get(SETTING, "").strip()
    if not given:
        return None
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise DataFileError(
            f"{SETTING} is {given!r}, which is no folder. Set it to a folder with public files, or unset it."
        )
    return folder


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _explain_difference(path: Path, sha256: str, others: Mapping[str, str]) -> str:
    """Say in a sentence why this is not the file, or nothing where it is."""
    try:
        found = _checksum(path)
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})."
    if found == sha256:
        return ""
    for name, other in others.items():
        if found == other:
            return f"it holds {name}. Two files were swapped."
    if path.stat().st_size == 0:
        return "it is empty."
    if path.suffix == ".gz" and (reason := _explain_gzip(path)):
        return reason
    return f"its SHA-256 checksum is {found[:16]}…, and {sha256[:16]}… was expected."


def _explain_gzip(path: Path) -> str:
    try:
        with gzip.open(path) as file:
            while file.read(PIECE):
                pass
    except EOFError:
        return f"it is cut short, the compressed data end in the middle ({path.stat().st_size:,} bytes are there)."
    except gzip.BadGzipFile as error:
        if "Not a gzipped file" in str(error):
            return "it ends in .gz and is not compressed by gzip."
        return f"its compressed data are damaged ({error})."
    except zlib.error as error:
        return f"its compressed data are damaged ({error})."
    return ""


def _download(url: str, target: Path, sha256: str, searched: str) -> None:
    """Fetch into a file beside the target and move it there only when its checksum is right."""
    advice = f"Or put it into a folder as {target.relative_to(cache_folder()).as_posix()}, and set {SETTING} to it."
    draft: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
            draft = Path(file.name)
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                while piece := answer.read(PIECE):
                    file.write(piece)
        found = _checksum(draft)
        if found != sha256:
            raise DataFileError(
                f"What {url} sent is not {target.name}: its SHA-256 checksum is {found[:16]}…, and {sha256[:16]}… was "
                f"expected. Nothing of it was kept. Try again later. {advice}"
            )
        draft.replace(target)
    except DataFileError:
        raise
    except (OSError, http.client.HTTPException, urllib.error.URLError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it is an answer of the server, and holds the connection as long as the error lives
        reason = getattr(error, "reason", None) or error
        raise DataFileError(
            f"There is no {target.name}: looked for {searched}, and fetching {url} failed ({reason}). Try again with "
            f"a network. {advice}"
        ) from error
    finally:
        if draft is not None:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
