"""A rolling bearing, simulated: what an accelerometer on its housing measures, before and after a defect appears.

A shaft that turns shakes the housing at its own frequency and the harmonics of it. Once a turn a coupling knocks, and
the housing rings. When a ball rolls over a damaged spot in the outer ring, it rings too, at another pitch: many times a
turn, and a little irregularly, since balls slip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

__all__ = ["Bearing", "BearingRun", "BearingWindows", "cut_pieces"]


@dataclass(frozen=True, eq=False)
class BearingRun:
    """What was measured, and what was wrong.

    Attributes
    ----------
    signal : ndarray of float32, shape (time,)
        Acceleration, in units of g.
    severity : ndarray of float32, shape (time,)
        How large the defect is: 0 while the bearing is sound.
    """

    signal: npt.NDArray[np.float32]
    severity: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bearing:
    """A bearing on a turning shaft, and a sensor on its housing.

    The defaults are a deep groove ball bearing of type 6205 in a test rig that turns at 1,797 revolutions a minute and
    is measured 12,000 times a second, as at the bearing data center of Case Western Reserve University. What is heard
    is computed, not measured: the signal model is McFadden and Smith's, a series of impulses through a resonance, with
    the slip of Randall and Antoni.

    Parameters
    ----------
    shaft : float
        Turns a second.
    rate : float
        Samples a second.
    harmonics : tuple of float
        Amplitude, in g, of the shaft frequency and its multiples.
    phases : tuple of float
        Of each of them, in turns: like the amplitudes they belong to the machine, and are the same in every run.
    knock : float
        Amplitude, in g, of the resonance that the coupling excites once a turn.
    defect : float
        Amplitude, in g, of the resonance that a defect of severity 1 excites.
    knock_resonance, defect_resonance : float
        Pitch of the two, in hertz.
    damping : float
        Part of the critical damping; the ringing fades as ``exp(−2π · damping · resonance · t)``.
    balls : int
        Rolling elements.
    ball, pitch : float
        Diameters of a ball and of the circle of their centres, in the same unit.
    slip : float
        Standard deviation of the time from one hit to the next, as a part of that time.
    drift : float
        Standard deviation of the shaft's speed, as a part of it; it wanders slowly, over about a second.
    noise : float
        Standard deviation, in g, of the sensor's noise.

    Raises
    ------
    ValueError
        For a size that is not positive, or a resonance that the samples cannot show.

    References
    ----------
    P. D. McFadden and J. D. Smith, "Model for the vibration produced by a single point defect in a rolling element
    bearing", Journal of Sound and Vibration 96 (1984); R. B. Randall and J. Antoni, "Rolling element bearing
    diagnostics: a tutorial", Mechanical Systems and Signal Processing 25 (2011).

    Examples
    --------
    >>> from rnnviz.data import Bearing
    >>> bearing = Bearing()
    >>> round(bearing.defect_frequency, 1)  # hits a second
    107.4
    >>> run = bearing.run(seconds=0.5, begins=0.25)
    >>> run.signal.shape, float(run.severity[0]), float(run.severity[-1])
    ((6000,), 0.0, 1.0)
    """

    shaft: float = 29.95
    rate: float = 12_000.0
    harmonics: tuple[float, ...] = (0.5, 0.3, 0.15, 0.1)
    phases: tuple[float, ...] = (0.0, 0.13, 0.57, 0.31)
    knock: float = 0.8
    defect: float = 0.8
    knock_resonance: float = 700.0
    defect_resonance: float = 2_900.0
    damping: float = 0.04
    balls: int = 9
    ball: float = 7.94
    pitch: float = 39.04
    slip: float = 0.01
    drift: float = 0.002
    noise: float = 0.05

    def __post_init__(self) -> None:
        for name in ("shaft", "rate", "damping", "balls", "ball", "pitch"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be above 0.")
        if len(self.phases) != len(self.harmonics):
            raise ValueError(
                f"There are {len(self.harmonics)} harmonics and {len(self.phases)} phases; give one phase for each."
            )
        highest = max(self.knock_resonance, self.defect_resonance)
        if highest >= self.rate / 2:
            raise ValueError(
                f"A resonance of {highest:g} Hz needs more than {2 * highest:g} samples a second; rate is "
                f"{self.rate:g}."
            )

    @property
    def defect_frequency(self) -> float:
        """Hits a second of the balls on one spot of the outer ring."""
        return self.shaft * self.balls / 2 * (1 - self.ball / self.pitch)

    def run(
        self, seconds: float, *, begins: float | None = None, severity: float = 1.0, seed: int = 0
    ) -> BearingRun:
        """Let it turn, and measure.

        Parameters
        ----------
        seconds : float
            How long.
        begins : float, optional
            When the defect appears, in seconds; without it the bearing stays sound.
        severity : float
            Of the defect.
        seed : int
            Of where it begins, drift, slip and noise.

        Returns
        -------
        BearingRun

        Raises
        ------
        ValueError
            If not one sample fits, or the severity is negative.
        """
        count = round(seconds * self.rate)
        if count < 1 or severity < 0:
            raise ValueError(
                f"seconds is {seconds} and severity {severity}; at least one sample is needed, and a severity of 0 or "
                "more."
            )
        dice = np.random.default_rng(seed)
        turns = self._turn(count, dice)
        signal = sum(
            size * np.sin(2 * np.pi * (order * turns + phase))
            for order, (size, phase) in enumerate(zip(self.harmonics, self.phases, strict=True), start=1)
        ) + self.noise * dice.standard_normal(count)
        knocks = np.searchsorted(turns, np.arange(1, int(turns[-1]) + 1) + 0.3)
        signal = signal + self._ring(knocks, self.knock, self.knock_resonance, count)
        hits = self._hit(count, dice)
        damage = np.zeros(count, dtype=np.float32)
        if begins is not None:
            damage[round(begins * self.rate) :] = severity
            hits = hits[hits >= begins * self.rate]
            signal = signal + self._ring(hits, severity * self.defect, self.defect_resonance, count)
        return BearingRun(signal.astype(np.float32), damage)

    def _turn(self, count: int, dice: np.random.Generator) -> npt.NDArray[np.float64]:
        """Return the turns made at each sample, from a random angle, at a speed that wanders about its mean."""
        keep = np.exp(-1 / self.rate)
        steps = dice.standard_normal(count) * self.drift * np.sqrt(1 - keep**2)
        wander = np.empty(count)
        value = dice.standard_normal() * self.drift
        for at, step in enumerate(steps):
            value = keep * value + step
            wander[at] = value
        turns: npt.NDArray[np.float64] = dice.random() + np.cumsum(self.shaft * (1 + wander)) / self.rate
        return turns

    def _hit(self, count: int, dice: np.random.Generator) -> npt.NDArray[np.float64]:
        """Return the samples, not whole, at which a ball meets the spot."""
        apart = self.rate / self.defect_frequency
        many = int(count / apart * 1.2) + 8
        hits: npt.NDArray[np.float64] = dice.random() * apart + np.cumsum(
            apart * (1 + self.slip * dice.standard_normal(many))
        )
        return hits[hits < count]

    def _ring(
        self, hits: npt.NDArray[np.float64] | npt.NDArray[np.int64], size: float, pitch: float, count: int
    ) -> npt.NDArray[np.float64]:
        """Return the sum of what is heard of each hit."""
        fade = 2 * np.pi * self.damping * pitch
        heard = np.zeros(count)
        lasts = int(8 * self.rate / fade) + 1
        for hit in hits:
            first = int(np.ceil(hit))
            at = np.arange(first, min(first + lasts, count))
            after = (at - hit) / self.rate
            heard[at] += size * np.exp(-fade * after) * np.sin(2 * np.pi * pitch * after)
        return heard


def cut_pieces(signal: npt.NDArray[np.float32] | Tensor, piece: int = 100) -> Tensor:
    """Cut a signal into pieces, one a step; what is left over at the end is dropped.

    Parameters
    ----------
    signal : ndarray or Tensor, shape (time,)
    piece : int, default 100
        Samples in a piece.

    Returns
    -------
    Tensor of float32, shape (step, piece)

    Raises
    ------
    ValueError
        If not one piece fits.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import cut_pieces
    >>> cut_pieces(torch.arange(7.0), piece=3)
    tensor([[0., 1., 2.],
            [3., 4., 5.]])
    """
    values = torch.as_tensor(signal, dtype=torch.float32)
    if values.dim() != 1 or not 1 <= piece <= len(values):
        raise ValueError(
            f"The signal has the shape {tuple(values.shape)} and a piece {piece} samples; the signal should be "
            "(time,), and hold at least one piece."
        )
    count = len(values) // piece
    return values[: count * piece].reshape(count, piece)


class BearingWindows:
    """Draws windows of a signal that begin anywhere: 25 pieces of 100 samples, and at each the piece that follows.

    Parameters
    ----------
    signal : ndarray or Tensor, shape (time,)
        Scaled as the network shall read it.
    batch : int, default 32
        Windows at a time.
    steps : int, default 25
        Pieces in a window.
    piece : int, default 100
        Samples in a piece.

    Raises
    ------
    ValueError
        If not one window and the piece after it fit.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Bearing, BearingWindows
    >>> draw = BearingWindows(Bearing().run(seconds=1).signal, batch=4)
    >>> inputs, following = draw(torch.Generator().manual_seed(0))  # (time, batch, feature)
    >>> inputs.shape, torch.equal(inputs[1:], following[:-1])
    (torch.Size([25, 4, 100]), True)
    """

    def __init__(
        self, signal: npt.NDArray[np.float32] | Tensor, batch: int = 32, steps: int = 25, piece: int = 100
    ) -> None:
        self.signal = torch.as_tensor(signal, dtype=torch.float32)
        self.batch, self.steps, self.piece = batch, steps, piece
        needed = (steps + 1) * piece
        if self.signal.dim() != 1 or min(batch, steps, piece) < 1 or len(self.signal) < needed:
            raise ValueError(
                f"A window of {steps} pieces of {piece} samples, and the piece after it, need {needed} samples; the "
                f"signal has the shape {tuple(self.signal.shape)}."
            )

    def __call__(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return inputs and the pieces that follow them, (time, batch, feature) each."""
        length = (self.steps + 1) * self.piece
        begins = torch.randint(len(self.signal) - length + 1, (self.batch,), generator=generator)
        pieces = self.signal[begins[:, None] + torch.arange(length)]
        whole = pieces.reshape(self.batch, self.steps + 1, self.piece).transpose(0, 1)
        return whole[:-1].contiguous(), whole[1:].contiguous()
