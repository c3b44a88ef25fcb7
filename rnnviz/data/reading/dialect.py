"""From text to rows of cells: what separates them, what quotes them, and which line each row is from."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rnnviz.data.reading.encoding import EncodingError, decode
from rnnviz.data.reading.messages import CsvError
from rnnviz.data.reading.numerals import SPACED, is_number

__all__ = ["DELIMITERS", "Dialect", "Row", "find_dialect", "load", "read_rows", "to_text"]

LARGEST = 20_000_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank"}
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"{\\rtf": "a word processor's document",
}
# Excel writes, and obeys, a first line that names the separator.
NAMED = re.compile(r'\A"?sep=(.)"?[ \t]*(?=\r?\n)', re.IGNORECASE)
SAMPLE = 80

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Dialect:
    """How a table is written down.

    Attributes
    ----------
    delimiter : str
        What separates two cells; a blank stands for any number of blanks and tabs.
    quote, escape : str
        What encloses a cell, and what takes a sign its meaning; empty if nothing does.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""


def load(source: str | Path | bytes, name: str | None) -> tuple[bytes, str]:
    """Return the content, and a name for the series."""
    if isinstance(source, bytes):
        return source, name or "your file"
    path = Path(source)
    if path.is_dir():
        raise CsvError(f"{path} is a folder. Give the file in it, such as {path / 'data.csv'}.")
    if not path.is_file():
        near = sorted(other.name for other in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        hint = (
            f"In that folder there are {', '.join(near[:5])}."
            if near
            else "Check the folder and the spelling."
        )
        raise CsvError(f"There is no file {path}. {hint}")
    return path.read_bytes(), name or path.stem


def to_text(raw: bytes, encoding: str | None, notes: list[str]) -> str:
    """Return the text of a file, or say what kind of file it is instead."""
    if not raw.strip():
        raise CsvError(
            "The file is empty. Export it again, and check that it has rows when opened in a text editor."
        )
    if len(raw) > LARGEST:
        raise CsvError(
            f"The file has {len(raw) / 1e6:.0f} MB; up to {LARGEST / 1e6:.0f} MB can be read. Keep only the "
            "columns needed, or average over longer steps."
        )
    for signature, what in SIGNATURES.items():
        if raw.startswith(signature):
            raise CsvError(
                f"This is {what}, not a CSV file. Open it and save or export the table as CSV (UTF-8)."
            )
    if b"\0" in raw and encoding is None and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CsvError(
            "This is a binary file, not text. Open it in the program it is from and export it as CSV (UTF-8); "
            "if it is text in UTF-16, say so: encoding='utf-16-le'."
        )
    try:
        text, note = decode(raw, encoding)
    except LookupError:
        raise CsvError(f"There is no encoding {encoding!r}; try 'utf-8', 'cp1252' or 'latin-1'.") from None
    except EncodingError as error:
        raise CsvError(str(error), error.line) from None
    if note is not None:
        notes.append(note)
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")


def find_dialect(text: str) -> tuple[str, Dialect]:
    """Return the text without a line that names the separator, and how the table is written.

    clevercsv proposes the dialect whose cells look most like data. A comma between digits may be a decimal mark, and
    apostrophes and blanks may group them, which it cannot know: where a semicolon, a tab or a bar divides the lines
    as evenly, that one is taken.
    """
    if named := NAMED.match(text):
        # The line stays, empty, so that the others keep their numbers.
        return text[named.end() :], _proposed(text[named.end() :], named.group(1))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    # The middle as well as the beginning: there may be a title of many lines above the table.
    middle = max(0, len(lines) // 2 - SAMPLE // 2)
    sample = "\n".join(
        lines if len(lines) <= 2 * SAMPLE else lines[:SAMPLE] + lines[middle : middle + SAMPLE]
    )
    proposed = _proposed(sample)
    if all(is_number(SPACED.sub("", line.strip().replace(",", "."))) for line in lines[1 : SAMPLE + 1]):
        blank_is_no_separator = True  # one column of numbers such as "1 234,5"
    else:
        blank_is_no_separator = False
    scores = {
        delimiter: _agreement(sample, delimiter, proposed) for delimiter in DELIMITERS if delimiter != " "
    }
    best = max(scores, key=scores.__getitem__)
    # In "1.1.2020;3,5" both the comma and the semicolon give two cells.
    if best == "," and scores[";"][0] >= scores[","][0] > 0:
        best = ";"
    if scores[best][0] >= 0.9:
        return text, Dialect(best, proposed.quote, proposed.escape)
    if (
        proposed.delimiter == " "
        and not blank_is_no_separator
        and _agreement(sample, " ", proposed)[0] >= 0.9
    ):
        return text, proposed
    if proposed.delimiter in scores and scores[proposed.delimiter][0] > 0:
        best = proposed.delimiter
    return text, Dialect(best, proposed.quote, proposed.escape)


def _proposed(sample: str, delimiter: str | None = None) -> Dialect:
    from clevercsv.detect import Detector

    sample = "\n".join(sample.splitlines()[: 2 * SAMPLE])
    try:
        found = Detector().detect(sample, delimiters=[delimiter] if delimiter else list(DELIMITERS))
    except Exception:  # whatever it stumbles over, the table is judged by our own count of cells
        found = None
    if found is None:
        return Dialect(delimiter or ",")
    quote = found.quotechar or '"'
    if quote != '"' and not _encloses(sample, quote, found.delimiter or ","):
        quote = '"'
    escape = found.escapechar if found.escapechar == "\\" else ""
    return Dialect(delimiter or found.delimiter or ",", quote, escape)


def _encloses(sample: str, quote: str, delimiter: str) -> bool:
    """Whether a sign stands at both ends of cells: an apostrophe may also group digits."""
    cell = re.compile(
        rf"(?:^|{re.escape(delimiter)})\s*{re.escape(quote)}[^{re.escape(quote)}\n]*{re.escape(quote)}\s*"
        rf"(?=$|{re.escape(delimiter)})",
        re.MULTILINE,
    )
    return len(cell.findall(sample)) >= 2


def _agreement(sample: str, delimiter: str, proposed: Dialect) -> tuple[float, int]:
    """Return the share of lines with the most common number of cells, at least two, and that number."""
    try:
        rows = read_rows(sample, Dialect(delimiter, proposed.quote, proposed.escape), strict=False)
    except CsvError:
        return 0.0, 0
    widths = Counter(len(row) for _, row in rows)
    width, often = widths.most_common(1)[0]
    return (often / widths.total(), width) if width > 1 else (0.0, 0)


def read_rows(text: str, dialect: Dialect, strict: bool = True) -> list[Row]:
    """Cut the text into rows, each with the line that it begins in; blank lines and comments are passed over."""
    rows: list[Row] = []
    if dialect.delimiter == " ":
        for line, words in enumerate((line.split() for line in text.splitlines()), 1):
            if words and not words[0].startswith("#"):
                rows.append((line, [_tidy(word.strip('"')) for word in words]))
    else:
        reader = csv.reader(
            text.splitlines(keepends=True),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            escapechar=dialect.escape or None,
            skipinitialspace=True,
            strict=strict,
        )
        started = 1
        try:
            for row in reader:
                cells = [_tidy(cell) for cell in row]
                if any(cells) and not cells[0].startswith("#"):
                    rows.append((started, cells))
                started = reader.line_num + 1
        except csv.Error as error:
            raise CsvError(
                f"the quotation marks do not match ({error}). Correct that line.", started
            ) from None
    if not rows:
        raise CsvError("The file has only blank lines and comments. Export it again with its data.")
    return rows


def _tidy(cell: str) -> str:
    if cell.isascii():
        return cell.strip()
    return cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()
