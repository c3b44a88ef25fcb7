"""Torch's recurrent layers, recorded in every combination of their options, beside step-by-step autograd.

Torch runs a layer as a whole and gives away its outputs and its final state. The gates, the states and the gradient
that reaches each state at each step are derived from these by formula. Here the same layer is run one step at a time by
autograd, in float64, and the outputs, gates, states and gradients of a recording must be what autograd found: RNN with
tanh and with ReLU, GRU, LSTM with and without a projection; 1 to 3 layers, one direction and both, with and without
biases; time first, batch first, a single sequence without a batch, packed in both orders and unsorted; from zeros and
from a given state.

Run it with ``rnnviz prove every_combination``.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz import Trace, record
from rnnviz.experiments.step_by_step import GATES, Unrolled, unroll

TOLERANCE = 1e-10
"""Both sides compute in float64, whose rounding adds up to some 1e-14 here."""

STEPS, BATCH, FEATURES, UNITS = 4, 3, 2, 3
"""Small, for what can go wrong is in the structure, and every step of every sequence is run on its own."""

NAMES = {
    "tanh": "RNN, tanh",
    "relu": "RNN, ReLU",
    "GRU": "GRU",
    "LSTM": "LSTM",
    "LSTM-proj": "LSTM, projected",
}
"""What the table calls each kind of layer."""

KINDS = tuple(NAMES)
"""What is recorded."""

LAYOUTS = ("time first", "batch first", "unbatched", "packed", "packed unsorted", "packed batch first")
"""How the sequences are handed over."""

BATCH_FIRST = ("batch first", "packed batch first")
"""Those in which the batch is axis 0."""

COSTS = ("output", "last step", "h_n", "c_n")
"""What a cost can depend on, each in a way of its own."""

WHAT = ("outputs", "gates", "states", "gradients")
"""What is compared. Outputs include the final states; gradients are those of each step's states and of the weights."""


def make_module(
    kind: str,
    layers: int = 1,
    *,
    bidirectional: bool = False,
    bias: bool = True,
    layout: str = "time first",
    dropout: float = 0.0,
    units: int = UNITS,
) -> nn.RNNBase:
    """Make one of torch's recurrent modules in float64, with weights from the global generator.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    layers, bidirectional, bias, dropout
        As torch takes them.
    layout : str
        One of `LAYOUTS`.
    units : int
        Hidden units; a projection has 2.

    Returns
    -------
    torch.nn.RNN, GRU or LSTM

    Examples
    --------
    >>> make_module("LSTM-proj", 2, bidirectional=True)
    LSTM(2, 3, proj_size=2, num_layers=2, bidirectional=True)
    """
    options: dict[str, Any] = {
        "num_layers": layers,
        "bidirectional": bidirectional,
        "bias": bias,
        "batch_first": layout in BATCH_FIRST,
        "dropout": dropout if layers > 1 else 0.0,
        "dtype": torch.float64,
    }
    if kind == "GRU":
        return nn.GRU(FEATURES, units, **options)
    if kind in ("LSTM", "LSTM-proj"):
        return nn.LSTM(FEATURES, units, proj_size=2 if kind == "LSTM-proj" else 0, **options)
    return nn.RNN(FEATURES, units, nonlinearity=kind, **options)


def draw_initial_state(module: nn.RNNBase, batch: int) -> tuple[Tensor, ...]:
    """Draw states to begin with: (hidden,), or (hidden, cell) for an LSTM, each (layer · direction, batch, unit)."""
    directions = module.num_layers * (2 if module.bidirectional else 1)
    hidden = torch.randn(directions, batch, module.proj_size or module.hidden_size, dtype=torch.float64)
    if not isinstance(module, nn.LSTM):
        return (hidden,)
    return hidden, torch.randn(directions, batch, module.hidden_size, dtype=torch.float64)


def lengths_of(layout: str) -> list[int]:
    """Return how many steps each sequence has: ragged where they are packed, one sequence where there is no batch."""
    ragged = {"packed": [4, 3, 1], "packed unsorted": [2, 4, 3], "packed batch first": [1, 4, 2]}
    return [STEPS] if layout == "unbatched" else ragged.get(layout, [STEPS] * BATCH)


