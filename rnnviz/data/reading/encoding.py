"""From bytes to text: UTF-8, UTF-16 with its mark, Windows-1252, and files in which these are mixed."""

from __future__ import annotations

from rnnviz.data.reading.messages import number_lines

__all__ = ["EncodingError", "decode"]

# Letters of other encodings, read as Windows-1252, come out as quotation marks and bullets in the midst of words.
_PLAUSIBLE = "°²³€£µ½"
# In prose these are what Windows-1252 is known by.
_TYPOGRAPHY = "‘’“”„–—…«»§·¿¡©®™´`"


class EncodingError(ValueError):
    """A byte that belongs to no encoding that is known here.

    Attributes
    ----------
    line, place : int
        The line, and the byte within it, both counted from 1.
    """

    def __init__(self, message: str, line: int, place: int) -> None:
        super().__init__(message)
        self.line, self.place = line, place


def decode(raw: bytes, encoding: str | None = None, *, prose: bool = False) -> tuple[str, str | None]:
    """Return the text, and a note where it was not plain UTF-8.

    Parameters
    ----------
    raw : bytes
    encoding : str, optional
        By default UTF-8, UTF-16 where its mark stands, else Windows-1252, line by line.
    prose : bool, default False
        Whether curly quotation marks and dashes are to be expected.

    Raises
    ------
    EncodingError
        At the first byte that cannot be read.
    LookupError
        If there is no such encoding.

    Examples
    --------
    >>> from rnnviz.data.reading.encoding import decode
    >>> decode("déjà vu".encode("cp1252"))
    ('déjà vu', 'The file is not UTF-8; it was read as Windows-1252.')
    """
    if encoding is None and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        return raw.decode(encoding or "utf-8-sig"), None
    except UnicodeDecodeError as error:
        if encoding is not None:
            start = raw.rfind(b"\n", 0, error.start) + 1
            line = raw.count(b"\n", 0, error.start) + 1
            raise _fault(raw, error.start, line, error.start - start + 1, encoding) from None
    allowed = _PLAUSIBLE + (_TYPOGRAPHY if prose else "")
    pieces, western, unicode = [], [], False
    start = 0
    for line, part in enumerate(raw.split(b"\n"), 1):
        try:
            text = part.decode("utf-8-sig" if line == 1 else "utf-8")
            unicode = unicode or not text.isascii()
        except UnicodeDecodeError as error:
            text = part.decode("cp1252", errors="replace")
            if not all(sign.isascii() or sign.isalpha() or sign in allowed for sign in text):
                raise _fault(raw, start + error.start, line, error.start + 1, "UTF-8") from None
            western.append(line)
        pieces.append(text)
        start += len(part) + 1
    if unicode:
        note = f"The file is UTF-8 but for {number_lines(western)}, read as Windows-1252."
    else:
        note = "The file is not UTF-8; it was read as Windows-1252."
    return "\n".join(pieces), note


def _fault(raw: bytes, at: int, line: int, place: int, encoding: str) -> EncodingError:
    byte = f"byte {place} (0x{raw[at]:02X})" if at < len(raw) else "the end"
    return EncodingError(
        f"{byte} is a character in an encoding other than {encoding}. Save the file as UTF-8, or name its "
        "encoding, as in encoding='shift_jis'.",
        line,
        place,
    )
