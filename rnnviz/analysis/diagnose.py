"""The doctor: what a recorded training step says about the health of a recurrent model, and what to try.

Every finding has its number, what it means in a sentence, and a remedy. An *alarm* is something that usually
stops learning; a *note* is worth knowing. A healthy model gets no alarm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.analysis.flow import gradient_flow, influence, memory_horizon, sample_sequences
from rnnviz.analysis.propagate import steps_with_loss
from rnnviz.recording.trace import LayerTrace, Trace

__all__ = ["Diagnosis", "Finding", "Saturation", "diagnose", "gradient_rate", "measure_saturation"]

#: A gate counts as shut below the first and as open above the second; Karpathy et al. (2015) drew the same
#: lines.
SHUT, OPEN = 0.1, 0.9
#: A tanh beyond this has less than a fifth of its slope left.
SATURATED = 0.9
#: A gradient that shrank further than this no longer changes the sum it is added to in float32.
VANISHED = 1e-6
#: A gradient that grew further than this throws the weights away in one step.
EXPLODED = 1e3
#: A unit that takes in, or shows, less than this share all through a sequence has no part in what is read.
UNTOUCHED = 0.1
#: From this share on, units that are always zero are more than a ReLU network gives up while it learns.
DEAD = 0.5
#: Steps, over all sequences, below which that may be chance.
ENOUGH = 16
#: What following gradients and inputs through time may take: multiplications, about a second of one processor,
#: and bytes. Of what would take more, evenly spread sequences and steps are looked at.
EFFORT, MEMORY = 2**34, 2**26
#: How many random directions the influence of inputs is estimated from then, if they have more features.
PROBES = 4


@dataclass(frozen=True)
class Finding:
    """One thing the doctor saw.

    Attributes
    ----------
    layer : str
        Where.
    what : str
        A short name, the same for all findings of its kind: "vanishing gradient", "closed forget gate", …
    alarm : bool
        Whether it usually stops learning; otherwise a note.
    number : float
        What was measured.
    meaning : str
        The number in a sentence.
    advice : str
        What to try.
    """

    layer: str
    what: str
    alarm: bool
    number: float
    meaning: str
    advice: str

    def __str__(self) -> str:
        kind = "ALARM" if self.alarm else "note"
        return f"{kind}: {self.layer}: {self.what}. {self.meaning} {self.advice}"


@dataclass(frozen=True)
class Diagnosis:
    """All findings on a trace, alarms first."""

    findings: tuple[Finding, ...]

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that usually stop learning."""
        return tuple(finding for finding in self.findings if finding.alarm)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        if not self.findings:
            return "Diagnosis: healthy, nothing to report."
        return "\n".join(["Diagnosis:", *(f"  {finding}" for finding in self.findings)])


@dataclass(frozen=True, eq=False)
class Saturation:
    """Fractions of a gate's values near its ends, over all steps of all sequences.

    Attributes
    ----------
    low, high : Tensor, shape (unit,)
        For a gate between 0 and 1: fraction of its values below 0.1 and above 0.9. For a tanh (candidate, or
        the hidden state of a plain RNN): below -0.9 and above 0.9.
    """

    low: Tensor
    high: Tensor


def measure_saturation(layer: LayerTrace) -> dict[str, Saturation]:
    """How often each unit of each gate is nearly shut or nearly open.

    Parameters
    ----------
    layer : LayerTrace
        A plain RNN has no gates; for one with tanh, its hidden state is measured.

    Returns
    -------
    dict of str to Saturation
        By the name of the gate, or "hidden".

    References
    ----------
    A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and understanding recurrent networks",
    arXiv:1506.02078 (2015).

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.diagnose import measure_saturation
    >>> lstm = torch.nn.LSTM(1, 2)
    >>> _ = torch.nn.init.constant_(lstm.bias_ih_l0, -9.0)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.zeros(5, 1, 1))
    >>> measure_saturation(trace["l0"])["forget"].low
    tensor([1., 1.])
    """
    arrays = dict(layer.gates)
    if layer.kind == "RNN" and layer.nonlinearity == "tanh":
        arrays["hidden"] = layer.hidden
    mask = layer.mask
    found = {}
    for name, array in arrays.items():
        if array.shape[:2] != mask.shape or array.dim() != 3:
            continue  # a named intermediate of another shape
        values = array[mask]
        signed = name in ("candidate", "hidden")
        low, high = (-SATURATED, SATURATED) if signed else (SHUT, OPEN)
        found[name] = Saturation((values < low).float().mean(0), (values > high).float().mean(0))
    return found


