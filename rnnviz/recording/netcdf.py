"""Read and write netCDF files in the classic format: self-describing arrays that any scientific tool opens.

The format is a header of names, sizes and attributes, then plain numbers. It holds no code, no pickle and no
compression, so that a reader of a hundred lines suffices, every length in a file can be checked before it is
believed, and no further package is needed. Open a file with xarray, MATLAB, R, Panoply or ``ncdump`` as well.
(HDF5, on which netCDF-4 stands, can make its library open other files, load code, and crash.)

Every file carries a checksum of itself, the attribute ``sha256``, so that damage anywhere is noticed. A program that
writes such a file again carries the attribute along and knows nothing of what it is for: a file that shows the hand of
another program, as xarray's, is read without a checksum.

References
----------
"NetCDF classic format specification", Unidata. Written is the variant with 64-bit offsets ("CDF", then 2), read that
with 32 bits as well ("CDF", then 1).
"""

from __future__ import annotations

import hashlib
import math
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["NetCDFError", "Variable", "read_netcdf", "write_netcdf"]

#: Turns a file of another netCDF format into one that is read here.
CONVERT = 'xarray.load_dataset("old.nc").to_netcdf("new.nc", format="NETCDF3_64BIT")'

Attribute = str | int | float
Array = NDArray[np.generic]

_TYPES = {1: ">i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8"}
_CHAR = 2
_DIMENSIONS, _VARIABLES, _ATTRIBUTES = 0x0A, 0x0B, 0x0C
_LARGEST = 2**32 - 4  # bytes of one variable
_LARGEST_TEXT = 2**26  # bytes of one name or attribute
_PIECE = 2**16  # bytes of the header that are read at a time
_SEAL = "sha256"
_UNSEALED = "0" * 64


class NetCDFError(ValueError):
    """The file is not a complete netCDF file in the classic format."""


@dataclass(eq=False)
class Variable:
    """An array with names for its axes and attributes that say what it is."""

    dimensions: tuple[str, ...]
    values: Array
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


# ----------------------------------------------------------------------------------------------------
# write


