"""Sequences that follow rules: brackets that close what was opened, and walks through a grammar in a grammar."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnviz.data.tasks.size import check_size

__all__ = ["DyckBrackets", "EmbeddedReber"]


@dataclass(frozen=True)
class DyckBrackets:
    """Say at every step which bracket may close now: the one that was opened last and is still open.

    Brackets of several kinds open and close, never deeper than ``depth``. What has to be remembered is a stack: all
    that are open, in their order, since each of them will be the last one again.

    Parameters
    ----------
    steps : int, default 40
        Length T, at least 2.
    batch : int, default 32
        Sequences a draw.
    kinds : int, default 2
        Kinds of brackets.
    depth : int, default 4
        How many may be open at a time.

    Attributes
    ----------
    features, outputs : int
        One-hot symbols, an opening and a closing one of each kind, the opening ones first; and answers: a kind, or none
        is open, which comes last.
    symbols : str
        How the symbols are written, in their order.

    Raises
    ------
    ValueError
        For fewer than 2 steps, an empty batch, no depth, or other than 1 to 4 kinds.

    References
    ----------
    The language is named after W. von Dyck. As a test of recurrent networks with bounded depth: J. Hewitt, M. Hahn,
    S. Ganguli, P. Liang and C. D. Manning, "RNNs can generate bounded hierarchical languages with optimal memory",
    EMNLP 2020.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import DyckBrackets
    >>> task = DyckBrackets(steps=8, batch=1)
    >>> inputs, answers = task(torch.Generator().manual_seed(2))
    >>> "".join(task.symbols[code] for code in inputs.argmax(-1).flatten())
    '([][])[['
    >>> answers.flatten().tolist()  # 0: a round one may close, 1: a square one, 2: none is open
    [0, 1, 0, 1, 0, 2, 1, 1]
    """

    steps: int = 40
    batch: int = 32
    kinds: int = 2
    depth: int = 4

    def __post_init__(self) -> None:
        check_size(self, least=2)
        if not 1 <= self.kinds <= 4 or self.depth < 1:
            raise ValueError(
                f"DyckBrackets was given kinds={self.kinds} and depth={self.depth}; it needs 1 to 4 kinds and a depth "
                "of at least 1."
            )

    @property
    def symbols(self) -> str:
        """Opening brackets, then closing ones."""
        return "([{<"[: self.kinds] + ")]}>"[: self.kinds]

    @property
    def features(self) -> int:
        """Symbols."""
        return 2 * self.kinds

    @property
    def outputs(self) -> int:
        """Kinds, and none."""
        return self.kinds + 1

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch: at each step a bracket opens or closes, evenly, wherever both may be.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, symbol)
        answers : Tensor of int64, shape (time, batch)
        """
        opens = torch.rand(self.steps, self.batch, generator=generator) < 0.5
        kinds = torch.randint(0, self.kinds, (self.steps, self.batch), generator=generator)
        each = torch.arange(self.batch)
        stack = torch.full((self.depth + 1, self.batch), self.kinds)  # beneath all brackets: none is open
        height = torch.zeros(self.batch, dtype=torch.long)
        codes, answers = torch.empty_like(kinds), torch.empty_like(kinds)
        for t in range(self.steps):
            opening = (opens[t] | (height == 0)) & (height < self.depth)
            top = stack[height, each]
            codes[t] = torch.where(opening, kinds[t], self.kinds + top)
            height = height + torch.where(opening, 1, -1)
            stack[height, each] = torch.where(opening, kinds[t], stack[height, each])
            answers[t] = stack[height, each]
        return one_hot(codes, self.features).float(), answers


#: Reber's grammar: from each node two ways, a symbol and the node it leads to; from the last none.
_WAYS: tuple[tuple[tuple[str, int], tuple[str, int]], ...] = (
    (("T", 1), ("P", 2)),
    (("S", 1), ("X", 3)),
    (("T", 2), ("V", 4)),
    (("X", 2), ("S", 5)),
    (("P", 3), ("V", 5)),
)


@dataclass(frozen=True)
class EmbeddedReber:
    """Foretell which symbols may come next in a walk through Reber's grammar, and how it must end.

    A walk begins with B, then T or P, then comes a whole walk through the inner grammar, and after it the same T or P
    again, then E. The inner walk says nothing of which it was: the second symbol has to be remembered across all of it.

    Parameters
    ----------
    batch : int, default 32
        Walks a draw. They are of different lengths and padded with zeros.
    longest : int, default 60
        Walks that would be longer are drawn anew; at least 12.

    Attributes
    ----------
    steps : int
        The longest there may be, without the E that nothing follows.
    features, outputs : int
        7 symbols each: what is shown, one-hot, and which may come next, one or two of them.
    symbols : str
        "BTPSXVE".

    Raises
    ------
    ValueError
        For an empty batch or walks of fewer than 12 symbols.

    References
    ----------
    A. S. Reber, "Implicit learning of artificial grammars", 1967; embedded as in S. Hochreiter and J. Schmidhuber,
    "Long short-term memory", Neural Computation 9, 1997, experiment 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import EmbeddedReber
    >>> task = EmbeddedReber(batch=1)
    >>> inputs, allowed, lengths = task(torch.Generator().manual_seed(0))
    >>> "".join(task.symbols[code] for code in inputs[:, 0].argmax(-1))
    'BTBPVPSET'
    >>> [task.symbols[code] for code in allowed[-1, 0].nonzero().flatten()]  # after the last T only E may come
    ['E']
    """

    batch: int = 32
    longest: int = 60

    features, outputs, symbols = 7, 7, "BTPSXVE"

    def __post_init__(self) -> None:
        check_size(self, least=11)

    @property
    def steps(self) -> int:
        """The longest there may be."""
        return self.longest - 1

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw a batch of walks.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 7)
            Every symbol but the last E, one-hot; zero in the padding.
        allowed : Tensor, shape (time, batch, 7)
            1 for each symbol that may come next.
        lengths : Tensor of int64, shape (batch,)
        """
        walks = [self._walk(generator) for _ in range(self.batch)]
        lengths = torch.tensor([len(word) - 1 for word, _ in walks])
        inputs = torch.zeros(int(lengths.max()), self.batch, 7)
        allowed = torch.zeros_like(inputs)
        for row, (word, following) in enumerate(walks):
            for t, may in enumerate(following):
                inputs[t, row, self.symbols.index(word[t])] = 1
                for symbol in may:
                    allowed[t, row, self.symbols.index(symbol)] = 1
        return inputs, allowed, lengths

    def _walk(self, generator: torch.Generator) -> tuple[str, list[str]]:
        """Draw one walk, and after each of its symbols but the last, which may follow."""
        while True:
            side = "TP"[int(torch.randint(0, 2, (), generator=generator))]
            word, following, node = f"B{side}B", ["TP", "B", "TP"], 0
            while node < len(_WAYS) and len(word) < self.longest:
                symbol, node = _WAYS[node][int(torch.randint(0, 2, (), generator=generator))]
                word += symbol
                following.append("".join(way for way, _ in _WAYS[node]) if node < len(_WAYS) else "E")
            word, following = f"{word}E{side}E", [*following, side, "E"]
            if node == len(_WAYS) and len(word) <= self.longest:
                return word, following