def gradient_rate(layer: LayerTrace, most: int | None = None, *, probes: int | None = None) -> float:
    """By what factor a gradient grows with each step back in time, on average.

    Fitted by least squares to the logarithm of how ‖∂L_t/∂h_k‖ falls or rises with the distance t - k,
    averaged over all losses and sequences. Below 1 gradients vanish, above 1 they explode.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM. Before a backward pass the influence of inputs on outputs is taken instead,
        which travels through the same Jacobians.
    most : int, optional
        Follow at most this many of the steps that have a loss, evenly spread; all by default.
    probes : int, optional
        As in `rnnviz.flow.influence`, where that is taken.

    Returns
    -------
    float
        NaN when there is nothing to fit: a single step, or no gradient at all.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> from rnnviz.analysis.diagnose import gradient_rate
    >>> rnn = torch.nn.RNN(1, 1, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(8, 1, 1))
    >>> round(gradient_rate(trace["l0"]), 3)
    0.5
    """
    steps = layer.source.shape[0]
    if layer.has_gradients:
        followed = _spread(steps_with_loss(layer.source).nonzero().flatten().tolist(), most)
        matrix = gradient_flow(layer, followed)
    else:
        followed = _spread(list(range(steps)), most)
        matrix = influence(layer, followed, probes=probes).transpose(0, 1)
    ends, others = torch.tensor(followed, dtype=torch.long)[:, None], torch.arange(steps)
    # A gradient comes from ahead of its state, an influence from behind; in a reverse layer the other way.
    lag = ends - others if layer.has_gradients != layer.reverse else others - ends
    seen = (matrix > torch.finfo(matrix.dtype).tiny) & (lag >= 0).to(matrix.device)[..., None]
    far = lag.to(matrix.device)[..., None].expand_as(matrix)[seen]
    sums, counts = torch.zeros(2, steps, dtype=torch.float64, device=matrix.device)
    sums.index_add_(0, far, matrix[seen].double().log())
    counts.index_add_(0, far, torch.ones_like(far, dtype=torch.float64))
    logarithms = sums / counts
    lags = torch.arange(steps, dtype=torch.float64, device=matrix.device)
    usable = logarithms.isfinite()
    if int(usable.sum()) < 2:
        return math.nan
    lags, logarithms = lags[usable], logarithms[usable]
    centred = lags - lags.mean()
    return math.exp(float((centred * logarithms).sum() / centred.square().sum()))


def _spread(steps: list[int], most: int | None) -> list[int]:
    """Choose at most this many, evenly spread, the first and the last among them; of one, the last."""
    if most is None or most >= len(steps):
        return steps
    if most == 1:
        return steps[-1:]
    return [steps[round(place)] for place in torch.linspace(0, len(steps) - 1, most).tolist()]