def write_netcdf(
    path: str | os.PathLike[str], variables: Mapping[str, Variable], attributes: Mapping[str, Attribute]
) -> None:
    """Write a netCDF file; either it is complete afterwards, or nothing was changed.

    Parameters
    ----------
    path : path-like
    variables : mapping of str to Variable
        Of real numbers; whole numbers must fit 32 bits.
    attributes : mapping of str to str, int or float
        Of the file as a whole. The checksum is added to them.

    Raises
    ------
    ValueError
        When two variables give a dimension different sizes, or an array does not fit the format.
    """
    sizes: dict[str, int] = {}
    encoded = {}
    for name, variable in variables.items():
        encoded[name] = _encode(name, variable.values)
        for dimension, size in zip(variable.dimensions, variable.values.shape, strict=True):
            if sizes.setdefault(dimension, size) != size:
                raise ValueError(f"dimension {dimension!r} has sizes {sizes[dimension]} and {size}.")
    ids = {dimension: number for number, dimension in enumerate(sizes)}

    def header(begins: Mapping[str, int]) -> bytes:
        parts = [b"CDF\x02", _word(0)]
        parts += _listed(_DIMENSIONS, [_name(dimension) + _word(size) for dimension, size in sizes.items()])
        parts += _attribute_list({**attributes, _SEAL: _UNSEALED})
        listed = []
        for name, variable in variables.items():
            kind, array = encoded[name]
            axes = b"".join(_word(ids[dimension]) for dimension in variable.dimensions)
            listed.append(
                _name(name)
                + _word(len(variable.dimensions))
                + axes
                + b"".join(_attribute_list(variable.attributes))
                + _word(kind)
                + _word(_padded(array.nbytes))
                + struct.pack(">Q", begins.get(name, 0))
            )
        return b"".join(parts + _listed(_VARIABLES, listed))

    position = len(header({}))
    begins = {}
    for name, (_, array) in encoded.items():
        begins[name] = position
        position += _padded(array.nbytes)
    unsealed = header(begins)
    data = [part for _, array in encoded.values() for part in (_bytes_of(array), bytes(-array.nbytes % 4))]
    digest = hashlib.sha256(unsealed)
    for part in data:
        digest.update(part)
    place = _find_seal(unsealed, _UNSEALED)
    sealed = unsealed[:place] + digest.hexdigest().encode() + unsealed[place + len(_UNSEALED) :]

    target = Path(path)
    # Written beside the target and renamed, so that an interrupted write leaves no half of a file under its
    # name.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(sealed)
            file.writelines(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _encode(name: str, values: Array) -> tuple[int, Array]:
    """Return the type number and the big-endian array for what is to be written."""
    if values.dtype == np.float64:
        kind = 6
    elif values.dtype in (np.float32, np.float16):
        kind = 5
    elif values.dtype == np.bool_:
        kind = 1
    elif np.issubdtype(values.dtype, np.integer):
        kind = 4
        if values.size and (values.min() < -(2**31) or values.max() >= 2**31):
            raise ValueError(f"{name} holds whole numbers beyond 32 bits, which the format does not.")
    else:
        raise ValueError(f"{name} holds {values.dtype}, which is no real number.")
    array = np.ascontiguousarray(values, dtype=_TYPES[kind])
    if array.nbytes > _LARGEST:
        raise ValueError(
            f"{name} takes {array.nbytes} bytes; the format holds 4 GiB. Record fewer sequences."
        )
    return kind, array


def _bytes_of(array: Array) -> bytes | memoryview:
    """Look at an array as bytes, without a copy."""
    return array.reshape(-1).view(np.uint8).data


def _padded(size: int) -> int:
    return -(-size // 4) * 4


def _find_seal(header: bytes, seal: str) -> int:
    """Find where the checksum stands in a header, -1 where it does not."""
    # No name has the zero bytes that are part of this pattern, so it is found only where it belongs.
    entry = _name(_SEAL) + _word(_CHAR) + _name(seal)
    found = header.find(entry)
    return found if found < 0 else found + len(entry) - len(seal)


def _word(number: int) -> bytes:
    return struct.pack(">I", number)


def _name(name: str) -> bytes:
    data = name.encode()
    return _word(len(data)) + data.ljust(_padded(len(data)), b"\0")


def _listed(tag: int, entries: list[bytes]) -> list[bytes]:
    return [_word(tag), _word(len(entries)), *entries] if entries else [_word(0), _word(0)]


def _attribute_list(attributes: Mapping[str, Attribute]) -> list[bytes]:
    entries = []
    for name, value in attributes.items():
        if isinstance(value, str):
            data = value.encode()
            kind, count = _CHAR, len(data)
        elif isinstance(value, int):
            kind, count, data = 4, 1, struct.pack(">i", value)
        else:
            kind, count, data = 6, 1, struct.pack(">d", value)
        entries.append(_name(name) + _word(kind) + _word(count) + data.ljust(_padded(len(data)), b"\0"))
    return _listed(_ATTRIBUTES, entries)


# ----------------------------------------------------------------------------------------------------
# read


class _Header:
    """A reader that never goes beyond what the file holds, and fetches no more of it than the header."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file = file
        self.size = size
        self.data = bytearray()
        self.position = 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > self.size:
            raise NetCDFError(f"it ends after {self.size} bytes, in the middle of its header.")
        if count > _LARGEST_TEXT:
            raise NetCDFError(f"its header has a text of {count} bytes, where {_LARGEST_TEXT} are the most.")
        while len(self.data) < end:
            piece = self.file.read(max(_PIECE, end - len(self.data)))
            if not piece:
                raise NetCDFError(f"it ends after {len(self.data)} bytes, in the middle of its header.")
            self.data += piece
        taken = bytes(self.data[self.position : end])
        self.position = end
        return taken

    def word(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def name(self) -> str:
        length = self.word()
        return self.text(length)

    def text(self, length: int) -> str:
        data = self.take(_padded(length))[:length]
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise NetCDFError("a name or a text in it is not UTF-8.") from None

    def count(self, tag: int) -> int:
        """Read the tag and the length of a list; an absent list has neither."""
        found, count = self.word(), self.word()
        if (found, count) != (0, 0) and found != tag:
            raise NetCDFError(f"its header has the tag {found:#x} where {tag:#x} belongs.")
        # Every entry takes 8 bytes at least; a larger count is a lie that would only waste time.
        if count > (self.size - self.position) // 8:
            raise NetCDFError("its header promises more entries than the file has room for.")
        return count

    def attributes(self) -> dict[str, Attribute]:
        found: dict[str, Attribute] = {}
        for _ in range(self.count(_ATTRIBUTES)):
            name, kind, count = self.name(), self.word(), self.word()
            if kind not in _TYPES:
                raise NetCDFError(f"attribute {name!r} has the unknown type {kind}.")
            if name in found:
                raise NetCDFError(f"it has the attribute {name!r} twice.")
            if kind == _CHAR:
                # C knows no empty text: other programs write a zero for it.
                found[name] = self.text(count).rstrip("\0")
                continue
            dtype = np.dtype(_TYPES[kind])
            values = np.frombuffer(self.take(_padded(count * dtype.itemsize)), dtype, count)
            if count == 1:
                found[name] = values[0].item()
        return found


def read_netcdf(path: str | os.PathLike[str]) -> tuple[dict[str, Variable], dict[str, Attribute], bool]:
    """Read a netCDF file in the classic format.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    variables : dict of str to Variable
        In the machine's own byte order.
    attributes : dict
        Of the file as a whole.
    sealed : bool
        Whether a checksum says that the file is as `write_netcdf` left it. False where another program has written
        it (again).

    Raises
    ------
    NetCDFError
        When the file is something else, not all of it is there, or its checksum does not fit: it was changed after
        `write_netcdf`. Nothing in it is ever executed, and no more memory is taken than a few times the size of the
        file.
    OSError
        When it cannot be read.
    """
    if not Path(path).is_file() and Path(path).exists():
        raise NetCDFError("it is not a file.")
    with open(path, "rb") as file:
        magic = file.read(4)
        if magic[:3] != b"CDF":
            if magic == b"\x89HDF":
                raise NetCDFError(f"it is a netCDF-4 (HDF5) file. Convert it first: {CONVERT}")
            raise NetCDFError("a classic netCDF file begins with CDF; it is something else.")
        if magic[3:] not in (b"\x01", b"\x02"):
            raise NetCDFError(
                f"it is in another netCDF format than the classic one. Convert it first: {CONVERT}"
            )
        size = os.fstat(file.fileno()).st_size
        file.seek(0)
        header = _Header(file, size)
        layout, dimensions, attributes = _read_header(header, wide=magic[3] == 2)
        # What is never written here. A checksum that is not there is no such sign: its name may be damaged.
        rewritten = magic[3] == 1 or any("_FillValue" in about for _, about, _, _ in layout.values())
        # Before anything large is read: a file of another size is damaged, however long that would take.
        _check_places(layout, dimensions, header.position, size, strict=not rewritten)
        file.seek(0)
        try:
            data = memoryview(file.read())
        except MemoryError:
            raise NetCDFError("it is larger than this machine's memory.") from None
    if len(data) != size:
        raise NetCDFError("it changed while it was read.")
    if rewritten:
        attributes.pop(_SEAL, None)
    else:
        _check_seal(data, bytes(data[: header.position]), attributes)
    variables = {}
    for name, (axes, of_variable, number, begin) in layout.items():
        dtype = np.dtype(_TYPES[number])
        shape = tuple(dimensions[axis][1] for axis in axes)
        values = np.frombuffer(data, dtype, math.prod(shape), begin).astype(dtype.newbyteorder("="))
        try:
            values = values.reshape(shape)
        except ValueError:  # nothing times more than numpy can count
            raise NetCDFError(f"variable {name!r} has the shape {shape}.") from None
        variables[name] = Variable(tuple(dimensions[axis][0] for axis in axes), values, of_variable)
    return variables, attributes, not rewritten


# By variable: its axes, its attributes, the number of its type, and where its numbers begin.
_Layout = dict[str, tuple[list[int], dict[str, Attribute], int, int]]


def _read_header(
    header: _Header, *, wide: bool
) -> tuple[_Layout, list[tuple[str, int]], dict[str, Attribute]]:
    """Return the variables, the axes with their lengths, and the attributes; `wide` offsets have 64 bits."""
    header.take(4)
    if header.word() != 0:
        raise NetCDFError(f"it has records, an axis of unlimited size. Write it without: {CONVERT}")
    dimensions: dict[str, int] = {}
    for _ in range(header.count(_DIMENSIONS)):
        name = header.name()
        # At once, not at the end: a sparse file could declare nothing a hundred million times.
        if name in dimensions:
            raise NetCDFError("it declares an axis twice.")
        dimensions[name] = header.word()
    attributes = header.attributes()
    found: _Layout = {}
    for _ in range(header.count(_VARIABLES)):
        name = header.name()
        rank = header.word()
        if rank > 16:
            raise NetCDFError(f"variable {name!r} has {rank} axes.")
        axes = [header.word() for _ in range(rank)]
        if any(axis >= len(dimensions) for axis in axes):
            raise NetCDFError(f"variable {name!r} has an axis that is not declared.")
        of_variable = header.attributes()
        number, _ = header.word(), header.word()  # the declared size is redundant
        begin = int.from_bytes(header.take(8 if wide else 4), "big")
        if number not in _TYPES or number == _CHAR:
            raise NetCDFError(f"variable {name!r} has the type {number}, which is none of numbers.")
        if name in found:
            raise NetCDFError(f"it has {name!r} twice.")
        found[name] = axes, of_variable, number, begin
    return found, list(dimensions.items()), attributes


def _check_places(
    layout: _Layout, dimensions: list[tuple[str, int]], position: int, size: int, *, strict: bool
) -> None:
    """Refuse numbers that overlap or lie beyond the end: many names for the same bytes could unfold beyond all memory.

    `strict` wants one after the other from the header to the end, as they are written here; other programs leave gaps.
    """
    for name, (axes, _, number, begin) in sorted(layout.items(), key=lambda entry: entry[1][3]):
        if begin != position if strict else begin < position:
            raise NetCDFError(f"variable {name!r} does not follow what stands before it.")
        taken = math.prod(dimensions[axis][1] for axis in axes) * np.dtype(_TYPES[number]).itemsize
        # The last may go without the bytes that fill up the word.
        position = begin + (_padded(taken) if strict or begin + _padded(taken) <= size else taken)
    if position != size if strict else position > size:
        raise NetCDFError(f"it has {size} bytes where its header promises {position}.")


def _check_seal(data: memoryview, header: bytes, attributes: dict[str, Attribute]) -> None:
    """Compare the checksum with what it was made of, and take it from the attributes."""
    seal = attributes.pop(_SEAL, None)
    if not isinstance(seal, str) or len(seal) != len(_UNSEALED):
        raise NetCDFError("it has no checksum, so another program wrote it.")
    place = _find_seal(header, seal)
    digest = hashlib.sha256(header[:place] + _UNSEALED.encode())
    digest.update(data[place + len(_UNSEALED) :])
    if digest.hexdigest() != seal:
        raise NetCDFError("its checksum does not fit: it was damaged, or changed after it was written.")
