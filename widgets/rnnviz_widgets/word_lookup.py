"""A sentence on its way into a network: words, their numbers, and the rows of the table that these pick."""

from __future__ import annotations

import traitlets
from torch import Tensor, nn

from rnnviz.data import Words
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.packing import Packer

MOST_WORDS = 2000
"""Words whose vectors are handed to the page."""


class WordLookup(Widget):
    """What happens to a typed sentence: it is cut into words, each with its number, each number a row of a table.

    The cutting follows `rnnviz.data.split_words` and is done in the page: numbers and web addresses become one word
    each, and so does everything that the vocabulary does not have. Each vector is drawn as it is looked up, or as the
    one-hot vector that would do the same.

    Parameters
    ----------
    vocabulary : rnnviz.data.Words
        At most 2,000 words.
    table : torch.nn.Embedding, or Tensor of shape (row, size)
        With a row for each word; it may have more.
    sentence : str
        Typed first.

    Raises
    ------
    TypeError
        If the table is something else.
    ValueError
        If the table has too few rows, or the vocabulary too many words.

    Examples
    --------
    >>> import torch
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import Words
    >>> rw.WordLookup(Words(["I drink milk"]), torch.nn.Embedding(50_000, 150))
    WordLookup(words=6, rows=50000, size=150)
    """

    _esm = STATIC / "word_lookup.js"

    tokens: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    rows = traitlets.Int(0).tag(sync=True)
    """Rows of the table."""
    size = traitlets.Int(0).tag(sync=True)
    """Numbers in a row."""
    vectors = traitlets.Bytes(b"").tag(sync=True)
    """(word, size) as float32: the rows of the words that have a name."""
    sentence = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        vocabulary: Words,
        table: nn.Embedding | Tensor,
        sentence: str = "I drink milk",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        weight = table.weight if isinstance(table, nn.Embedding) else table
        if not isinstance(weight, Tensor) or weight.dim() != 2:
            raise TypeError(
                f"The table is {type(table).__name__}; it must be a torch.nn.Embedding or a tensor (row, size)."
            )
        if len(vocabulary) > MOST_WORDS:
            raise ValueError(
                f"The vocabulary has {len(vocabulary):,} words; at most {MOST_WORDS:,} are handed to the page. Make it "
                f"with most={MOST_WORDS}."
            )
        if len(weight) < len(vocabulary):
            raise ValueError(
                f"The table has {len(weight)} rows, and the vocabulary {len(vocabulary)} words; each needs a row."
            )
        packer = Packer()
        packer.add(weight[: len(vocabulary)])
        super().__init__(
            tokens=list(vocabulary.tokens),
            rows=len(weight),
            size=weight.shape[1],
            vectors=packer.bytes(),
            sentence=sentence,
        )

    def facts(self) -> dict[str, object]:
        """How many words, and how large the table is."""
        return {"words": len(self.tokens), "rows": self.rows, "size": self.size}
