"""Holding a gate or a state of a trained network at a value, to see what depends on it.

A recording tells what a gate *did*; only an intervention tells what it *does*: hold it, run the network again, and see
how the answer changes. torch computes a whole layer in one fused kernel, into which nothing can be put. So a module
with something held runs step by step, by the equations in `rnnviz.steps`, for as long as it is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.recording.fused import layer_suffixes, read_mode, split_weights
from rnnviz.steps import Hold, Weights, gru_step, lstm_step, rnn_step

__all__ = ["Intervention", "intervene"]

#: What can be held of each kind.
HELD = {
    "RNN": ("hidden",),
    "LSTM": ("input", "forget", "candidate", "output", "cell", "hidden"),
    "GRU": ("reset", "update", "candidate", "hidden"),
}
Places = int | slice | Sequence[int] | None
Value = float | Tensor | Callable[[Tensor], Tensor]


@dataclass(eq=False)
class Intervention:
    """What is held, and what the layer computed with it; `intervene` gives it.

    Attributes
    ----------
    layer, gate : str
        Where: the layer's name, as in a trace, and a gate or state of it.
    units, steps, sequences
        Which of them; None is all.
    value : float, Tensor or callable
        What takes the place of the computed value.
    arrays : dict of str to Tensor, (time, batch, unit) each
        Every gate and state of the layer in its latest forward pass, with what was held in its place; empty before it.
    """

    layer: str
    gate: str
    units: Places
    steps: Places
    sequences: Places
    value: Value
    arrays: dict[str, Tensor] = field(default_factory=dict)
    _module: nn.RNNBase | None = field(default=None, repr=False)

    def choose(self, lengths: Tensor) -> Tensor:
        """Return at which steps of which sequences the value is held, (time, batch), from their lengths, (batch,)."""
        steps = int(lengths.max())
        held = torch.zeros(steps, len(lengths), dtype=torch.bool)
        sequences = _list_places(self.sequences, len(lengths), "sequences")
        for sequence in sequences:
            length = int(lengths[sequence])
            # One that ends earlier is passed over; counted from the end, each has an end of its own.
            places = self.steps
            if isinstance(places, int):
                places = [places]
            if places is None or isinstance(places, slice):
                held[_list_places(places, length, "steps"), sequence] = True
                continue
            _list_places(places, steps, "steps")
            held[[place % length for place in places if -length <= place < length], sequence] = True
        return held

    def replace(self, values: Tensor, held: Tensor) -> Tensor:
        """Put the value in the place of what was computed, (batch, unit), in the sequences that are held, (batch,)."""
        if not held.any():
            return values
        units = _list_places(self.units, values.shape[1], "units")
        chosen = values[:, units]
        wanted = self.value(chosen) if callable(self.value) else self.value
        wanted = torch.as_tensor(wanted, dtype=values.dtype, device=values.device)
        try:
            wanted = wanted.expand_as(chosen)
        except RuntimeError:
            raise ValueError(
                f"The value for {self.gate!r} of {self.layer} has shape {tuple(wanted.shape)}; at each step it must "
                f"fit (batch, held units) = {tuple(chosen.shape)}, or be a number."
            ) from None
        replaced = values.clone()
        replaced[:, units] = wanted
        return torch.where(held[:, None].to(values.device), replaced, values)

    def to_code(self) -> str:
        """Return a script in plain PyTorch that computes the same: the layer as a loop, with one line that holds.

        Returns
        -------
        str
            A function ``run_held(rnn, x)`` of torch's layer and its input, (time, batch, feature).

        Raises
        ------
        ValueError
            If the value is a tensor or a function, some sequences are left out, or the module is bidirectional or has a
            projection: the script would not be short any more.

        Examples
        --------
        >>> import torch, rnnviz as rv
        >>> rnn = torch.nn.RNN(2, 3)
        >>> with rv.intervene(rnn, gate="hidden", units=[1], steps=[0], value=0.0) as held:
        ...     output, _ = rnn(torch.zeros(4, 1, 2))
        >>> held.to_code().splitlines()[-4].strip()
        'if k == 0 and t in [0]: h[:, [1]] = 0.0'
        """
        assert self._module is not None
        return _write_code(self, self._module)


@contextmanager
def intervene(
    model: nn.Module,
    *,
    layer: str | None = None,
    gate: str,
    units: Places = None,
    steps: Places = None,
    sequences: Places = None,
    value: Value,
) -> Iterator[Intervention]:
    """Hold a gate or a state of a recurrent layer at a value, inside a ``with`` block.

    The model runs as it is otherwise, and what follows from the held value follows: later gates, states, the layers
    above, the loss. Gradients flow, and none of them through what is held. Several interventions may be nested; those
    of one layer are made in the order in which they were entered.

    Parameters
    ----------
    model : torch.nn.Module
        With a `torch.nn.RNN`, `GRU` or `LSTM` in it, or `rnnviz`'s own: any number of layers, both directions, packed
        sequences, projections, dropout between layers. It is restored at the end of the block, also after an exception.
    layer : str, optional
        The layer's name, as a trace of the model has it: ``"lstm.l0"``, ``"l1_reverse"``. May be left out where there
        is only one.
    gate : str
        Of an LSTM ``"input"``, ``"forget"``, ``"candidate"``, ``"output"``, and the states ``"cell"`` and ``"hidden"``;
        of a GRU ``"reset"``, ``"update"``, ``"candidate"``, ``"hidden"``; of a plain RNN ``"hidden"``. With a
        projection, the units of ``"hidden"`` are those after it.
    units, steps, sequences : int, slice or sequence of int, optional
        Which; all by default. Steps are counted in the order of time, in reverse layers too; a negative one is counted
        from each sequence's own end.
    value : float, Tensor or callable
        A number; a tensor that fits (batch, held units); or a function from the computed values, (batch, held units),
        to those that take their place, such as ``lambda f: 0.5 * f``.

    Yields
    ------
    Intervention
        With ``arrays``, what the layer computed, and ``to_code()``.

    Raises
    ------
    KeyError
        If the model has no such layer, or the layer no such gate.
    IndexError
        If a unit, a step or a sequence is not there.
    TypeError
        For a model that is no module, is scripted or compiled, or whose forward pass is not torch's.
    ValueError
        If several layers could be meant, or the value does not fit.

    Notes
    -----
    What is held runs as a loop in Python, some ten times slower than torch's kernel; with nothing held at any step it
    differs from the kernel by rounding alone. Record outside the block: of a run with something held, `rnnviz.record`
    would not know the equations, and refuses it.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(2, 3)
    >>> x = torch.rand(5, 1, 2)
    >>> with rv.intervene(lstm, gate="forget", steps=[3], value=0.0) as held:
    ...     _ = lstm(x)  # whatever the cell held before step 3 is gone
    >>> held.arrays["forget"][:, 0, 0].ge(0.01).tolist()
    [True, True, True, False, True]
    """
    module, name, index = _find_layer(model, layer)
    kind, _ = read_mode(module.mode)
    if gate not in HELD[kind]:
        raise KeyError(f"{name} ({kind}) has no {gate!r} to hold; it has {', '.join(map(repr, HELD[kind]))}.")
    _list_places(units, _count_units(module, gate), "units")
    if isinstance(value, Tensor) and value.dim() > 2:
        raise ValueError(
            f"value has shape {tuple(value.shape)}; at each step it must fit (batch, held units)."
        )
    held = Intervention(name, gate, units, steps, sequences, value, _module=module)
    held_here = module.__dict__.setdefault("_held", [])
    held_here.append((index, held))
    if len(held_here) == 1:
        module.__dict__["forward"] = MethodType(_run_held, module)
    try:
        yield held
    finally:
        held_here.remove((index, held))
        if not held_here:
            del module.__dict__["forward"], module.__dict__["_held"]


def _find_layer(model: nn.Module, wanted: str | None) -> tuple[nn.RNNBase, str, int]:
    """Return module, name and number of the layer that is asked for."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"intervene was given a {type(model).__name__}; it takes a torch.nn.Module.")
    found = []
    for path, module in model.named_modules():
        if isinstance(module, nn.RNNBase):
            for index, suffix in enumerate(layer_suffixes(module)):
                found.append((path, module, f"{path}.{suffix}" if path else suffix, index))
    names = [name for _, _, name, _ in found]
    if not found:
        raise KeyError(
            f"{type(model).__name__} holds no torch.nn.RNN, GRU or LSTM. In a cell of your own, and around "
            "torch's cells of one step a call, put the held value where you write the step."
        )
    if wanted is None:
        if len(found) > 1:
            raise ValueError(
                f"{type(model).__name__} has several layers; pass layer=, one of {', '.join(map(repr, names))}."
            )
        wanted = names[0]
    if wanted not in names:
        raise KeyError(f"The model has no layer {wanted!r}; it has {', '.join(map(repr, names))}.")
    path, module, name, index = found[names.index(wanted)]
    _refuse(path or type(module).__name__, model, module)
    return module, name, index


