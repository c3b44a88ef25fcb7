"""Digits: what is read, and each way in which a file can be wrong."""

from __future__ import annotations

import gzip
import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.data import DataFileError, Digits, digits, mnist
from rnnviz.data.digits import MNIST_FILES, read_digits, read_idx

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
LABELS = np.array([7, 0], dtype=np.uint8)


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_pair_of_files_is_read(tmp_path: Path, ending: str) -> None:
    read = read_digits(
        write(tmp_path / f"images{ending}", idx(IMAGES)), write(tmp_path / f"labels{ending}", idx(LABELS))
    )
    np.testing.assert_allclose(read.images, IMAGES / 255, rtol=1e-6)
    assert read.images.dtype == np.float32
    assert read.labels.tolist() == [7, 0]
    assert read.name == "images"
    assert read.sequences.shape == (3, 2, 4)
    assert torch.equal(read.sequences[2, 1], torch.from_numpy(read.images[1, 2]))


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.array([-1, 5], dtype=">i1"), 0x09),
        (np.array([[-300], [7]], dtype=">i2"), 0x0B),
        (np.array([1 << 30], dtype=">i4"), 0x0C),
        (np.array([0.25, -2], dtype=">f4"), 0x0D),
        (np.array([0.1], dtype=">f8"), 0x0E),
    ],
)
def test_every_type_of_the_format(tmp_path: Path, array: np.ndarray, kind: int) -> None:
    read = read_idx(write(tmp_path / "array", idx(array, kind)))
    np.testing.assert_array_equal(read, array)
    assert read.dtype.isnative


def test_swapped_files_are_called_so(tmp_path: Path) -> None:
    images, labels = write(tmp_path / "images", idx(IMAGES)), write(tmp_path / "labels", idx(LABELS))
    with pytest.raises(DataFileError, match="labels holds labels and images holds images"):
        read_digits(labels, images)


def test_files_that_are_no_pair(tmp_path: Path) -> None:
    images, labels = write(tmp_path / "images", idx(IMAGES)), write(tmp_path / "labels", idx(LABELS[:1]))
    with pytest.raises(DataFileError, match=r"2 images and labels 1 labels\. They are not a pair"):
        read_digits(images, labels)
    with pytest.raises(
        DataFileError, match="images holds uint8 with 3 dimensions; expected were bytes with 1"
    ):
        read_digits(images, images)


def test_labels_that_are_no_digits(tmp_path: Path) -> None:
    images, labels = write(tmp_path / "images", idx(IMAGES)), write(tmp_path / "labels", idx(LABELS + 5))
    with pytest.raises(DataFileError, match="whole numbers from 0 to 9"):
        read_digits(images, labels)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "begins with nothing"),
        (b"<htm", "is no IDX file: it begins with 3c 68 74 6d"),
        (bytes([0, 0, 7, 1]) + idx(LABELS)[4:], "is no IDX file"),
        (bytes([0, 0, 8, 0]), "is no IDX file"),
        (idx(IMAGES)[:9], "its 3 dimensions are not all there"),
        (idx(IMAGES)[:-1], "hence 24 bytes of data, and only 23 are there; it is cut short"),
        (idx(IMAGES) + b"\0", "and more follow"),
        (bytes([0, 0, 8, 2]) + struct.pack(">2I", 2**32 - 1, 2**32 - 1), "more than 2,000,000,000 bytes"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DataFileError) as error:
        read_idx(write(tmp_path / "array", content))
    assert reason in str(error.value)
    with pytest.raises(DataFileError) as error:
        read_idx(write(tmp_path / "array.gz", content))
    assert reason in str(error.value)


def test_damaged_compression(tmp_path: Path) -> None:
    whole = gzip.compress(idx(np.arange(200, dtype=np.uint8)))
    path = tmp_path / "array.gz"
    path.write_bytes(whole[:-20])
    with pytest.raises(DataFileError, match="compressed data end in the middle"):
        read_idx(path)
    path.write_bytes(b"not gzip at all")
    with pytest.raises(DataFileError, match="cannot be decompressed"):
        read_idx(path)
    with pytest.raises(DataFileError, match="There is no file"):
        read_idx(tmp_path / "nothing.gz")


def test_scikit_learns_digits() -> None:
    train, test = digits()
    assert (train.images.shape, test.images.shape) == ((1347, 8, 8), (450, 8, 8))
    assert train.images.min() == 0
    assert train.images.max() == 1
    assert np.bincount(train.labels).min() > 100
    assert np.bincount(test.labels).min() > 30
    assert len(train.targets) == len(train)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r'pip install "rnnviz\[course\]"'):
        digits()


def test_select_keeps_images_and_labels_together() -> None:
    test = digits().test
    threes = test.select(test.labels == 3)
    assert set(threes.labels.tolist()) == {3}
    assert threes.source == test.source
    assert np.array_equal(test.select([5, 2]).images[1], test.images[2])


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((0, 8, 8)), np.zeros(0, int), r"\(0, 8, 8\)"),
        (np.zeros((2, 8)), np.zeros(2, int), r"\(2, 8\)"),
        (np.zeros((2, 8, 8)), np.zeros(3, int), "2 images and labels of shape"),
        (np.full((1, 2, 2), 16.0), np.zeros(1, int), "Divide by the largest value first"),
        (np.full((1, 2, 2), np.nan), np.zeros(1, int), "ink goes from 0"),
        (np.zeros((1, 2, 2)), np.array([10]), "whole numbers from 0 to 9"),
        (np.zeros((1, 2, 2)), np.array([0.5]), "whole numbers from 0 to 9"),
    ],
)
def test_digits_that_are_none(images: np.ndarray, labels: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Digits("bad", images, labels)


def test_a_wrong_file_of_mnist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    (tmp_path / "mnist").mkdir()
    write(tmp_path / "mnist" / "train-images-idx3-ubyte.gz", idx(IMAGES))
    with pytest.raises(DataFileError, match=r"train-images-idx3-ubyte\.gz is not the file it should be"):
        mnist()


@pytest.mark.skipif(
    not all((Path(os.environ.get("RNNVIZ_DATA", "nowhere")) / path).is_file() for path in MNIST_FILES),
    reason="needs the four files of MNIST: set RNNVIZ_DATA to a folder with mnist/*.gz",
)
def test_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = mnist()
    assert (train.images.shape, test.images.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert abs(train.images.mean() - 0.1307) < 1e-4
    # The labels of both sets swapped: the files themselves are sound, only each in the other's place.
    (tmp_path / "mnist").mkdir()
    for path in MNIST_FILES:
        other = path.replace("t10k-l", "train-l") if "t10k-l" in path else path.replace("train-l", "t10k-l")
        (tmp_path / path).symlink_to(Path(os.environ["RNNVIZ_DATA"]) / other)
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    with pytest.raises(
        DataFileError, match=r"it holds mnist/t10k-labels-idx1-ubyte\.gz\. Two files were swapped"
    ):
        mnist()
