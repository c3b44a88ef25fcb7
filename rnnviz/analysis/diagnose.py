"""The doctor: what a recorded training step says about the health of a recurrent model, and what to try.

Every finding has its number, what it means in a sentence, and a remedy. An *alarm* is something that usually
stops learning; a *note* is worth knowing. A healthy model gets no alarm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnviz.analysis.flow import memory_horizon
from rnnviz.analysis.gate_checks import VANISHED, examine_gates, is_starved
from rnnviz.analysis.limits import spread_steps
from rnnviz.analysis.rates import choose_sample, gradient_rate
from rnnviz.analysis.report import Check, Diagnosis, Finding
from rnnviz.analysis.saturation import Saturation, measure_saturation
from rnnviz.recording.trace import LayerTrace, Trace

__all__ = ["Check", "Diagnosis", "Finding", "Saturation", "diagnose", "gradient_rate", "measure_saturation"]

#: A gradient that grew further than this throws the weights away in one step.
EXPLODED = 1e3
#: Steps from which on a memory can be called short.
LONG = 10


def diagnose(trace: Trace | LayerTrace) -> Diagnosis:
    """Look for what keeps a recurrent model from learning.

    Parameters
    ----------
    trace : Trace or LayerTrace
        Best after a backward pass. Calls that go on from one another are one sequence; of a layer with several
        calls that do not, the last is looked at, and the others for values that are not finite.

    Returns
    -------
    Diagnosis
        Printed, a sentence for each finding, then what was judged and what could not be, and why. It is ``healthy``
        only where every check was made and found nothing. The findings: values that are infinite or NaN (then
        nothing else of that layer), saturated gates and activations, vanishing or exploding gradients, dead ReLU
        units, gates that are hardly ever open, a memory shorter than the task, padding, a loss that reads a reverse
        direction where it has seen one step, or padding instead of a sequence's end. A gate at one end is an alarm
        only where nothing gets in, out, or back through it.

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
    report: list[Finding | Check] = []
    if isinstance(trace, LayerTrace):
        report.extend(_examine((trace,)))
    else:
        if not trace.layers:
            report.append(Check("", "the recording", False, NOTHING_RAN))
        for name in trace.layers:
            report.extend(_examine(trace.sequences(name)))
        report.extend(Check(name, "everything", False, DID_NOT_RUN) for name in trace.silent)
    findings = [entry for entry in report if isinstance(entry, Finding)]
    checks = tuple(entry for entry in report if isinstance(entry, Check))
    return Diagnosis(tuple(sorted(findings, key=lambda finding: not finding.alarm)), checks)


NOTHING_RAN = (
    "no recurrent layer ran inside the block. Call the model in it, as model(x): layer.forward(x), and what "
    "torch.compile has made of a model, call no hooks, so that nothing is seen."
)
DID_NOT_RUN = (
    "it did not run inside the block, or was called past its hooks, as layer.forward(x) instead of layer(x)."
)


def _examine(calls: tuple[LayerTrace, ...]) -> Iterator[Finding | Check]:
    """Look at every call for numbers that are none, and at the last for everything."""
    *earlier, layer = calls
    name = layer.name
    if layer.source.shape[1] == 0:
        yield Check(name, "everything", False, "the batch holds no sequences.")
        return
    for number, call in enumerate(calls):
        where = f" in call {number} of {len(calls)}, counted from 0" if earlier else ""
        broken = _find_nonfinite(call, where) if call.source.shape[1] else None
        if broken is not None:
            yield broken  # and nothing else: every other number would come from these
            yield Check(name, "values", True)
            yield Check(name, "everything else", False, "it would be judged by values that are not finite.")
            return
    yield Check(name, "values", True, "" if layer.has_gradients else "of the forward pass")
    if earlier:
        each_of_one_step = all(call.source.shape[0] == 1 for call in calls)
        yield Check(
            name,
            f"the earlier {len(earlier)} of its {len(calls)} calls",
            False,
            "they were looked at for values that are not finite alone"
            + (
                ". Each call is one step, and none is known to go on from another, so there are no gradients over "
                "time: hand the state from call to call, or run the layer over the whole sequence."
                if each_of_one_step
                else f"; the rest: rnnviz.diagnose(trace.calls({name!r})[0])."
            ),
        )
    yield from examine_gates(layer)
    yield from _examine_time(layer)
    yield from _examine_reading(layer)
    yield from _examine_padding(layer)


