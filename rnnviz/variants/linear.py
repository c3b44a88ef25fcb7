"""Two cells that are linear in their state, and so need no loop over time.

h_t = a_t ⊙ h_{t-1} + b_t, with a_t and b_t from the input alone. `step` takes one step of it, as any cell does; `scan`
gives the same states for all steps at once, in log₂T rounds (`rnnviz.arithmetic.scan`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnviz.arithmetic.scan import scan
from rnnviz.cells import Cell

__all__ = ["LinearRecurrence", "MinGRU"]


class _Linear(Cell):
    """A cell whose step is h_t = a_t ⊙ h_{t-1} + b_t."""

    def recurrence(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the factors a and the values b that an input, (…, feature), brings; (…, unit) each."""
        raise NotImplementedError

    def scan(self, input: Tensor, initial: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Compute what ``forward`` does without a loop over steps; the same up to rounding.

        Parameters
        ----------
        input : Tensor, shape (time, batch, feature)
            Laid out as for ``forward``.
        initial : Tensor, shape (batch, unit), optional

        Returns
        -------
        output : Tensor, shape (time, batch, unit)
        final : Tensor, shape (batch, unit)
        """
        x, batched = self._time_major(input)
        if not len(x):
            raise RuntimeError(
                f"{type(self).__name__} got an input without a time step; it expects at least one."
            )
        (before,) = self._initial_state(initial, x, batched)
        output = self._scan(x, before)
        final = output[-1]
        if not batched:
            return output.squeeze(1), final.squeeze(0)
        return (output.transpose(0, 1) if self.batch_first else output), final

    def _scan(self, x: Tensor, before: Tensor) -> Tensor:
        factors, values = self.recurrence(x)
        return scan(values, factors.expand_as(values), before)


class LinearRecurrence(_Linear):
    """Each unit keeps a fixed share of its state and adds what it reads: h_t = λ ⊙ h_{t-1} + γ ⊙ (B x_t + b).

    γ = √(1 − |λ|²) keeps the size of the state the same for every λ, where inputs are noise.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.
    factors : {"positive", "signed", "complex"}
        Where λ lies: in (0, 1), in (−1, 1), or inside the unit circle. Complex units come in pairs, the real parts in
        the first half of the state and the imaginary ones in the second, so that ``hidden_size`` must be even; such a
        unit turns as it fades.
    shortest, longest : float
        A unit forgets about 63 % within its time constant −1/ln|λ|; at the start these are spread evenly on a
        logarithmic scale between the two, in steps.

    Raises
    ------
    ValueError
        For any other ``factors``, an odd number of units with complex ones, or times that are not 0 < shortest ≤
        longest.

    References
    ----------
    A. Orvieto, S. L. Smith, A. Gu, A. Fernando, C. Gulcehre, R. Pascanu and S. De, "Resurrecting recurrent neural
    networks for long sequences", ICML 2023: the "linear recurrent unit". There the readout, and what comes between two
    such layers, is where the nonlinearity went.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.variants import LinearRecurrence
    >>> _ = torch.manual_seed(0)
    >>> cell = LinearRecurrence(2, 4, factors="complex")
    >>> x = torch.randn(50, 3, 2)
    >>> output, final = cell(x)
    >>> torch.allclose(output, cell.scan(x)[0], atol=1e-5)
    True
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        factors: str = "positive",
        shortest: float = 1.0,
        longest: float = 100.0,
        batch_first: bool = False,
    ) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        if factors not in ("positive", "signed", "complex"):
            raise ValueError(f'factors is {factors!r}; it must be "positive", "signed" or "complex".')
        if factors == "complex" and hidden_size % 2:
            raise ValueError(
                f"hidden_size is {hidden_size}; complex units are pairs of a real and an imaginary part, so it must be "
                "even."
            )
        if not 0 < shortest <= longest:
            raise ValueError(
                f"shortest is {shortest} and longest is {longest}; times are in steps, 0 < shortest ≤ longest."
            )
        self.factors = factors
        units = hidden_size // 2 if factors == "complex" else hidden_size
        self.from_input = nn.Linear(input_size, hidden_size)
        times = torch.logspace(math.log10(shortest), math.log10(longest), units)
        size = (-1 / times).exp()
        if factors == "positive":
            self.raw = nn.Parameter(size.logit())
        elif factors == "signed":
            signs = torch.ones(units).index_fill_(0, torch.arange(1, units, 2), -1.0)
            self.raw = nn.Parameter((signs * size).atanh())
        else:  # |λ| = exp(-exp ν), which stays inside the circle whatever ν learns
            self.raw = nn.Parameter((1 / times).log())
            self.angle = nn.Parameter(math.pi * torch.arange(units) / max(1, units))

    def factor(self) -> Tensor:
        """Return λ, (unit,) real, or (unit / 2,) complex."""
        if self.factors == "positive":
            return self.raw.sigmoid()
        if self.factors == "signed":
            return self.raw.tanh()
        return torch.polar((-self.raw.exp()).exp(), self.angle)

    def recurrence(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return λ, the same for every input, and γ ⊙ (B x + b); both complex where the units are."""
        factor, read = self.factor(), self.from_input(x)
        if self.factors == "complex":
            read = torch.complex(*read.chunk(2, -1))
        return factor, (1 - factor.abs().square()).sqrt() * read

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Run one step."""
        factor, value = self.recurrence(x)
        if self.factors != "complex":
            return factor * hidden + value, {"written": value}
        state = factor * torch.complex(*hidden.chunk(2, -1)) + value
        return torch.cat([state.real, state.imag], -1), {"written": torch.cat([value.real, value.imag], -1)}

    def _scan(self, x: Tensor, before: Tensor) -> Tensor:
        if self.factors != "complex":
            return super()._scan(x, before)
        factor, values = self.recurrence(x)
        found = scan(values, factor.expand_as(values), torch.complex(*before.chunk(2, -1)))
        return torch.cat([found.real, found.imag], -1)


class MinGRU(_Linear):
    """A GRU whose gate and candidate look at the input alone: h_t = (1 − z_t) ⊙ h_{t-1} + z_t ⊙ n_t.

    Parameters
    ----------
    input_size, hidden_size, batch_first
        As in `rnnviz.Cell`.
    signed : bool
        Whether the factor of the old state is 1 − 2 z_t, between −1 and 1, instead of 1 − z_t, between 0 and 1. A
        state that can turn its sign can count whether something came an odd number of times; one that cannot, cannot.

    References
    ----------
    L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, "Were RNNs all we needed?", arXiv:2410.01201
    (2024). The wider range: R. Grazzi, J. Siems, A. Zela, J. K. H. Franke, F. Hutter and M. Pontil, "Unlocking
    state-tracking in linear RNNs through negative eigenvalues", ICLR 2025.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.variants import MinGRU
    >>> _ = torch.manual_seed(0)
    >>> cell = MinGRU(2, 4)
    >>> x = torch.randn(50, 3, 2)
    >>> output, final = cell(x)
    >>> torch.allclose(output, cell.scan(x)[0], atol=1e-5)
    True
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, signed: bool = False, batch_first: bool = False
    ) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)
        self.signed = signed
        self.update = nn.Linear(input_size, hidden_size)
        self.candidate = nn.Linear(input_size, hidden_size)

    def recurrence(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return 1 − z, or 1 − 2 z where it is signed, and z ⊙ n."""
        update = self.update(x).sigmoid()
        return 1 - (2 * update if self.signed else update), update * self.candidate(x)

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Run one step."""
        update, candidate = self.update(x).sigmoid(), self.candidate(x)
        kept = 1 - (2 * update if self.signed else update)
        return kept * hidden + update * candidate, {"update": update, "candidate": candidate}
