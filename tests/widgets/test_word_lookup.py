"""Words and their rows from Python's side."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import Words

WORDS = Words(["I drink milk"])


def test_it_hands_over_the_rows_that_have_a_word() -> None:
    table = torch.nn.Embedding(50, 4)
    widget = rw.WordLookup(WORDS, table, "Milk!")
    assert repr(widget) == "WordLookup(words=6, rows=50, size=4)"
    assert widget.sentence == "Milk!"
    assert widget.tokens == list(WORDS.tokens)
    sent = np.frombuffer(widget.vectors, dtype=np.float32).reshape(6, 4)
    assert np.array_equal(sent, table.weight[:6].detach().numpy())
    assert rw.WordLookup(WORDS, table.weight.detach()).vectors == widget.vectors


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="has 5 rows, and the vocabulary 6 words"):
        rw.WordLookup(WORDS, torch.zeros(5, 2))
    with pytest.raises(TypeError, match=r"torch\.nn\.Embedding"):
        rw.WordLookup(WORDS, [[1.0]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="most=2000"):
        rw.WordLookup(Words([[f"w{k}" for k in range(2100)]]), torch.zeros(3000, 1))
    with pytest.raises(TypeError, match="Did you mean 'sentence'"):
        rw.WordLookup(WORDS, torch.zeros(6, 2), sentense="x")
