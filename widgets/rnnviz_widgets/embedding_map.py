"""A map of words: they move while they learn, and their neighbours and analogies are found in the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import traitlets

from rnnviz.data import WordVectors
from rnnviz.models import WordFrame, WordLearning, project_words
from rnnviz_widgets.base import STATIC
from rnnviz_widgets.streamed import Streamed

MOST_WORDS = 2000
"""Words that a map can show."""
MOST_GROUPS = 6
"""Groups that can be told apart by their colour."""


class EmbeddingMap(Streamed):
    """Words on a plane, close together where their vectors are alike.

    The plane holds the two directions in which the vectors differ most; the list of neighbours and the analogies use
    all numbers of each vector. A `rnnviz.models.WordLearning` can be trained from the page: the words then move, and
    the map is turned so that they move only where they moved among each other.

    Parameters
    ----------
    words : rnnviz.data.WordVectors or rnnviz.models.WordLearning
        Vectors at rest, or vectors that learn.
    most : int, default 400
        Show this many, the first ones: vocabularies list the frequent words first. At most 2,000.
    word : str, optional
        The word picked first.
    analogy : (str, str, str), optional
        a, b and c of the first a − b + c, such as ``("king", "man", "woman")``.
    groups : mapping of str to sequence of str, optional
        Words to be coloured alike, under a name; at most six groups.

    Raises
    ------
    TypeError
        If something else than vectors or a learning is given.
    ValueError
        If a word is not on the map, or there are too many words or groups.

    Examples
    --------
    >>> import torch
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import WordVectors
    >>> vectors = WordVectors(("milk", "tea", "dog"), torch.tensor([[1.0, 0.1], [0.9, 0.2], [-1.0, 1.0]]))
    >>> rw.EmbeddingMap(vectors, word="milk")
    EmbeddingMap(words=3, size=2, word='milk')
    """

    _esm = STATIC / "embedding_map.js"
    _made_from = "Make it from a rnnviz.models.WordLearning to train it."

    words: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    size = traitlets.Int(0).tag(sync=True)
    """Numbers in each vector."""
    vectors = traitlets.Bytes(b"").tag(sync=True)
    """(word, size) as float32."""
    places = traitlets.Bytes(b"").tag(sync=True)
    """(word, 2) as float32."""
    word = traitlets.Unicode("").tag(sync=True)
    analogy: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    groups: traitlets.Dict[str, list[str]] = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        words: WordVectors | WordLearning,
        *,
        most: int = 400,
        word: str | None = None,
        analogy: Sequence[str] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        if not isinstance(words, WordVectors | WordLearning):
            raise TypeError(
                f"EmbeddingMap was given {type(words).__name__}; it takes rnnviz.data.WordVectors (from "
                "`read_vectors`, `count_vectors` or a model's table) or a rnnviz.models.WordLearning."
            )
        if not 2 <= most <= MOST_WORDS:
            raise ValueError(f"most is {most}; a map shows from 2 to {MOST_WORDS:,} words.")
        shown = list(words.words[:most])
        wanted = [word] if word is not None else []
        for name in (*wanted, *(analogy or ()), *(one for group in (groups or {}).values() for one in group)):
            if name not in shown:
                raise ValueError(
                    f"{name!r} is not among the {len(shown)} words of the map, which begin with "
                    f"{', '.join(map(repr, shown[:5]))}. Choose another, or raise most={most}."
                )
        if analogy is not None and len(analogy) != 3:
            raise ValueError(f"analogy is {analogy!r}; it takes three words: a − b + c.")
        if groups is not None and len(groups) > MOST_GROUPS:
            raise ValueError(
                f"There are {len(groups)} groups; at most {MOST_GROUPS} colours can be told apart."
            )
        self._count = len(shown)
        if isinstance(words, WordLearning):
            work = _Shown(words, self._count)
            # The map that all later ones are turned towards.
            first = work.frame()
            vectors, places = first.vectors, first.places
        else:
            kept = words.values[: self._count].detach().float()
            vectors, places = kept.numpy(), project_words(kept).numpy()
        super().__init__(
            words=shown,
            size=vectors.shape[1],
            vectors=_floats(vectors),
            places=_floats(places),
            word=word or "",
            analogy=list(analogy or ()),
            groups={name: list(group) for name, group in (groups or {}).items()},
            # Empty where nothing learns.
            frame={"step": words.training.number, "loss": None} if isinstance(words, WordLearning) else {},
        )
        if isinstance(words, WordLearning):
            self._work_on(work)

    def facts(self) -> dict[str, object]:
        """How many words, how many numbers each, and what was picked."""
        facts: dict[str, object] = {"words": len(self.words), "size": self.size}
        return facts | ({"word": self.word} if self.word else {})

    def _pack_frame(self, frame: WordFrame) -> dict[str, Any]:
        return {"step": frame.step, "loss": None if math.isnan(frame.loss) else frame.loss}

    def _pack_buffers(self, frame: WordFrame) -> list[bytes]:
        return [_floats(frame.vectors), _floats(frame.places)]

    def _keep(self, frame: WordFrame) -> None:
        with self.hold_sync():
            self.vectors, self.places = self._pack_buffers(frame)
            self.frame = self._pack_frame(frame)


class _Shown:
    """What the runner runs: a learning of which the first words are shown, on a map of their own."""

    def __init__(self, learning: WordLearning, count: int) -> None:
        self.learning, self.count = learning, count
        self.step = learning.step
        self._places: torch.Tensor | None = None

    def frame(self) -> WordFrame:
        if self.count == len(self.learning.words):
            return self.learning.frame()
        whole = self.learning.vectors().values[: self.count]
        self._places = project_words(whole, self._places)
        return WordFrame(
            self.learning.training.number, self.learning.loss, whole.numpy(), self._places.numpy()
        )

    def reset(self) -> None:
        self.learning.reset()
        self._places = None


def _floats(values: np.ndarray[Any, Any]) -> bytes:
    return np.ascontiguousarray(values, dtype=np.float32).tobytes()