def call_module(
    module: nn.RNNBase, x: Tensor, initial: tuple[Tensor, ...] | None, layout: str, lengths: list[int]
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Run a module on sequences in a layout, and give back what it says in the one axis order.

    Parameters
    ----------
    module : torch.nn.RNN, GRU or LSTM
        Made for that layout.
    x : Tensor, shape (time, batch, feature)
    initial : tuple of Tensor, optional
        As `draw_initial_state` gives it.
    layout : str
        One of `LAYOUTS`.
    lengths : list of int
        Of the sequences, for the packed layouts.

    Returns
    -------
    outputs : Tensor, shape (time, batch, unit · directions)
    h_n : Tensor, shape (layer · direction, batch, unit)
    c_n : Tensor, same shape, or None
        Of an LSTM.

    Examples
    --------
    >>> module = make_module("GRU", layout="unbatched")
    >>> outputs, h_n, _ = call_module(module, torch.zeros(4, 1, 2).double(), None, "unbatched", [4])
    >>> outputs.shape, h_n.shape
    (torch.Size([4, 1, 3]), torch.Size([1, 1, 3]))
    """
    unbatched, batch_first = layout == "unbatched", layout in BATCH_FIRST
    states = None if initial is None else tuple(s.squeeze(1) if unbatched else s for s in initial)
    hx = states[0] if states is not None and len(states) == 1 else states
    if batch_first:
        x = x.transpose(0, 1)
    if layout.startswith("packed"):
        packed = pack_padded_sequence(
            x, torch.tensor(lengths), batch_first=batch_first, enforce_sorted=layout == "packed"
        )
        output, final = module(packed, hx)
        output, _ = pad_packed_sequence(output, batch_first=batch_first)
    else:
        output, final = module(x.squeeze(1) if unbatched else x, hx)
    if unbatched:
        output = output.unsqueeze(1)
    if batch_first:
        output = output.transpose(0, 1)
    finals = [s.unsqueeze(1) if unbatched else s for s in (final if isinstance(final, tuple) else (final,))]
    return output, finals[0], finals[1] if len(finals) > 1 else None


def cost_of(
    output: Tensor, h_n: Tensor, c_n: Tensor | None, lengths: list[int], parts: Collection[str] = COSTS
) -> Tensor:
    """Add up a cost that is nonlinear in every part it depends on, with weights that differ everywhere."""
    ramp = torch.linspace(0.5, 1.5, output.numel(), dtype=output.dtype).reshape(output.shape)
    total = output.new_zeros(())
    if "output" in parts:
        total = total + (ramp * output**2).sum()
    if "last step" in parts:
        for b, length in enumerate(lengths):
            total = total + output[length - 1, b].sin().sum()
    if "h_n" in parts:
        total = total + (h_n**3).sum()
    if "c_n" in parts and c_n is not None:
        total = total + c_n.cos().sum()
    return total


@dataclass(frozen=True)
class Comparison:
    """What is compared of many combinations, and how far it is apart at most.

    Attributes
    ----------
    what : str
        Which combinations.
    count : int
        How many.
    differences : mapping of str to float
        By `WHAT`, the largest absolute difference of two numbers; gates are missing where there are none.
    """

    what: str
    count: int
    differences: Mapping[str, float]

    @property
    def holds(self) -> bool:
        """Whether everything is the same within the tolerance."""
        return all(difference < TOLERANCE for difference in self.differences.values())


def compare_one(
    kind: str,
    layout: str,
    layers: int = 1,
    *,
    bidirectional: bool = False,
    bias: bool = True,
    given_state: bool = False,
) -> dict[str, float]:
    """Record one training step, run the same step by step, and measure how far they are apart.

    Parameters
    ----------
    kind, layout : str
        Of `KINDS` and of `LAYOUTS`.
    layers, bidirectional, bias
        As torch takes them.
    given_state : bool
        Whether the initial state is given, or zeros.

    Returns
    -------
    dict of str to float
        By `WHAT`, the largest absolute difference; infinite where something is missing, of another shape, or NaN.

    Examples
    --------
    >>> found = compare_one("LSTM", "packed", 2, bidirectional=True)
    >>> max(found.values()) < TOLERANCE
    True
    """
    module = make_module(kind, layers, bidirectional=bidirectional, bias=bias, layout=layout)
    lengths = lengths_of(layout)
    x = torch.randn(STEPS, len(lengths), FEATURES, dtype=torch.float64)
    initial = draw_initial_state(module, len(lengths)) if given_state else None

    output, h_n, c_n, reference = unroll(module, x, initial, lengths)
    cost_of(output, h_n, c_n, lengths).backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in module.parameters()]
    module.zero_grad()
    with record(module) as trace:
        seen = call_module(module, x, initial, layout, lengths)
    cost_of(*seen, lengths).backward()  # type: ignore[no-untyped-call]

    found = {what: 0.0 for what in WHAT if what != "gates" or GATES[module.mode.split("_")[0]]}
    weights = [parameter.grad for parameter in module.parameters()]
    pairs = itertools.chain(
        (("outputs", ours, theirs) for ours, theirs in zip(seen, (output, h_n, c_n), strict=True)),
        (("gradients", ours, theirs) for ours, theirs in zip(weights, gradients, strict=True)),
        _pair_arrays(trace, reference),
    )
    for what, ours, theirs in pairs:
        found[what] = max(found[what], measure_difference(ours, theirs))
    return found


def _pair_arrays(
    trace: Trace, reference: Mapping[str, Unrolled]
) -> Iterator[tuple[str, Tensor | None, Tensor]]:
    """Lay what was recorded beside what autograd found; None stands for what was not recorded."""
    for name, unrolled in reference.items():
        recorded = trace[name].arrays() if name in trace.layers else {}
        for array in unrolled.steps:
            state = array in ("hidden", "cell")
            yield "states" if state else "gates", recorded.get(array), unrolled.array(array)
            if state:
                yield "gradients", recorded.get(f"grad_{array}"), unrolled.array(array, gradient=True)


def measure_difference(ours: Tensor | None, theirs: Tensor | None) -> float:
    """Return the largest absolute difference of two numbers.

    Parameters
    ----------
    ours, theirs : Tensor or None

    Returns
    -------
    float
        0 where neither is there; infinite where one is missing, the shapes differ, or a number is NaN.

    Examples
    --------
    >>> measure_difference(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5]))
    0.5
    >>> measure_difference(torch.tensor([1.0]), torch.tensor([torch.nan]))
    inf
    """
    if ours is None and theirs is None:
        return 0.0
    if ours is None or theirs is None or ours.shape != theirs.shape:
        return math.inf
    return float((ours.detach() - theirs.detach()).abs().max().nan_to_num(math.inf, math.inf))


def run(
    kinds: Iterable[str] = KINDS, layouts: Sequence[str] = LAYOUTS, layers: Sequence[int] = (1, 2, 3)
) -> Iterator[Comparison]:
    """Go through all combinations, those of one kind in one layout at a time.

    Parameters
    ----------
    kinds, layouts : iterable of str
        Which of `KINDS` and `LAYOUTS`; by default all.
    layers : sequence of int
        Which numbers of layers.

    Yields
    ------
    Comparison
        The largest differences over layers, directions, biases and initial states.

    Examples
    --------
    >>> [found] = run(["GRU"], ["packed"], [1])
    >>> found.what, found.count, found.holds
    ('GRU, packed', 8, True)
    """
    for kind, layout in itertools.product(kinds, layouts):
        combinations = list(itertools.product(layers, (False, True), (True, False), (False, True)))
        # The same weights and sequences in every run, and the caller keeps their own random numbers.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            found = [
                compare_one(kind, layout, count, bidirectional=both, bias=bias, given_state=given)
                for count, both, bias, given in combinations
            ]
        largest = {what: max(one[what] for one in found) for what in found[0]}
        yield Comparison(f"{NAMES[kind]}, {layout}", len(found), largest)


def write_comparison(comparison: Comparison) -> str:
    """Write a row of the table.

    Examples
    --------
    >>> write_comparison(Comparison("RNN, tanh, packed", 24, {"outputs": 0.0, "states": 0.0, "gradients": 1e-15}))
    'RNN, tanh, packed                       24     0.0e+00                 0.0e+00     1.0e-15  holds'
    """
    cells = (f"{comparison.differences[w]:.1e}" if w in comparison.differences else "" for w in WHAT)
    verdict = "holds" if comparison.holds else "FAILS"
    return f"{comparison.what:36}{comparison.count:>6}  {''.join(f'{cell:>10}  ' for cell in cells)}{verdict}"


def main(arguments: Sequence[str] = ()) -> int:
    """Print the largest differences of every kind in every layout; return 0 where all are small enough, else 1."""
    argparse.ArgumentParser(
        prog="rnnviz prove every_combination",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    print(f"{'largest difference of':36}{'cases':>6}  {''.join(f'{what:>10}  ' for what in WHAT)}".rstrip())
    found = []
    for comparison in run():
        found.append(comparison)
        print(write_comparison(comparison), flush=True)
    largest = max(difference for one in found for difference in one.differences.values())
    held = all(one.holds for one in found)
    print(
        f"{sum(one.count for one in found)} combinations, largest difference {largest:.1e}: "
        f"{'the same to' if held else 'NOT the same to'} {TOLERANCE:.0e}"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
