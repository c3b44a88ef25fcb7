"""The benchmark of reading word vectors, on a file that takes no time."""

from __future__ import annotations

import importlib.util

import pytest

from rnnviz.bench import vectors


def test_it_measures_time_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    vectors.main(["--words", "1500", "--rounds", "1"])
    said = capsys.readouterr().out
    assert said.startswith("1,500 × 100 numbers, 1 MB of text")
    assert "memory: " in said
    if importlib.util.find_spec("gensim"):
        assert "≤ 1.5 × gensim's" in said
    else:
        assert "pip install gensim" in said


def test_a_loader_that_fails_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RuntimeError, match=r"rnnviz could not read .*none\.txt"):
        vectors.measure_loaders(tmp_path / "none.txt", ["rnnviz"], 1)
