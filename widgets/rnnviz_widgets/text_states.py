"""Text coloured by what a network keeps while it reads: any unit of any gate or state, also as you type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import anywidget
import torch
import traitlets
from torch import Tensor, nn

from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.trace_model import choose_layer, share_trace

if TYPE_CHECKING:
    from rnnviz.recording.trace import LayerTrace, Trace

MOST_SYMBOLS = 10_000
"""Longest text that is shown; each character costs the page a few microseconds a unit."""


class Vocabulary(Protocol):
    """What a vocabulary needs to have: `rnnviz.data.Characters` and `rnnviz.data.Words` do."""

    @property
    def tokens(self) -> Sequence[str]:
        """The symbols, each at its number."""


class TextStates(Widget):
    """Each character, or word, on the colour of one unit at that step.

    The reader chooses the unit and the gate or state, sorts the units by how well they follow something that can be
    named (place in the line, quotes, …), draws along a stretch to find others with a like state, and types another
    text: the forward pass then runs in the page.

    Parameters
    ----------
    trace : rnnviz.Trace
        A network reading the text, recorded.
    text : str, or sequence of str
        What stands at each step: a string has one character a step, a list one word (or other symbol) a step. For
        several sequences, a list of lists.
    vocabulary : object with ``tokens``, optional
        The symbols by number, such as `rnnviz.data.Characters`. With it the reader may type symbols that the text
        does not have.
    embedding : torch.nn.Embedding, optional
        The table that turns a symbol's number into what the network reads; needed beside a vocabulary unless symbols
        go in as one-hot vectors.
    head : torch.nn.Linear, optional
        The readout above the last layer. With as many outputs as symbols, the text can be coloured by surprise,
        −log₂ of the probability that the network gave to each symbol; with one output, by its verdict.
    layer : str, optional
        Name of the layer shown first, as in ``trace.layers``; the last one by default.
    array : str, default "hidden"
        A gate's name, ``"cell"``, ``"hidden"``, or, with a head, ``"surprise"`` or ``"verdict"``.
    unit : int, default 0
        Unit shown first, where no cursor is given.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together: a step is a symbol.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If text, vocabulary, embedding or head do not fit the trace, or a layer has no such array, or the text is
        longer than 10,000 symbols.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw
    >>> from rnnviz.data import Characters
    >>> from rnnviz.models import CharacterModel
    >>> text = "to be or not to be"
    >>> alphabet = Characters(text)
    >>> model = CharacterModel(len(alphabet), units=8)
    >>> with rv.record(model) as trace:
    ...     _ = model(alphabet.encode(text)[:, None])
    >>> rw.TextStates(trace, text, vocabulary=alphabet)
    TextStates(layer='recurrent.l0', array='hidden', kind='GRU', symbols=18, units=8)
    """

    _esm = STATIC / "text_states.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    array = traitlets.Unicode("hidden").tag(sync=True)
    unit = traitlets.Int(0, min=0).tag(sync=True)
    words = traitlets.Bool(False).tag(sync=True)
    """Whether a step is a word and not a character."""
    tokens: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The symbols that may be typed."""
    tables: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Where the embedding and the readout lie in the data."""
    data = traitlets.Bytes(b"").tag(sync=True)
    reason = traitlets.Unicode("").tag(sync=True)
    """Why the page cannot read another text; empty where it can."""

    def __init__(
        self,
        trace: Trace,
        text: str | Sequence[str] | Sequence[Sequence[str]],
        *,
        vocabulary: Vocabulary | None = None,
        embedding: nn.Embedding | None = None,
        head: nn.Linear | None = None,
        layer: str | None = None,
        array: str = "hidden",
        unit: int = 0,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        rows = _split_text(text)
        model = share_trace(trace, rows)
        longest = max(len(row) for row in rows)
        if longest > MOST_SYMBOLS:
            raise ValueError(
                f"The text has {longest:,} symbols; at most {MOST_SYMBOLS:,} are shown. Record a part of it."
            )
        name = choose_layer(trace, layer)
        extra = [] if head is None else [_name_readout(head, trace, vocabulary)]
        available = [*trace[name].arrays(), *extra]
        if array not in available:
            raise ValueError(
                f"Layer {name!r} ({trace[name].kind}) has no array {array!r}; it has {', '.join(available)}."
            )
        packer = Packer()
        tokens, table, reason = _tabulate(trace, rows, vocabulary, embedding)
        tables: dict[str, Any] = {
            "inputs": None if table is None else packer.add(table),
            "head": None if head is None else pack_head(head, packer),
            "readout": extra[0] if extra else "",
        }
        super().__init__(
            trace=model,
            cursor=cursor,
            layer=name,
            array=array,
            unit=unit,
            words=not isinstance(text, str) and any(len(symbol) > 1 for row in rows for symbol in row),
            tokens=tokens,
            tables=tables,
            data=packer.bytes(),
            reason=reason,
        )

    def facts(self) -> dict[str, object]:
        """Layer, array and size."""
        size = self.trace.describe()
        return {
            "layer": self.layer,
            "array": self.array,
            "kind": size["kind"],
            "symbols": size["steps"],
            "units": size["units"],
        }


def _split_text(text: str | Sequence[str] | Sequence[Sequence[str]]) -> list[list[str]]:
    """Return one list of symbols a sequence."""
    if isinstance(text, str) or all(isinstance(one, str) for one in text):
        return [[str(symbol) for symbol in text]] if text else [[""]]
    rows = [list(one) for one in text]
    if not all(isinstance(symbol, str) for row in rows for symbol in row):
        raise ValueError(
            "The text must be a string, a list of strings, or a list of such lists, one a sequence."
        )
    return rows


def pack_head(head: nn.Linear, packer: Packer) -> dict[str, Any]:
    """Append a readout's weights and bias, and return where they lie.

    Parameters
    ----------
    head : torch.nn.Linear
    packer : Packer

    Returns
    -------
    dict
        Entries ``weight`` and ``bias``; the bias is None where there is none.
    """
    return {
        "weight": packer.add(head.weight),
        "bias": None if head.bias is None else packer.add(head.bias[None]),
    }


def _name_readout(head: nn.Linear, trace: Trace, vocabulary: Vocabulary | None) -> str:
    last = trace[trace.layers[-1]]
    if head.in_features != last.hidden.shape[-1]:
        raise ValueError(
            f"The head takes {head.in_features} numbers, and the last layer, {last.name!r}, has "
            f"{last.hidden.shape[-1]} units. Pass the linear layer that reads it."
        )
    if last.reverse or any(trace[name].reverse for name in trace.layers):
        raise ValueError("A head above layers of both directions is not shown; leave it out.")
    if head.out_features == 1:
        return "verdict"
    if vocabulary is not None and head.out_features == len(vocabulary.tokens):
        return "surprise"
    size = (
        "no vocabulary was given"
        if vocabulary is None
        else f"the vocabulary has {len(vocabulary.tokens)} symbols"
    )
    raise ValueError(
        f"The head has {head.out_features} outputs and {size}. A head with one output gives a verdict, one with as "
        "many as symbols gives the surprise at each."
    )


def _tabulate(
    trace: Trace, rows: list[list[str]], vocabulary: Vocabulary | None, embedding: nn.Embedding | None
) -> tuple[list[str], Tensor | None, str]:
    """Find out what goes in for each symbol: the symbols, their vectors (None for one-hot), and what is amiss."""
    first = trace[trace.layers[0]]
    width = first.input.shape[-1]
    if embedding is not None:
        if vocabulary is None or len(vocabulary.tokens) != embedding.num_embeddings:
            count = (
                "no vocabulary" if vocabulary is None else f"a vocabulary of {len(vocabulary.tokens)} symbols"
            )
            raise ValueError(
                f"The embedding has {embedding.num_embeddings} rows and came with {count}. Pass the vocabulary whose "
                "symbols they are."
            )
        if embedding.embedding_dim != width:
            raise ValueError(
                f"The embedding's vectors have {embedding.embedding_dim} numbers, and layer {first.name!r} reads "
                f"{width}. Pass the embedding that feeds it."
            )
    reason = next((found for name in trace.layers if (found := _refuse_typing(trace[name]))), "")
    if not first.input.isfinite().all():
        return [], None, "What went in holds values that are no numbers, so another text cannot be read here."
    seen = _collect_inputs(first, rows)
    if seen is None:
        return (
            [],
            None,
            reason or "The same symbol went in as different vectors, so another text cannot be read here.",
        )
    if vocabulary is None:
        return list(seen), torch.stack(list(seen.values())), reason
    tokens = list(vocabulary.tokens)
    numbers = {token: number for number, token in enumerate(tokens)}
    table = embedding.weight.detach() if embedding is not None else torch.eye(len(tokens))
    fits = table.shape[1] == width and all(
        # What the vocabulary does not know may have gone in as its first symbol, "[UNK]".
        torch.allclose(vector.float(), table[numbers.get(symbol, 0)].to(vector.device).float(), atol=1e-6)
        for symbol, vector in seen.items()
        if symbol in numbers
    )
    if not fits:
        raise ValueError(
            "The trace did not read these symbols as "
            + ("one-hot vectors of this vocabulary" if embedding is None else "rows of this embedding")
            + ". Pass the vocabulary"
            + (", and the embedding if there is one," if embedding is None else " and the embedding")
            + " that the recorded model uses."
        )
    return tokens, None if embedding is None else table, reason


def _collect_inputs(layer: LayerTrace, rows: list[list[str]]) -> dict[str, Tensor] | None:
    """Return what went in for each symbol, or None where that was not always the same."""
    seen: dict[str, Tensor] = {}
    inputs = layer.input.detach().cpu()
    for sequence, (row, length) in enumerate(zip(rows, layer.lengths.tolist(), strict=True)):
        for step, symbol in enumerate(row[:length]):
            vector = inputs[step, sequence]
            if symbol not in seen:
                seen[symbol] = vector
            elif not torch.equal(seen[symbol], vector):
                return None
    return seen


def _refuse_typing(layer: LayerTrace) -> str:
    if layer.kind not in ("RNN", "GRU", "LSTM"):
        return f"The page cannot compute a layer of kind {layer.kind}, so it shows the recorded text only."
    if layer.reverse:
        return "A layer that reads backwards would have to know the end of the text first, so typing is off."
    if getattr(layer.weights, "weight_hr", None) is not None:
        return "The page cannot compute a layer with a projection, so it shows the recorded text only."
    return ""
