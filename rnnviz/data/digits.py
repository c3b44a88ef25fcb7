"""Handwritten digits, to be read row by row: small ones that scikit-learn ships, and MNIST where it can be had."""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnnviz.data.files import DataFileError, find_file

__all__ = ["DigitSets", "Digits", "digits", "mnist", "read_digits", "read_idx"]

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

MNIST_FILES = {
    "mnist/train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "mnist/train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "mnist/t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "mnist/t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/"
# Of the data of an IDX file, by the third byte of its magic number; all big-endian.
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
IDX_LARGEST = 2_000_000_000
IDX_WORDS = {1: "one number an item (labels)", 3: "rows and columns of each item (images)"}


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of digits, what each shows, and where they come from.

    Attributes
    ----------
    name : str
        What a plot calls them.
    images : ndarray of float32, shape (image, row, column)
        Ink from 0, none, to 1.
    labels : ndarray of int64, shape (image,)
        The digit that each image shows, 0 to 9.
    source, licence : str
        Where they come from, and on what terms.

    Raises
    ------
    ValueError
        If there is no image, a value that is not between 0 and 1, a label that is no digit, or a number of labels
        that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnviz.data import Digits
    >>> Digits("blank", np.zeros((2, 8, 8)), np.array([0, 1]))
    Digits('blank', 2 images of 8 × 8)
    """

    name: str
    images: Images
    labels: Labels
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        images = np.asarray(self.images, dtype=np.float32)
        labels = np.asarray(self.labels)
        if images.ndim != 3 or 0 in images.shape:
            raise ValueError(
                f"The images of {self.name!r} have shape {images.shape}; they need (image, row, column), and at least "
                "one of each."
            )
        if labels.shape != images.shape[:1]:
            raise ValueError(f"{self.name!r} has {len(images)} images and labels of shape {labels.shape}.")
        # NaN is caught too: no comparison with it holds.
        if not (images.min() >= 0 and images.max() <= 1):
            raise ValueError(
                f"The images of {self.name!r} hold values from {images.min():g} to {images.max():g}; ink goes from 0 "
                "to 1. Divide by the largest value first."
            )
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 9:
            raise ValueError(f"The labels of {self.name!r} must be whole numbers from 0 to 9.")
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        count, rows, columns = self.images.shape
        return f"Digits({self.name!r}, {count} image{'s' * (count != 1)} of {rows} × {columns})"

    @property
    def sequences(self) -> Tensor:
        """The images as sequences of rows, (time, batch, feature) = (row, image, column), float32."""
        return torch.from_numpy(self.images).transpose(0, 1)

    @property
    def targets(self) -> Tensor:
        """The labels as torch takes them, (image,), int64."""
        return torch.from_numpy(self.labels)

    def select(self, chosen: npt.ArrayLike | slice) -> Digits:
        """Return the images at these places, in this order.

        Parameters
        ----------
        chosen : array of int or bool, or slice
            As NumPy takes it.

        Returns
        -------
        Digits
            Under the same name.
        """
        places = chosen if isinstance(chosen, slice) else np.asarray(chosen)
        return Digits(self.name, self.images[places], self.labels[places], self.source, self.licence)


class DigitSets(NamedTuple):
    """Digits to learn from, and others to be tested on."""

    train: Digits
    test: Digits


def digits() -> DigitSets:
    """Load 1,797 digits of 8 × 8 that scikit-learn ships.

    The file's own order is kept: the first 1,347 are to learn from, the last 450 to be tested on.

    Returns
    -------
    DigitSets
        ``train`` and ``test``. Ink came in 17 shades, 0 to 16, and is divided by 16.

    Raises
    ------
    ImportError
        Without scikit-learn, saying what to install.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998;
    this is its test part. 43 people wrote on forms, whose bitmaps were brought to one size; ink was counted in blocks.

    Examples
    --------
    >>> from rnnviz.data import digits
    >>> train, test = digits()
    >>> train, test
    (Digits('8 × 8 digits', 1347 images of 8 × 8), Digits('8 × 8 digits', 450 images of 8 × 8))
    >>> train.sequences.shape  # (time, batch, feature)
    torch.Size([8, 1347, 8])
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            'To load the digits, scikit-learn is needed, which is not installed. Run: pip install "rnnviz[course]"'
        ) from error
    raw: Any = load_digits()
    whole = Digits(
        name="8 × 8 digits",
        images=raw.images.astype(np.float32) / 16,
        labels=raw.target,
        source="E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, through scikit-learn",
        licence="CC BY 4.0",
    )
    cut = 3 * len(whole) // 4
    return DigitSets(whole.select(slice(cut)), whole.select(slice(cut, None)))


def mnist() -> DigitSets:
    """Load MNIST, 70,000 digits of 28 × 28, from the four original IDX files.

    They are looked for, compressed as they were published, in ``mnist/`` of the folder that ``RNNVIZ_DATA`` names,
    and downloaded (11 MB, once) where that is not set; see `rnnviz.data.find_file`.

    Returns
    -------
    DigitSets
        60,000 images to learn from, 10,000 to be tested on. Ink came in 256 shades and is divided by 255.

    Raises
    ------
    DataFileError
        If a file is missing, damaged, or another one than its name says.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    >>> from rnnviz.data import mnist
    >>> train, test = mnist()  # doctest: +SKIP
    >>> train  # doctest: +SKIP
    Digits('MNIST', 60000 images of 28 × 28)
    """
    found = [
        find_file(path, sha256=sha256, url=MNIST_URL + path, others=MNIST_FILES)
        for path, sha256 in MNIST_FILES.items()
    ]
    source = "Y. LeCun, C. Cortes and C. J. C. Burges, the MNIST database"
    return DigitSets(
        *(
            read_digits(images, labels, name="MNIST", source=source, licence="CC BY-SA 3.0")
            for images, labels in (found[:2], found[2:])
        )
    )


