"""What cannot be recorded, and what to do instead."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.cells import Cell
from rnnviz.recording.layers import RecordingLayer

__all__ = [
    "Recurrent",
    "check_batch",
    "check_positive",
    "check_sequences",
    "refuse_call",
    "refuse_dropout",
    "refuse_module",
]

_KNOWN_FORWARDS = (
    *(nn.RNN.forward, nn.GRU.forward, nn.LSTM.forward, RecordingLayer.forward),
    *(nn.RNNCell.forward, nn.GRUCell.forward, nn.LSTMCell.forward, Cell.forward),
)

Recurrent = nn.RNNBase | nn.RNNCellBase | Cell


def refuse_module(path: str, module: nn.Module) -> None:
    """Raise for a module whose recurrent layers hooks cannot see or whose arithmetic is unknown."""
    where = f"{path} ({type(module).__name__})" if path else f"the model ({type(module).__name__})"
    # A part that holds nothing recurrent may be anything: it is none of the recorder's business.
    if isinstance(module, torch.jit.ScriptModule) and _holds_scripted(module):
        raise TypeError(
            f"{where} is scripted or traced; its layers cannot be watched. Record the eager module it was "
            "made from."
        )
    # torch.compile wraps the module in an OptimizedModule; module.compile() marks it. (Asking torch._dynamo
    # itself would import it, which takes a second.)
    compiled = type(module).__module__.startswith("torch._dynamo") or hasattr(module, "_orig_mod")
    compiled = compiled or getattr(module, "_compiled_call_impl", None) is not None
    if compiled and _holds_recurrent(module):
        raise TypeError(
            f"{where} is compiled; a compiled layer cannot be watched. Record the module that was given to "
            "torch.compile (compiled._orig_mod) and call that."
        )
    if isinstance(module, nn.DataParallel) and _holds_recurrent(module):
        raise TypeError(
            f"{where} runs copies of its module on several devices, which hooks do not follow. Record "
            "model.module."
        )
    if type(module).__module__.startswith("torch.ao.nn.quantized") and hasattr(module, "num_layers"):
        raise TypeError(f"{where} is quantized; only its outputs exist. Record the float module instead.")
    if isinstance(module, Recurrent):
        forward = module.__dict__.get("forward", type(module).forward)
        if "_held" in module.__dict__:
            raise TypeError(
                f"{where} has a gate or a state held by rnnviz.intervene, so its equations are not those of its kind. "
                "Record outside that block, and inside it read the arrays of what it gives."
            )
        if forward not in _KNOWN_FORWARDS:
            raise TypeError(
                f"{where} overrides forward, so what it computes is unknown. Put a plain layer inside it "
                "instead, or write an rnnviz.Cell with a step of your own."
            )


def _holds_recurrent(module: nn.Module) -> bool:
    return any(isinstance(part, Recurrent) for part in module.modules())


def _holds_scripted(module: torch.jit.ScriptModule) -> bool:
    """Whether a scripted or traced module was made from something recurrent; it remembers only names."""
    names = {"RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell", *_names_below(Cell)}
    return any(getattr(part, "original_name", "") in names for part in module.modules())


def _names_below(kind: type) -> Iterator[str]:
    """Name all classes derived from one."""
    below: list[type] = kind.__subclasses__()
    for derived in below:
        yield derived.__name__
        yield from _names_below(derived)


def refuse_call(name: str, data: Tensor | PackedSequence) -> None:
    """Raise for a forward pass that runs in a way that cannot be watched."""
    tensor = data.data if isinstance(data, PackedSequence) else data
    if not isinstance(tensor, Tensor):
        return  # torch's own error says it best
    if tensor.is_meta or torch.compiler.is_exporting():
        raise RuntimeError(
            f"{name} runs on tensors without data (torch.export, or the meta device), so there is nothing to "
            "record. Record a plain call of the model."
        )
    if torch.is_autocast_enabled(tensor.device.type):
        raise RuntimeError(
            f"{name} runs under autocast, which computes it in another precision than its weights. Record "
            "outside autocast, or convert the model with model.to(torch.bfloat16)."
        )
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise RuntimeError(
            f"{name} runs inside a torch.func transform (vmap, grad, …), where its tensors are not real "
            "data. Record a plain call of the model."
        )
    if torch._C._get_tracing_state() is not None:
        raise RuntimeError(f"{name} is being traced by torch.jit. Record a plain call of the model.")


def refuse_dropout(name: str, data: Tensor | PackedSequence) -> None:
    """Raise where dropout's masks cannot be had again."""
    device = data.data.device.type
    if device != "cpu":
        raise RuntimeError(
            f"{name} applies dropout between its layers on {device}, where the masks are drawn inside the "
            "kernel and cannot be known. Record in eval mode, set dropout to 0, or put nn.Dropout between "
            "single layers."
        )


def check_sequences(sequences: Sequence[int] | None) -> tuple[int, ...] | None:
    """Return the sequences to keep as a tuple; refuse what names none, or one twice."""
    if sequences is None:
        return None
    if isinstance(sequences, int):
        raise TypeError(f"sequences is the number {sequences}; pass a list, as in sequences=[{sequences}].")
    chosen = tuple(operator.index(sequence) for sequence in sequences)
    if not chosen:
        raise ValueError(
            "sequences is empty; name the sequences of the batch to keep, or leave it out for all."
        )
    if min(chosen) < 0 or len(set(chosen)) < len(chosen):
        raise ValueError(f"sequences is {list(chosen)}; each index must be 0 or more and appear once.")
    return chosen


def check_positive(number: int, name: str) -> int:
    """Return a whole number that is 1 or more; refuse any other."""
    try:
        whole = operator.index(number)
    except TypeError:
        raise TypeError(f"{name} is {number!r}; it must be a whole number, 1 or more.") from None
    if whole < 1:
        raise ValueError(f"{name} is {number}; it must be 1 or more.")
    return whole


def check_batch(name: str, sequences: tuple[int, ...] | None, batch: int) -> None:
    """Raise when a sequence is asked for that the batch does not have."""
    if sequences is not None and max(sequences) >= batch:
        raise ValueError(
            f"sequences asks for number {max(sequences)}, but {name} was given a batch of {batch} (counted "
            "from 0)."
        )
