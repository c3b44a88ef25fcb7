"""The LSTM that ships with the course: it is as good as is said, and anyone can train it again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rnnviz.data import digits
from rnnviz.experiments import digit_rows
from rnnviz.models import SequenceClassifier, read_digit_lstm, shipped


def test_the_shipped_weights_are_as_good_as_is_said() -> None:
    right = digit_rows.measure_accuracy(read_digit_lstm(), digits().test)
    assert right.shape == (8,)
    assert right[-1] > 0.95
    # What lesson 00 asks about.
    assert right[1] < 0.5 < right[2]
    assert shipped.DIGIT_LSTM.stat().st_size < 100_000


def test_training_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "DIGIT_LSTM", tmp_path / "weights" / "digit_rows.npz")
    rows = digit_rows.run(seeds=1, steps=250, write=True)
    assert [row.what for row in rows] == [
        "shipped, whole digit",
        "trained, whole digit",
        "trained, upper half",
    ]
    # The file that was written is the one that is read; chance would be right once in ten.
    assert rows[0].measured == rows[1].measured
    assert 0.5 < rows[1].median < 0.94
    assert not rows[1].holds
    assert rows[1].median > rows[2].median


def test_the_same_seed_trains_the_same_network() -> None:
    train, _ = digits()
    first, again, other = (digit_rows.train_reader(train, steps=3, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.decide.weight, again.decide.weight)
    assert not torch.equal(first.decide.weight, other.decide.weight)


def test_variations_are_small_and_each_its_own() -> None:
    image = torch.zeros(40, 8, 8)
    image[:, 2:6, 3:5] = 1
    varied = digit_rows.vary_digits(image, torch.Generator().manual_seed(0))
    assert varied.min() >= 0
    assert varied.max() <= 1.0001
    assert not torch.equal(varied[0], varied[1])
    places = torch.arange(8.0)
    centre = (varied.sum(1) * places).sum(1) / varied.sum((1, 2))
    assert (centre - 3.5).abs().max() < 1.1
    assert centre.std() > 0.1


def test_weights_survive_being_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "DIGIT_LSTM", tmp_path / "digit_rows.npz")
    model = SequenceClassifier(5, 3, 2, cell="lstm", seed=4)
    shipped.write_digit_lstm(model)
    read = read_digit_lstm()
    assert read.recurrent.input_size == 5
    rows = torch.randn(4, 2, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model(rows), read(rows))
