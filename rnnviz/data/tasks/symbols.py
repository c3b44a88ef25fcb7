"""Symbols to carry along: their order, whether their number is odd, or all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnviz.data.tasks.size import check_size

__all__ = ["CopyMemory", "Parity", "TemporalOrder"]


@dataclass(frozen=True)
class TemporalOrder:
    """Say which of two symbols came first, with chatter before, between and after them.

    Of six symbols A, B, c, d, e, f two steps show an A or a B each: one between T/10 and 2T/10, one between 4T/10
    and 5T/10. All others show one of the last four, which mean nothing. After the last step the question is which of
    AA, AB, BA, BB it was.

    Parameters
    ----------
    steps : int, default 20
        Length T, at least 10; every sequence is as long.
    batch : int, default 20
        Sequences a draw.

    Attributes
    ----------
    baseline : float
        Share of errors of guessing, 3/4.
    features, outputs : int
        Symbols, 6, and answers, 4.

    Raises
    ------
    ValueError
        For fewer than 10 steps or an empty batch.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, experiment 6a; as in
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import TemporalOrder
    >>> inputs, answers = TemporalOrder(steps=20, batch=3)(torch.Generator().manual_seed(0))
    >>> inputs.shape, answers.shape  # (time, batch, symbol), one 1 a step, and (batch,)
    (torch.Size([20, 3, 6]), torch.Size([3]))
    >>> inputs[..., :2].sum((0, 2))  # two steps of each sequence show an A or a B
    tensor([2., 2., 2.])
    """

    steps: int = 20
    batch: int = 20

    features, outputs = 6, 4
    baseline = 3 / 4
    #: What stands at each place of a step's one-hot vector, and what the answers mean.
    symbols, answers = "ABcdef", ("AA", "AB", "BA", "BB")

    def __post_init__(self) -> None:
        check_size(self, least=10)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 6)
            One-hot symbols.
        answers : Tensor of int64, shape (batch,)
            0 for AA, 1 for AB, 2 for BA, 3 for BB.
        """
        tenth, batch = self.steps / 10, (1, self.batch)

        def draw_place(low: int, high: int) -> Tensor:
            return torch.randint(int(low * tenth), int(high * tenth), batch, generator=generator)

        first, second = draw_place(1, 2), draw_place(4, 5)
        symbols = torch.randint(2, 6, (self.steps, self.batch), generator=generator)
        bits = torch.randint(0, 2, (2, self.batch), generator=generator)
        symbols.scatter_(0, torch.cat([first, second]), bits)
        return one_hot(symbols, 6).float(), 2 * bits[0] + bits[1]


@dataclass(frozen=True)
class Parity:
    """Say at every step whether the ones so far are odd in number.

    One bit has to be remembered, for ever, and turned round by each 1: no symbol may be missed, and no average helps.

    Parameters
    ----------
    steps : int, default 24
        Length T, at least 2.
    batch : int, default 32
        Sequences a draw.

    Attributes
    ----------
    baseline : float
        Share of errors of guessing, 1/2.
    features, outputs : int
        Numbers a step, 1, and answers, 2.

    Raises
    ------
    ValueError
        For fewer than 2 steps or an empty batch.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Parity
    >>> inputs, odd = Parity(steps=6, batch=1)(torch.Generator().manual_seed(0))
    >>> inputs.flatten().int().tolist(), odd.flatten().tolist()
    ([0, 1, 1, 0, 1, 1], [0, 1, 0, 0, 1, 0])
    """

    steps: int = 24
    batch: int = 32

    features, outputs = 1, 2
    baseline = 1 / 2

    def __post_init__(self) -> None:
        check_size(self, least=2)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, 1)
            Bits.
        odd : Tensor of int64, shape (time, batch)
            1 where the number of ones up to and with this step is odd.
        """
        bits = torch.randint(0, 2, (self.steps, self.batch), generator=generator)
        return bits[..., None].float(), bits.cumsum(0) % 2


@dataclass(frozen=True)
class CopyMemory:
    """Read some symbols, wait, and say them again in their order when asked.

    The first ``length`` steps show a symbol each, then come blanks, then a marker, and from the marker on the symbols
    are to be said one after the other. Everywhere else a blank is to be said.

    Parameters
    ----------
    steps : int, default 30
        Blanks between the last symbol and the marker, at least 1: how long is to be remembered.
    batch : int, default 32
        Sequences a draw.
    length : int, default 5
        How many symbols are to be remembered.
    symbols : int, default 8
        How many there are to choose from.

    Attributes
    ----------
    baseline : float
        Cross-entropy of remembering nothing, length · ln(symbols) / T with T the length of the whole sequence: right
        at every blank, and guessing evenly where symbols are asked for.
    features, outputs : int
        The symbols, a blank and a marker, one-hot; and answers, the symbols and a blank, which comes last.

    Raises
    ------
    ValueError
        For no blanks, no symbols to remember, fewer than two to choose from, or an empty batch.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997; in this form M. Arjovsky,
    A. Shah and Y. Bengio, "Unitary evolution recurrent neural networks", ICML 2016.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import CopyMemory
    >>> task = CopyMemory(steps=3, batch=1, length=2)
    >>> inputs, answers = task(torch.Generator().manual_seed(0))
    >>> inputs.argmax(-1).flatten().tolist()  # two symbols, three blanks (8), the marker (9), a blank
    [4, 7, 8, 8, 8, 9, 8]
    >>> answers.flatten().tolist()
    [8, 8, 8, 8, 8, 4, 7]
    """

    steps: int = 30
    batch: int = 32
    length: int = 5
    symbols: int = 8

    def __post_init__(self) -> None:
        check_size(self, least=1)
        if self.length < 1 or self.symbols < 2:
            raise ValueError(
                f"CopyMemory was given length={self.length} and symbols={self.symbols}; it needs at least one symbol "
                "to remember, and two to choose from."
            )

    @property
    def features(self) -> int:
        """Symbols, blank and marker."""
        return self.symbols + 2

    @property
    def outputs(self) -> int:
        """Symbols and blank."""
        return self.symbols + 1

    @property
    def baseline(self) -> float:
        """Cross-entropy of remembering nothing, in nats a step."""
        return self.length * math.log(self.symbols) / (self.steps + 2 * self.length)

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Parameters
        ----------
        generator : torch.Generator
            Where all chance comes from.

        Returns
        -------
        inputs : Tensor, shape (time, batch, feature)
            One-hot; time is steps + 2 · length.
        answers : Tensor of int64, shape (time, batch)
        """
        blank, marker = self.symbols, self.symbols + 1
        memory = torch.randint(0, self.symbols, (self.length, self.batch), generator=generator)
        shown = torch.full((self.steps + 2 * self.length, self.batch), blank)
        answers = shown.clone()
        shown[: self.length], shown[self.length + self.steps] = memory, marker
        answers[-self.length :] = memory
        return one_hot(shown, self.features).float(), answers