def _sample(layer: LayerTrace) -> tuple[LayerTrace, int | None, int | None]:
    """Choose sequences, how many steps to follow in them, and how many directions of each input.

    All of them, where that is a matter of seconds.
    """
    steps, batch, _ = layer.source.shape
    states = layer.source.states()
    assert states.weights is not None
    effort, held = steps * states.weights.weight_hh.numel(), steps * states.hidden.itemsize
    readers, _, _ = layer.source.above()
    while readers:  # a gradient runs through every level above, and all that enters one from above is held
        weights = readers[0].states().weights
        assert weights is not None
        effort += steps * len(readers) * (weights.weight_hh.numel() + weights.weight_ih.numel())
        held = max(held, steps * states.hidden.itemsize * 3 * weights.weight_ih.shape[1])
        readers, _, _ = readers[0].above()
    features = states.input.shape[-1]
    if batch * steps <= min(EFFORT // (effort * features), MEMORY // held):
        return layer, None, None
    rows = max(1, min(EFFORT // (effort * min(features, PROBES)), MEMORY // held))
    sequences = min(batch, math.isqrt(rows))
    return sample_sequences(layer, sequences), min(steps, rows // sequences), PROBES


def diagnose(trace: Trace | LayerTrace) -> Diagnosis:
    """Look for what keeps a recurrent model from learning.

    Parameters
    ----------
    trace : Trace or LayerTrace
        Best after a backward pass. Of a layer with several calls, the last is looked at.

    Returns
    -------
    Diagnosis
        Printed, a sentence for each finding: values that are infinite or NaN (then nothing else of that
        layer), saturated gates and activations, vanishing or exploding gradients, dead ReLU units, gates that
        are hardly ever open, a memory shorter than the task, padding. A gate at one end is an alarm only where
        nothing gets in, out, or back through it.

    Notes
    -----
    Saturation, dead units, non-finite values and padding are counted over everything recorded. The rate of
    gradients and the memory need a pass through time for each step they begin at, so they follow a sample
    where all would take more than seconds: evenly spread sequences, and in them evenly spread steps among
    those that have a loss, or an input, the first and the last included. What is followed is followed
    exactly, except that in a sample the influence of inputs with more than 4 features is estimated from 4
    random directions, the same in every call. `gradient_rate` and `rnnviz.flow.memory_horizon` follow
    everything.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> _ = torch.manual_seed(0)
    >>> rnn = torch.nn.RNN(2, 8)
    >>> _ = torch.nn.init.normal_(rnn.weight_hh_l0, std=0.05)
    >>> with rv.record(rnn) as trace:
    ...     output, _ = rnn(torch.randn(40, 4, 2))
    ...     output[-1].sum().backward()
    >>> [finding.what for finding in rv.diagnose(trace).alarms]
    ['vanishing gradient']
    """
    layers = [trace] if isinstance(trace, LayerTrace) else [trace.calls(name)[-1] for name in trace.layers]
    found = [finding for layer in layers for finding in _examine(layer)]
    return Diagnosis(tuple(sorted(found, key=lambda finding: not finding.alarm)))


def _examine(layer: LayerTrace) -> Iterator[Finding]:
    if layer.source.shape[1] == 0:
        return  # a batch of no sequences
    broken = _find_nonfinite(layer)
    if broken is not None:
        yield broken  # and nothing else: every other number would come from these
        return
    yield from _examine_saturation(layer)
    if layer.kind == "RNN" and layer.nonlinearity == "relu":
        yield from _examine_dead_units(layer)
    if layer.kind in ("RNN", "GRU", "LSTM"):
        sample, most, probes = _sample(layer)
        yield from _examine_gradients(layer, gradient_rate(sample, most, probes=probes))
        inputs = _spread(list(range(layer.source.shape[0])), most)
        yield from _examine_memory(layer, memory_horizon(sample, inputs=inputs, probes=probes))
    yield from _examine_padding(layer)


def _find_nonfinite(layer: LayerTrace) -> Finding | None:
    """Look for infinite values and values that are no numbers, the forward pass first."""
    arrays = layer.arrays()
    for which, of_gradients in (("values", False), ("gradients", True)):
        bad = {
            name: ~array.isfinite()
            for name, array in arrays.items()
            if name.startswith("grad_") == of_gradients
        }
        bad = {name: where for name, where in bad.items() if bool(where.any())}
        if bad:
            share = sum(int(where.sum()) for where in bad.values()) / sum(map(torch.numel, bad.values()))
            steps = torch.cat([where.flatten(2).any(2).any(1).nonzero().flatten() for where in bad.values()])
            where = (
                f"from step {int(steps.min())} on" if which == "values" else f"up to step {int(steps.max())}"
            )
            return Finding(
                layer.name,
                f"non-finite {which}",
                True,
                share,
                f"{', '.join(bad)} are infinite or NaN in {share:.0%} of their values, {where}: "
                "every update from here makes all weights NaN.",
                "Look for NaN in the inputs and in layer.weights; then lower the learning rate, clip the "
                "gradient norm (torch.nn.utils.clip_grad_norm_), and start anew from finite weights.",
            )
    return None


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


def _is_starved(layer: LayerTrace) -> bool:
    """Tell whether some states get no gradient at all, so that nothing can be learned from what they read."""
    return layer.has_gradients and _weakest_gradient(layer) < VANISHED


def _loses_the_past(layer: LayerTrace) -> bool:
    """Tell whether what is far back cannot be learned from; before a backward pass, by how its influence falls."""
    if layer.has_gradients:
        return _is_starved(layer)
    sample, most, probes = _sample(layer)
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


def _examine_gradients(layer: LayerTrace, rate: float) -> Iterator[Finding]:
    steps = int(layer.lengths.max())
    if math.isnan(rate) or steps < 2:
        return
    log_total = (steps - 1) * math.log(rate) if rate > 0 else -math.inf
    across = f"×{rate:.2g} a step, 10^{log_total / math.log(10):.0f} over the {steps} steps"
    if log_total < math.log(VANISHED):
        # With a loss at every step each state still learns from the losses near it; then a short memory is
        # all there is to say. Only where some states get no gradient at all is learning from them impossible.
        starved = _is_starved(layer)
        yield Finding(
            layer.name,
            "vanishing gradient",
            starved,
            rate,
            f"Gradients shrink by {across}: "
            + (
                "what is far back cannot be learned from."
                if starved
                else "only what is near is learned from."
            ),
            "Use an LSTM with its forget bias at 1 or more, or a GRU; or start W_hh orthogonal or as the "
            "identity.",
        )
    elif log_total > math.log(EXPLODED):
        yield Finding(
            layer.name,
            "exploding gradient",
            True,
            rate,
            f"Gradients grow by {across}: one step can throw the weights away.",
            "Clip the gradient norm to about 1 (torch.nn.utils.clip_grad_norm_), scale W_hh down to a "
            "spectral "
            "radius of 1, or lower the learning rate.",
        )


def _weakest_gradient(layer: LayerTrace) -> float:
    """Return the smallest ‖∂L/∂h_k‖ relative to the largest, up to the last step the loss depends on."""
    norms = (layer.grad_norm * layer.mask).sum(1)
    if layer.reverse:
        norms = norms.flip(0)
    reached = norms[: int(norms.nonzero().max()) + 1] if bool(norms.any()) else norms
    return float(reached.min() / norms.max())


def _examine_memory(layer: LayerTrace, horizons: Tensor) -> Iterator[Finding]:
    horizon, steps = float(horizons.double().median()), int(layer.lengths.max())
    if steps >= 10 and horizon < steps / 4:
        yield Finding(
            layer.name,
            "short memory",
            False,
            horizon,
            f"After {horizon:.0f} steps an input has less than 1 % of its first influence; the sequences "
            f"have {steps}.",
            "Fine if the task needs no more. Otherwise raise the forget bias, use gates, or shorten the "
            "sequences.",
        )


def _examine_padding(layer: LayerTrace) -> Iterator[Finding]:
    share = 1 - float(layer.mask.float().mean())
    if share > 0.5:
        yield Finding(
            layer.name,
            "padding",
            False,
            share,
            f"{share:.0%} of the batch is padding.",
            "Batch sequences of similar length together.",
        )