def _refuse(where: str, model: nn.Module, module: nn.RNNBase) -> None:
    """Raise for a module into which nothing can be put, or whose arithmetic is another."""
    for part in (model, module):
        if isinstance(part, torch.jit.ScriptModule):
            raise TypeError(
                f"{where} is scripted or traced: nothing can be held in it. Use the eager module."
            )
        if hasattr(part, "_orig_mod") or getattr(part, "_compiled_call_impl", None) is not None:
            raise TypeError(
                f"{where} is compiled: nothing can be held in it. Use the module that was given to torch.compile."
            )
    forward = module.__dict__.get("forward")
    overridden = forward is not None and getattr(forward, "__func__", None) is not _run_held
    known = any(type(module).forward is base.forward for base in (nn.RNN, nn.GRU, nn.LSTM))
    ours = any(base.__module__ == "rnnviz.recording.layers" for base in type(module).__mro__)
    if overridden or not (known or ours):
        raise TypeError(
            f"{where} overrides forward, so what it computes is unknown. Hold a gate of a plain layer instead."
        )


def _count_units(module: nn.RNNBase, gate: str) -> int:
    return module.proj_size if gate == "hidden" and module.proj_size else module.hidden_size


def _list_places(places: Places, count: int, what: str) -> list[int]:
    """Return units, steps or sequences as numbers from 0; raise an IndexError for one that is not there."""
    if places is None:
        return list(range(count))
    if isinstance(places, slice):
        return list(range(count))[places]
    wanted = [places] if isinstance(places, int) else [int(place) for place in places]
    if strange := [place for place in wanted if not -count <= place < count]:
        raise IndexError(f"{what} has {strange[0]}; there are {count}, from 0 to {count - 1}.")
    return [place % count for place in wanted]


