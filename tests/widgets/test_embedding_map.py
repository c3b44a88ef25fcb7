"""The Python side of the map of words: what is sent, what is refused, and how it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import Words, WordVectors, everyday_sentences
from rnnviz.models import WordLearning, project_words

SENTENCES = everyday_sentences(400)
VECTORS = WordVectors(
    ("milk", "tea", "dog", "cat", "king"),
    torch.tensor([[1.0, 0.1, 0], [0.9, 0.2, 0], [-1, 1, 0], [-1, 0.9, 0.1], [0, 0, 2]]),
)


def learn(**settings: Any) -> WordLearning:
    return WordLearning.skip_gram(Words(SENTENCES), SENTENCES, size=6, **settings)


def floats(data: bytes, columns: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(data, dtype=np.float32).reshape(-1, columns)


def test_vectors_and_their_map_arrive_whole() -> None:
    widget = rw.EmbeddingMap(VECTORS, word="tea", analogy=("tea", "milk", "dog"))
    np.testing.assert_array_equal(floats(widget.vectors, 3), VECTORS.values.numpy())
    np.testing.assert_allclose(floats(widget.places, 2), project_words(VECTORS.values).numpy())
    assert (widget.words, widget.size, widget.frame) == (list(VECTORS.words), 3, {})
    assert widget.analogy == ["tea", "milk", "dog"]
    assert repr(widget) == "EmbeddingMap(words=5, size=3, word='tea')"
    assert repr(rw.EmbeddingMap(VECTORS)) == "EmbeddingMap(words=5, size=3)"


def test_only_the_first_words_are_shown() -> None:
    widget = rw.EmbeddingMap(VECTORS, most=3)
    assert widget.words == ["milk", "tea", "dog"]
    assert floats(widget.vectors, 3).shape == (3, 3)
    learning = learn()
    part = rw.EmbeddingMap(learning, most=20)
    part.train(2)
    assert floats(part.vectors, 6).shape == (20, 6)
    np.testing.assert_array_equal(floats(part.vectors, 6), learning.vectors().values[:20].numpy())
    assert floats(part.places, 2).shape == (20, 2)
    part.close()


def test_words_move_while_they_learn_and_come_back() -> None:
    widget = rw.EmbeddingMap(learn(learning_rate=0.01))
    before, places = widget.vectors, floats(widget.places, 2)
    assert widget.frame == {"step": 0, "loss": None}
    widget.train(20)
    assert widget.frame["step"] == 20
    assert widget.frame["loss"] > 1
    assert widget.vectors != before
    # Turned towards the map before: most words moved less than they are spread.
    moved = np.linalg.norm(floats(widget.places, 2) - places, axis=1).mean()
    assert moved < np.linalg.norm(places, axis=1).mean()
    widget.reset()
    assert widget.vectors == before
    widget.close()
    assert widget.state == "stopped"


def test_frames_go_out_as_buffers_and_wait_for_the_page() -> None:
    widget = rw.EmbeddingMap(learn())
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    for _ in range(4):
        widget.train(1)
    frames = [(content, buffers) for content, buffers in sent if content["kind"] == "frame"]
    assert [content["frame"]["step"] for content, _ in frames] == [1, 2]
    assert [len(data) for data in frames[0][1]] == [len(widget.vectors), len(widget.places)]
    widget.close()


def test_a_failing_training_says_why() -> None:
    widget = rw.EmbeddingMap(learn(learning_rate=1e30))
    with pytest.raises(RuntimeError, match=r"The training failed: .*(diverged|not finite)"):
        widget.train(200)
    assert widget.state == "failed"
    widget.close()


def test_vectors_at_rest_cannot_be_trained() -> None:
    with pytest.raises(RuntimeError, match="no training"):
        rw.EmbeddingMap(VECTORS).train(1)
    with pytest.raises(RuntimeError, match="no training"):
        rw.EmbeddingMap(VECTORS).start()


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: rw.EmbeddingMap(["milk"]), TypeError, "was given list; it takes"),
        (lambda: rw.EmbeddingMap(VECTORS, word="zebra"), ValueError, "'zebra' is not among the 5 words"),
        (lambda: rw.EmbeddingMap(VECTORS, most=1), ValueError, "most is 1"),
        (lambda: rw.EmbeddingMap(VECTORS, most=3, word="king"), ValueError, "raise most=3"),
        (lambda: rw.EmbeddingMap(VECTORS, analogy=("tea", "milk")), ValueError, "takes three words"),
        (lambda: rw.EmbeddingMap(VECTORS, groups={"x": ["zebra"]}), ValueError, "'zebra'"),
        (
            lambda: rw.EmbeddingMap(VECTORS, groups={str(k): ["tea"] for k in range(7)}),
            ValueError,
            "There are 7 groups",
        ),
        (lambda: rw.EmbeddingMap(VECTORS, pick="tea"), TypeError, "has no option 'pick'"),
    ],
)
def test_refusals_say_what_to_do(build: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build()  # type: ignore[operator]