def read_digits(
    images: str | Path, labels: str | Path, *, name: str = "", source: str = "", licence: str = ""
) -> Digits:
    """Read digits from a pair of IDX files, one of images and one of labels.

    Parameters
    ----------
    images, labels : str or path
        The two files, compressed by gzip or not.
    name : str, optional
        What a plot calls them; by default the name of the first file.
    source, licence : str, optional
        Where they come from, and on what terms.

    Returns
    -------
    Digits
        Bytes are divided by 255.

    Raises
    ------
    DataFileError
        If a file is damaged, if the two are swapped, or if they do not belong together.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from rnnviz.data.digits import read_digits
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pair = pathlib.Path(folder, "images"), pathlib.Path(folder, "labels")
    ...     _ = pair[0].write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255]))
    ...     _ = pair[1].write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]))
    ...     read = read_digits(*pair)
    >>> read, read.images.tolist(), read.labels.tolist()
    (Digits('images', 1 image of 1 × 2), [[[0.0, 1.0]]], [7])
    """
    images, labels = Path(images), Path(labels)
    pixels, shown = read_idx(images), read_idx(labels)
    if (pixels.ndim, shown.ndim) == (1, 3):
        raise DataFileError(
            f"{images.name} holds labels and {labels.name} holds images. Swap the two: images first."
        )
    for path, array, dimensions in ((images, pixels, 3), (labels, shown, 1)):
        if array.ndim != dimensions or array.dtype != np.uint8:
            raise DataFileError(
                f"{path.name} holds {array.dtype} with {array.ndim} dimensions; expected were bytes with {dimensions}, "
                f"{IDX_WORDS[dimensions]}."
            )
    if len(pixels) != len(shown):
        raise DataFileError(
            f"{images.name} holds {len(pixels):,} images and {labels.name} {len(shown):,} labels. They are not a pair: "
            "was one taken from the training files and one from the test files?"
        )
    try:
        return Digits(
            name or images.name.split(".")[0],
            pixels.astype(np.float32) / np.float32(255),
            shown.astype(np.int64),
            source,
            licence,
        )
    except ValueError as error:
        raise DataFileError(f"{images.name} and {labels.name} are no digits. {error}") from error


def read_idx(path: str | Path) -> npt.NDArray[Any]:
    """Read an array from a file in the IDX format, in which MNIST and its relatives come.

    Parameters
    ----------
    path : str or path
        The file; one whose name ends in ``.gz`` is decompressed on the way.

    Returns
    -------
    ndarray
        Of the shape and type that the file states, in this machine's byte order.

    Raises
    ------
    DataFileError
        If the file is missing, is cut short, is no IDX file, or holds more or less than it states.

    References
    ----------
    The format is described with the MNIST database: two zero bytes, one for the type, one for the number of
    dimensions, each dimension in four bytes, then the data, all big-endian.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from rnnviz.data.digits import read_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     read_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    path = Path(path)
    if path.is_dir():
        raise DataFileError(
            f"{path} is a folder. Pass a file in it, such as {path / 'train-images-idx3-ubyte.gz'}."
        )
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            magic = file.read(4)
            if magic[:2] == b"\x1f\x8b":
                raise DataFileError(
                    f"{path} is compressed by gzip twice. Unpack it once."
                    if path.suffix == ".gz"
                    else f"{path} is compressed by gzip, and its name does not say so. Rename it to {path.name}.gz."
                )
            kind, dimensions = (magic[2], magic[3]) if len(magic) == 4 else (-1, 0)
            if magic[:2] != b"\0\0" or kind not in IDX_TYPES or dimensions == 0:
                raise DataFileError(
                    f"{path} is no IDX file: it begins with {magic.hex(' ') or 'nothing'}, where two zero bytes, a "
                    "type and a number of dimensions should stand (00 00 08 03 for images, 00 00 08 01 for labels)."
                )
            head = file.read(4 * dimensions)
            if len(head) < 4 * dimensions:
                raise DataFileError(f"{path} is cut short: its {dimensions} dimensions are not all there.")
            shape = struct.unpack(f">{dimensions}I", head)
            dtype = np.dtype(IDX_TYPES[kind])
            # Python's integers, which do not overflow whatever a hostile file states.
            size = dtype.itemsize
            for extent in shape:
                size *= extent
            if size > IDX_LARGEST:
                raise DataFileError(
                    f"{path} states a shape of {' × '.join(map(str, shape))}, more than {IDX_LARGEST:,} bytes. It is "
                    "damaged, or no file for a course."
                )
            data = file.read(size + 1)
    except FileNotFoundError:
        raise DataFileError(f"There is no file {path}. Check its name, or get it again.") from None
    except PermissionError as error:
        raise DataFileError(f"{path} may not be read ({error.strerror}). Check its permissions.") from error
    except EOFError:
        raise DataFileError(
            f"{path} is cut short: its compressed data end in the middle. Get it again."
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataFileError(f"{path} cannot be decompressed ({error}). Get it again.") from error
    if len(data) != size:
        reason = f"only {len(data):,} are there; it is cut short" if len(data) < size else "more follow"
        raise DataFileError(
            f"{path} states a shape of {' × '.join(map(str, shape))}, hence {size:,} bytes of data, and {reason}."
        )
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))