def _run_held(module: nn.RNNBase, input: Any, hx: Any = None) -> tuple[Any, Any]:
    """Run in the place of a module's forward: step by step, with what is held; arguments and results are torch's."""
    packed = input if isinstance(input, PackedSequence) else None
    batched = packed is not None or input.dim() == 3
    if packed is not None:
        x, lengths = pad_packed_sequence(packed)
    else:
        x = input if batched else input.unsqueeze(0 if module.batch_first else 1)
        x = x.transpose(0, 1) if module.batch_first else x
        lengths = torch.full((x.shape[1],), x.shape[0])
    initial = _begin(module, hx, x, batched)
    # torch's own check, so that its messages stay the same; it looks at one layout only.
    layout = x.transpose(0, 1) if module.batch_first else x
    module.check_forward_args(layout, initial if module.mode == "LSTM" else initial[0], None)  # type: ignore[arg-type]
    output, final = _run_stack(module, x, lengths, initial, packed)
    if packed is not None:
        ordered = output if packed.sorted_indices is None else output.index_select(1, packed.sorted_indices)
        sorted_lengths = lengths if packed.sorted_indices is None else lengths[packed.sorted_indices.cpu()]
        data, _ = torch._VF._pack_padded_sequence(ordered, sorted_lengths, False)
        result: Any = packed._replace(data=data)
    elif batched:
        result = output.transpose(0, 1) if module.batch_first else output
    else:
        result, final = output.squeeze(1), tuple(state.squeeze(1) for state in final)
    return result, final if len(final) == 2 else final[0]