def _examine_time(layer: LayerTrace) -> Iterator[Finding | Check]:
    """Look at what becomes smaller or larger on its way through time: gradients, and the influence of inputs."""
    name, steps = layer.name, int(layer.lengths.max())
    if layer.kind not in ("RNN", "GRU", "LSTM"):
        why = (
            f"{layer.kind} is a cell of your own, whose formula is unknown. Look at layer.grad_norm: it should not "
            "fall or grow by many orders of magnitude from step to step."
        )
        yield Check(name, "gradients over time", False, why)
        yield Check(name, "memory", False, "the formula is unknown.")
        return
    if steps < 2:
        yield Check(name, "gradients over time", False, "there is one step.")
        yield Check(name, "memory", False, "there is one step.")
        return
    sample, most, probes = choose_sample(layer)
    rate = gradient_rate(sample, most, probes=probes)
    yield from _examine_gradients(layer, rate)
    if not layer.has_gradients:
        why = (
            "no backward pass has reached this layer (none was run, or the forward pass ran under no_grad, or the loss "
            "does not depend on it). How inputs fade on their way forwards was looked at instead."
        )
        yield Check(name, "gradients over time", False, why)
    elif math.isnan(rate):
        why = "no gradient travels back over two steps or more, so nothing can be said of its rate."
        yield Check(name, "gradients over time", False, why)
    else:
        yield Check(name, "gradients over time", True, "of a sample" if most is not None else "")
    if steps < LONG:
        yield Check(name, "memory", False, f"{steps} steps are too few to call a memory short.")
        return
    inputs = spread_steps(list(range(layer.source.shape[0])), most)
    yield from _examine_memory(layer, memory_horizon(sample, inputs=inputs, probes=probes))
    yield Check(name, "memory", True, "of a sample" if most is not None else "")


def _examine_reading(layer: LayerTrace) -> Iterator[Finding | Check]:
    """Look at the steps at which a loss reads the layer: where the reverse direction has begun, or in the padding."""
    if not layer.has_gradients or layer.kind not in ("RNN", "GRU", "LSTM"):
        why = (
            f"{layer.kind} is a cell of your own, whose gradients cannot be told apart by where they entered."
            if layer.has_gradients
            else "no backward pass has reached this layer."
        )
        yield Check(layer.name, "where the loss reads", False, why)
        return
    if layer.source.above()[0]:
        yield Check(layer.name, "where the loss reads", True, "through the layers above")
        return
    hidden, cell = layer.source.from_outside()  # in running order
    reached = hidden.any(-1) if cell is None else hidden.any(-1) | cell.any(-1)
    lengths, steps = layer.lengths, layer.source.shape[0]
    read = reached.any(0)
    if layer.reverse and int(lengths.max()) > 1 and bool(read.any()) and not bool(reached[1:].any()):
        yield Finding(
            layer.name,
            "reverse direction read at its first step",
            True,
            1.0,
            "The loss reads this direction only at the end of the sequence, where it has seen one step: output[-1] of "
            "a bidirectional layer is the last state of one direction and the first of the other.",
            "Read the final state of either direction: torch.cat([h_n[-2], h_n[-1]], -1).",
        )
    shorter = lengths < steps
    at_end = (
        reached.nonzero()[:, 0] == (0 if layer.reverse else steps - 1)
        if bool(read.any())
        else read.new_zeros(1)
    )
    if bool(shorter.any()) and bool(read.any()) and not bool(read[shorter].any()) and bool(at_end.all()):
        count = int(shorter.sum())
        yield Finding(
            layer.name,
            "padding read",
            True,
            count / len(lengths),
            f"No gradient reaches {count} of {len(lengths)} sequences, all those that are shorter than the longest: "
            "the loss reads the last step of the batch, which is padding for them.",
            "Read each sequence's own last step: h_n[-1], or output[lengths - 1, torch.arange(len(lengths))].",
        )
    yield Check(layer.name, "where the loss reads", True)


def _find_nonfinite(layer: LayerTrace, call: str) -> Finding | None:
    """Look for infinite values and values that are no numbers, the forward pass first; ``call`` says in which call."""
    # An input that is infinite may leave every state finite, at the flat ends of its gates.
    arrays = {"x": layer.input, **layer.arrays()}
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
                f"{', '.join(bad)} are infinite or NaN in {share:.0%} of their values{call}, {where}: "
                "every update from here makes all weights NaN.",
                "Look for NaN in the inputs and in layer.weights; then lower the learning rate, clip the "
                "gradient norm (torch.nn.utils.clip_grad_norm_), and start anew from finite weights.",
            )
    return None


def _examine_gradients(layer: LayerTrace, rate: float) -> Iterator[Finding]:
    steps = int(layer.lengths.max())
    if math.isnan(rate) or steps < 2:
        return
    log_total = (steps - 1) * math.log(rate) if rate > 0 else -math.inf
    across = f"×{rate:.2g} a step, 10^{log_total / math.log(10):.0f} over the {steps} steps"
    if log_total < math.log(VANISHED):
        # With a loss at every step each state still learns from the losses near it; then a short memory is
        # all there is to say. Only where some states get no gradient at all is learning from them impossible.
        starved = is_starved(layer)
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


def _examine_memory(layer: LayerTrace, horizons: Tensor) -> Iterator[Finding]:
    horizon, steps = float(horizons.double().median()), int(layer.lengths.max())
    if horizon < steps / 4:
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


def _examine_padding(layer: LayerTrace) -> Iterator[Finding | Check]:
    share = 1 - float(layer.mask.float().mean())
    yield Check(layer.name, "padding", True, "as far as sequences are packed")
    if share > 0.5:
        yield Finding(
            layer.name,
            "padding",
            False,
            share,
            f"{share:.0%} of the batch is padding.",
            "Batch sequences of similar length together.",
        )
