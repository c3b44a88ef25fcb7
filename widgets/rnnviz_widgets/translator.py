"""A translator to watch at work: what the encoder keeps, what the decoder weighs, and what follows another word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import traitlets

from rnnviz.data.pairs import END, GO
from rnnviz_widgets.base import STATIC, Widget, check_weights
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer

if TYPE_CHECKING:
    from rnnviz.data import Pairs, Words
    from rnnviz.models import EncoderDecoder

EXAMPLES = 20
"""Sentences that the page offers."""


class Translator(Widget):
    """Type a sentence; it is read and translated word by word, and any word of the translation can be forced.

    The network runs in the page: states of encoder and decoder, the likeliest next words, the attention, and a beam
    search, all of it anew at every key.

    Parameters
    ----------
    model : rnnviz.models.EncoderDecoder
        Trained; its weights are copied.
    source, target : rnnviz.data.Words
        The vocabularies it was trained with.
    sentence : str
        What stands in the field at first; the first example unless given.
    examples : rnnviz.data.Pairs, optional
        Sentences to choose from, the first 20 of them, with their translations.
    cursor : Cursor, optional
        Shared with other widgets; steps are the words read, then the words said.

    Raises
    ------
    TypeError
        If the model is no EncoderDecoder.
    ValueError
        If a vocabulary does not fit the model, the target lacks ``<go>`` and ``<eos>``, or a weight is not finite.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import made_up_pairs
    >>> from rnnviz.models import EncoderDecoder
    >>> source, target = made_up_pairs().vocabularies()
    >>> rw.Translator(EncoderDecoder(len(source), len(target)), source, target, sentence="I drink milk")
    Translator('I drink milk', source=50, target=72, units=48, attention=True)
    """

    _esm = STATIC / "translator.js"

    cursor = CursorTrait()
    sentence = traitlets.Unicode("").tag(sync=True)
    examples: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    source: traitlets.List[str] = traitlets.List().tag(sync=True)
    target: traitlets.List[str] = traitlets.List().tag(sync=True)
    reverse = traitlets.Bool(True).tag(sync=True)
    encoder: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    decoder: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    parts: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    go = traitlets.Int(0).tag(sync=True)
    end = traitlets.Int(0).tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        model: EncoderDecoder,
        source: Words,
        target: Words,
        *,
        sentence: str = "",
        examples: Pairs | None = None,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        _check(model, source, target)
        offered = (
            [] if examples is None else list(zip(examples.source, examples.target, strict=True))[:EXAMPLES]
        )
        listed = [[" ".join(said), " ".join(meant).replace("' ", "'")] for said, meant in offered]
        packer = Packer()
        parts = {
            "read": packer.add(model.read.weight),
            "recall": packer.add(model.recall.weight),
            "say_weight": packer.add(model.say.weight),
            "say_bias": packer.add(model.say.bias[None]),
        }
        if model.score is not None and model.combine is not None:
            parts |= {
                "score": packer.add(model.score.weight),
                "combine_weight": packer.add(model.combine.weight),
                "combine_bias": packer.add(model.combine.bias[None]),
            }
        go, end = target.encode([GO, END]).tolist()
        super().__init__(
            sentence=sentence or (listed[0][0] if listed else ""),
            examples=listed,
            source=list(source.tokens),
            target=list(target.tokens),
            reverse=model.reverse,
            encoder=_describe(model.encoder, packer),
            decoder=_describe(model.decoder, packer),
            parts=parts,
            go=go,
            end=end,
            data=packer.bytes(),
            cursor=cursor,
        )

    def facts(self) -> dict[str, object]:
        """Sizes of the vocabularies and states, and whether there is attention."""
        return {
            "source": len(self.source),
            "target": len(self.target),
            "units": self.encoder["units"],
            "attention": "score" in self.parts,
        }

    def __repr__(self) -> str:
        return super().__repr__().replace("(", f"({self.sentence!r}, ", 1)


def _describe(layer: torch.nn.GRU, packer: Packer) -> dict[str, Any]:
    named = {name: getattr(layer, f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    return {
        "units": layer.hidden_size,
        "weights": {
            name: packer.add(value if value.dim() > 1 else value[None]) for name, value in named.items()
        },
    }


def _check(model: EncoderDecoder, source: Words, target: Words) -> None:
    from rnnviz.models import EncoderDecoder

    if not isinstance(model, EncoderDecoder):
        raise TypeError(
            f"Translator was given a {type(model).__name__}; it shows an rnnviz.models.EncoderDecoder."
        )
    for name, words, table in (("source", source, model.read), ("target", target, model.recall)):
        if len(words) != table.num_embeddings:
            raise ValueError(
                f"The {name} vocabulary has {len(words)} words, the model was made for {table.num_embeddings}; "
                "pass the vocabulary that it was trained with."
            )
    if missing := [word for word in (GO, END) if word not in target]:
        raise ValueError(
            f"The target vocabulary has no {missing[0]}; make it with `Pairs.vocabularies`, which adds {GO} and {END}."
        )
    check_weights(model)
