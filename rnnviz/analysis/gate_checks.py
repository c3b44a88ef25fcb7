"""What the doctor says of gates that stay at one end, activations that are flat, and units that are dead."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.analysis.rates import choose_sample, gradient_rate
from rnnviz.analysis.report import Check, Finding
from rnnviz.analysis.saturation import OPEN, SATURATED, SHUT, measure_saturation
from rnnviz.recording.trace import LayerTrace

__all__ = ["VANISHED", "examine_gates", "is_starved"]

#: A gradient that shrank further than this no longer changes the sum it is added to in float32.
VANISHED = 1e-6
#: A unit that takes in, or shows, less than this share all through a sequence has no part in what is read.
UNTOUCHED = 0.1
#: From this share on, units that are always zero are more than a ReLU network gives up while it learns.
DEAD = 0.5
#: Steps, over all sequences, below which that may be chance.
ENOUGH = 16


def examine_gates(layer: LayerTrace) -> Iterator[Finding | Check]:
    """Look at gates that stay at one end, flat activations and dead units."""
    relu = layer.kind == "RNN" and layer.nonlinearity == "relu"
    if relu:
        yield from _examine_dead_units(layer)
    elif not measure_saturation(layer):
        why = f"{layer.kind} names no gate of the shape (batch, unit): return its gates by name from `step`."
        yield Check(layer.name, "gates and activations", False, why)
        return
    yield from _examine_saturation(layer)
    yield Check(layer.name, "units" if relu else "gates and activations", True)


@dataclass(frozen=True)
class _Harm:
    """A gate that is nearly always at one end: what that does, how to tell that it does, and what helps.

    A gate may be there for good reason, such as one that writes little at a step and for long. Then it is worth a
    note.
    """

    gate: str
    end: str
    what: str
    does: Callable[[LayerTrace], bool]
    meaning: str
    harmless: str
    advice: str


def is_starved(layer: LayerTrace) -> bool:
    """Tell whether some states get no gradient at all, so that nothing can be learned from what they read."""
    return layer.has_gradients and _weakest_gradient(layer) < VANISHED


def _loses_the_past(layer: LayerTrace) -> bool:
    """Tell whether what is far back cannot be learned from; before a backward pass, by how its influence falls."""
    if layer.has_gradients:
        return is_starved(layer)
    sample, most, probes = choose_sample(layer)
    rate, steps = gradient_rate(sample, most, probes=probes), int(layer.lengths.max())
    return rate > 0 and (steps - 1) * math.log(rate) < math.log(VANISHED)


def _takes_in_nothing(layer: LayerTrace) -> bool:
    """Tell whether hardly any unit holds much of its candidates at any step, however long the sequence.

    What share of a state is candidates follows from the gates alone: w_t = f_t w_{t-1} + i_t in an LSTM, and
    w_t = z_t w_{t-1} + 1 - z_t in a GRU.
    """
    gates, mask = layer.gates, layer.mask[..., None]
    kept, written = (
        (gates["forget"], gates["input"]) if layer.kind == "LSTM" else (gates["update"], 1 - gates["update"])
    )
    written = written * mask
    share, most = torch.zeros_like(written[0]), torch.zeros_like(written[0])
    times = range(len(written))
    for t in reversed(times) if layer.reverse else times:
        share = kept[t] * share + written[t]
        most = torch.maximum(most, share)
    return _hardly_any(most)


def _shows_nothing(layer: LayerTrace) -> bool:
    """Tell whether hardly any unit shows much of its cell at any step."""
    return _hardly_any((layer.gates["output"] * layer.mask[..., None]).amax(0))


def _hardly_any(shares: Tensor) -> bool:
    """Tell whether nine in ten units, or more, are below `UNTOUCHED`; shares are (batch, unit).

    In a network that has learned, a few units may do all the work.
    """
    return float((shares.mean(0) < UNTOUCHED).float().mean()) >= 0.9


_HARMFUL = {
    "LSTM": (
        _Harm(
            "forget",
            "low",
            "closed forget gate",
            _loses_the_past,
            "the cell forgets everything at every step, so nothing is remembered.",
            "hardly anything stays in the cell from one step to the next.",
            "Start the forget bias at 1 or 2: bias_ih[unit:2*unit] = 1.",
        ),
        _Harm(
            "input",
            "low",
            "closed input gate",
            _takes_in_nothing,
            "hardly anything is written into the cell.",
            "little is written into the cell at a time, and it adds up over the sequence.",
            "Start the gate's bias at 0, and check the scale of the inputs.",
        ),
        _Harm(
            "output",
            "low",
            "closed output gate",
            _shows_nothing,
            "the cell's content is hardly ever shown, and hardly any gradient reaches it.",
            "the cell's content is shown at few steps.",
            "Start the gate's bias at 0, and check the scale of the inputs.",
        ),
    ),
    "GRU": (
        _Harm(
            "update",
            "high",
            "frozen update gate",
            _takes_in_nothing,
            "the state is copied from step to step and never takes in anything new.",
            "little is taken into the state at a time, and it adds up over the sequence.",
            "Start the gate's bias at 0 or below.",
        ),
    ),
}


def _examine_saturation(layer: LayerTrace) -> Iterator[Finding]:
    saturation = measure_saturation(layer)
    for harm in _HARMFUL.get(layer.kind, ()):
        fraction = float(getattr(saturation[harm.gate], harm.end).mean())
        if fraction > 0.8:
            alarm = harm.does(layer)
            beyond = f"below {SHUT}" if harm.end == "low" else f"above {OPEN}"
            yield Finding(
                layer.name,
                harm.what,
                alarm,
                fraction,
                f"The {harm.gate} gate is {beyond} in {fraction:.0%} of all steps and units: "
                + (harm.meaning if alarm else harm.harmless),
                harm.advice if alarm else f"Fine if it learns. Otherwise: {harm.advice}",
            )
    for name in ("hidden", "candidate"):
        if name in saturation:
            fraction = float((saturation[name].low + saturation[name].high).mean())
            if fraction > 0.6:
                yield Finding(
                    layer.name,
                    "saturated activation",
                    True,
                    fraction,
                    f"The {name} values are beyond ±{SATURATED} in {fraction:.0%} of all steps and units, "
                    "where tanh is "
                    "flat and passes hardly any gradient.",
                    "Scale the inputs to about unit size, use smaller weights (orthogonal recurrent, Glorot "
                    "input), or "
                    "a lower learning rate.",
                )
    for name, measured in saturation.items():
        if name in ("hidden", "candidate"):
            continue
        stuck = (measured.low > 0.95) | (measured.high > 0.95)
        share = float(stuck.float().mean())
        if share > 0.1:
            yield Finding(
                layer.name,
                f"stuck {name} gate",
                False,
                share,
                f"In {share:.0%} of the units the {name} gate hardly ever leaves one end.",
                "Harmless where a unit has learned to hold or to ignore; early in training, look at biases "
                "and inputs.",
            )


def _examine_dead_units(layer: LayerTrace) -> Iterator[Finding]:
    values = layer.hidden[layer.mask]
    dead = float((values <= 0).all(0).float().mean())
    if dead > 0.1:
        yield Finding(
            layer.name,
            "dead ReLU units",
            # In a few steps any unit may happen to be zero.
            dead >= DEAD and len(values) >= ENOUGH,
            dead,
            f"{dead:.0%} of the units are zero at every step of every sequence in this batch: from it no gradient "
            "reaches their weights, and those that are zero in every batch stay so.",
            "Lower the learning rate, start the biases slightly above 0, or start W_hh as the identity "
            "(IRNN).",
        )


def _weakest_gradient(layer: LayerTrace) -> float:
    """Return the smallest ‖∂L/∂h_k‖ relative to the largest, up to the last step the loss depends on."""
    norms = (layer.grad_norm * layer.mask).sum(1)
    if layer.reverse:
        norms = norms.flip(0)
    reached = norms[: int(norms.nonzero().max()) + 1] if bool(norms.any()) else norms
    return float(reached.min() / norms.max())