def _begin(module: nn.RNNBase, hx: Any, x: Tensor, batched: bool) -> tuple[Tensor, ...]:
    """Return the initial states, (layer, batch, unit), zeros where none are given."""
    if hx is not None:
        given = tuple(hx) if module.mode == "LSTM" else (hx,)
        return given if batched else tuple(state.unsqueeze(1) for state in given)
    layers = module.num_layers * (2 if module.bidirectional else 1)
    hidden = x.new_zeros(layers, x.shape[1], module.proj_size or module.hidden_size)
    return (
        (hidden, x.new_zeros(layers, x.shape[1], module.hidden_size)) if module.mode == "LSTM" else (hidden,)
    )


def _run_stack(
    module: nn.RNNBase,
    x: Tensor,
    lengths: Tensor,
    initial: tuple[Tensor, ...],
    packed: PackedSequence | None,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run all layers and directions on x, (time, batch, feature)."""
    directions = 2 if module.bidirectional else 1
    weights = split_weights(module, module._flat_weights)
    finals = []
    for number in range(module.num_layers):
        outputs = []
        for index in range(number * directions, (number + 1) * directions):
            held = [one for place, one in module.__dict__["_held"] if place == index]
            states = tuple(state[index] for state in initial)
            run = _Direction(module.mode, weights[index], held, reverse=index % directions == 1)
            output, final = run(x, states, lengths)
            outputs.append(output)
            finals.append(final)
        x = outputs[0] if directions == 1 else torch.cat(outputs, -1)
        if module.dropout and module.training and number < module.num_layers - 1:
            x = _drop(x, module.dropout, packed)
    return x, tuple(torch.stack(states) for states in zip(*finals, strict=True))


def _drop(x: Tensor, share: float, packed: PackedSequence | None) -> Tensor:
    """Drop between layers as torch does: of packed sequences, what is packed and no padding."""
    if packed is None:
        return dropout(x, share)
    mask = dropout(x.new_ones(int(packed.batch_sizes.sum()), x.shape[-1]), share)
    return x * pad_packed_sequence(packed._replace(data=mask))[0]


class _Direction:
    """One layer in one direction, a step at a time."""

    def __init__(self, mode: str, weights: Weights, held: Sequence[Intervention], *, reverse: bool) -> None:
        self.kind, self.nonlinearity = read_mode(mode)
        self.weights, self.held, self.reverse = weights, held, reverse

    def __call__(
        self, x: Tensor, states: tuple[Tensor, ...], lengths: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        chosen = [(one, one.choose(lengths)) for one in self.held]
        named: list[dict[str, Tensor]] = [{} for _ in range(len(x))]
        ragged = bool((lengths < len(x)).any())
        for t in reversed(range(len(x))) if self.reverse else range(len(x)):

            def hold(name: str, value: Tensor, t: int = t) -> Tensor:
                for one, held in chosen:
                    if one.gate == name:
                        value = one.replace(value, held[t])
                named[t][name] = value
                return value

            after = self._step(x[t], states, hold)
            if ragged:
                alive = (t < lengths).to(x.device)[:, None]
                states = tuple(torch.where(alive, new, old) for new, old in zip(after, states, strict=True))
                named[t] = {name: value * alive for name, value in named[t].items()}
            else:
                states = after
        arrays = {name: torch.stack([one[name] for one in named]) for name in HELD[self.kind]}
        for one in self.held:
            one.arrays = {name: array.detach() for name, array in arrays.items()}
        return arrays["hidden"], states

    def _step(self, x: Tensor, states: tuple[Tensor, ...], hold: Hold) -> tuple[Tensor, ...]:
        if self.kind == "LSTM":
            lstm = lstm_step(x, states[0], states[1], self.weights, hold)
            return lstm.hidden, lstm.cell
        if self.kind == "GRU":
            return (gru_step(x, states[0], self.weights, hold).hidden,)
        assert self.nonlinearity is not None
        return (rnn_step(x, states[0], self.weights, self.nonlinearity, hold).hidden,)


# ---------------------------------------------------------------------------------------------- as PyTorch code

_LETTERS = {
    "input": "i",
    "forget": "f",
    "candidate": "g",
    "output": "o",
    "cell": "c",
    "hidden": "h",
    "reset": "r",
    "update": "z",
}
#: Lines of one step, each after the quantity that may be held once it stands.
_STEPS: dict[str, list[tuple[str, str]]] = {
    "LSTM": [
        ("i, f, g, o = (a + b).chunk(4, -1)", ""),
        ("i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()", "input forget candidate output"),
        ("c = f * c + i * g", "cell"),
        ("h = o * c.tanh()", "hidden"),
    ],
    "GRU": [
        ("(r, z, n), (r_h, z_h, n_h) = a.chunk(3, -1), b.chunk(3, -1)", ""),
        ("r, z = (r + r_h).sigmoid(), (z + z_h).sigmoid()", "reset update"),
        ("g = (n + r * n_h).tanh()", "candidate"),
        ("h = (1 - z) * g + z * h", "hidden"),
    ],
    "RNN": [("h = (a + b).{nonlinearity}()", "hidden")],
}


def _write_code(held: Intervention, module: nn.RNNBase) -> str:
    if callable(held.value) or isinstance(held.value, Tensor) or held.sequences is not None:
        raise ValueError(
            "A script is written for a number that is held in all sequences; this intervention holds "
            + ("a tensor or a function." if held.sequences is None else "some sequences alone.")
        )
    if module.bidirectional or module.proj_size:
        raise ValueError(
            "A script is written for layers of one direction without a projection; use rnnviz.intervene itself here."
        )
    kind, nonlinearity = read_mode(module.mode)
    number = int(held.layer.rsplit(".", 1)[-1].removeprefix("l"))
    units = ":" if held.units is None else _spell(held.units)
    when = "" if held.steps is None else f" and t in {_spell(held.steps, of='len(x)')}"
    lines = [
        "import torch",
        "from torch.nn.functional import linear",
        "",
        "",
        "def run_held(rnn, x):",
        f'    """{held.gate.capitalize()} of {held.layer} held at {held.value:g}; x is (time, batch, feature)."""',
        "    for k in range(rnn.num_layers):",
        "        w_x, w_h = getattr(rnn, f'weight_ih_l{k}'), getattr(rnn, f'weight_hh_l{k}')",
        "        b_x, b_h = getattr(rnn, f'bias_ih_l{k}', None), getattr(rnn, f'bias_hh_l{k}', None)",
        f"        h = {'c = ' if kind == 'LSTM' else ''}x.new_zeros(x.shape[1], rnn.hidden_size)",
        "        states = []",
        "        for t in range(len(x)):",
        "            a, b = linear(x[t], w_x, b_x), linear(h, w_h, b_h)",
    ]
    for line, names in _STEPS[kind]:
        lines.append("            " + line.format(nonlinearity=nonlinearity))
        if held.gate in names.split():
            hold = f"{_LETTERS[held.gate]}[:, {units}] = {float(held.value)!r}"
            lines.append(f"            if k == {number}{when}: {hold}")
    lines += [
        "            states.append(h)",
        "        x = torch.stack(states)",
        f"    return x, {'(h, c)' if kind == 'LSTM' else 'h'}  # every state of the last layer, and its final one",
        "",
    ]
    return "\n".join(lines)


def _spell(places: Places, of: str = "") -> str:
    """Write places as code: a list, or the slice of a range."""
    if isinstance(places, slice):
        parts = ["" if part is None else str(part) for part in (places.start, places.stop)]
        text = ":".join(parts) + ("" if places.step is None else f":{places.step}")
        return f"range({of})[{text}]" if of else text
    numbers = [places] if isinstance(places, int) else [int(place) for place in places or ()]
    if of and any(number < 0 for number in numbers):
        return f"[s % {of} for s in {numbers}]"
    return str(numbers)
