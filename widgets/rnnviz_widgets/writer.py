"""A character model that writes on from a prompt, in the page: temperature, dice, and characters put in by hand."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets
from torch import nn

from rnnviz.models import CharacterLearning
from rnnviz_widgets.base import STATIC, check_weights
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.streamed import Streamed
from rnnviz_widgets.text_states import Vocabulary, pack_head

LONGEST = 2000
"""Characters that the page writes at most."""


class Writer(Streamed):
    """The model writes on from a prompt, one character at a time, each fed back as the next input.

    All of it runs in the page. Every character has a die of its own, cast once: another temperature meets the same dice
    and moves each choice only as far as the probabilities moved. The reader sees the likeliest characters at any place,
    puts another one there by hand, and sees the rest change.

    Parameters
    ----------
    model : torch.nn.Module, or rnnviz.models.CharacterLearning
        A module with one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` (any number of layers, forward in time), one
        ``nn.Linear`` above it, and below it an ``nn.Embedding`` or nothing, for one-hot vectors. A
        `CharacterLearning` can also be trained from the page: what it writes then changes while it learns.
    vocabulary : object with ``tokens``, optional
        The characters by number; a `CharacterLearning` brings its own.
    prompt : str, optional
        What the model reads first; by default a line end, or the first character.
    length : int, default 240
        Characters to write, at most 2,000.
    temperature : float, default 0.8
        From 0, always the likeliest, to 2.
    top_k : int, optional
        Choose among this many of the likeliest only.
    seed : int, default 0
        Of the dice, see `rnnviz.data.roll_dice`: `rnnviz.models.write_text` writes the same with it.
    array : str, default "surprise"
        What colours the text: ``"surprise"``, a gate's name, ``"cell"`` or ``"hidden"``.
    unit : int, default 0
        Whose gate or state that is, where no cursor is given.
    cursor : Cursor, optional
        Shared with other widgets; a step is a character.

    Raises
    ------
    TypeError
        If the model is not built as said above.
    ValueError
        If vocabulary, prompt or a setting do not fit, or a weight is not finite.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import Characters
    >>> from rnnviz.models import CharacterModel
    >>> alphabet = Characters("to be or not to be")
    >>> rw.Writer(CharacterModel(len(alphabet), units=8), alphabet, prompt="to be ")
    Writer(kind='GRU', units=8, prompt='to be ', length=240, temperature=0.8, seed=0)
    """

    _esm = STATIC / "writer.js"
    # New weights so often, while the model learns: the page writes all of its text anew each time.
    rate = 4.0
    _made_from = "Make it from a rnnviz.models.CharacterLearning to train it."

    cursor = CursorTrait()
    tokens: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    tables: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Where each weight lies in the data."""
    data = traitlets.Bytes(b"").tag(sync=True)
    prompt = traitlets.Unicode("").tag(sync=True)
    length = traitlets.Int(240).tag(sync=True)
    temperature = traitlets.Float(0.8).tag(sync=True)
    top_k = traitlets.Int(0).tag(sync=True)
    """0 for all."""
    seed = traitlets.Int(0).tag(sync=True)
    array = traitlets.Unicode("surprise").tag(sync=True)
    unit = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(
        self,
        model: nn.Module | CharacterLearning,
        vocabulary: Vocabulary | None = None,
        *,
        prompt: str | None = None,
        length: int = 240,
        temperature: float = 0.8,
        top_k: int | None = None,
        seed: int = 0,
        array: str = "surprise",
        unit: int = 0,
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        learning = None
        if isinstance(model, CharacterLearning):
            learning = model
            model, vocabulary = learning.model, learning.alphabet
            prompt = learning.prompt if prompt is None else prompt
        if vocabulary is None:
            raise ValueError("Writer needs the vocabulary: pass what turned the model's text into numbers.")
        tokens = list(vocabulary.tokens)
        self._parts = _find_parts(model, len(tokens))
        check_weights(model)
        prompt = ("\n" if "\n" in tokens else tokens[0]) if prompt is None else prompt
        _check_settings(tokens, prompt, length, temperature, top_k)
        recurrent = self._parts[0]
        arrays = _name_arrays(recurrent)
        if array not in arrays:
            raise ValueError(
                f"This {recurrent.mode} model has no array {array!r}; it has {', '.join(arrays)}."
            )
        tables, data = _pack(*self._parts)
        super().__init__(
            cursor=cursor,
            tokens=tokens,
            tables=tables,
            data=data,
            prompt=prompt,
            length=length,
            temperature=float(temperature),
            top_k=0 if top_k is None else top_k,
            seed=seed,
            array=array,
            unit=unit,
            # Empty where there is nothing to train.
            frame={} if learning is None else {"step": learning.training.number, "loss": None},
        )
        if learning is not None:
            self._work_on(_Weights(learning))

    def facts(self) -> dict[str, object]:
        """Kind and size of the model, and the settings."""
        recurrent = self._parts[0]
        return {
            "kind": recurrent.mode.partition("_")[0],
            "units": recurrent.hidden_size,
            "prompt": self.prompt,
            "length": self.length,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    def _pack_frame(self, frame: _WeightFrame) -> dict[str, Any]:
        return {"step": frame.step, "loss": frame.loss}

    def _pack_buffers(self, frame: _WeightFrame) -> list[bytes]:
        return [frame.data]

    def _keep(self, frame: _WeightFrame) -> None:
        with self.hold_sync():
            self.data = frame.data
            self.frame = self._pack_frame(frame)


class _WeightFrame:
    """The weights as they are at a step, packed in the training's own thread, so that they belong together."""

    def __init__(self, learning: CharacterLearning) -> None:
        self.step = learning.training.number
        loss = learning.loss
        self.loss = None if math.isnan(loss) else loss
        self.data = _pack(*_find_parts(learning.model, len(learning.alphabet)))[1]


class _Weights:
    """What the runner runs: a training whose frames are its weights."""

    def __init__(self, learning: CharacterLearning) -> None:
        self.learning = learning
        self.step, self.reset = learning.step, learning.reset

    def frame(self) -> _WeightFrame:
        return _WeightFrame(self.learning)


def _find_parts(model: nn.Module, characters: int) -> tuple[nn.RNNBase, nn.Linear, nn.Embedding | None]:
    """Return the recurrent module, the readout above it and the table below it."""
    modules = list(model.modules())
    recurrent = [module for module in modules if isinstance(module, nn.RNNBase)]
    linear = [module for module in modules if isinstance(module, nn.Linear)]
    tables = [module for module in modules if isinstance(module, nn.Embedding)]
    if len(recurrent) != 1 or len(linear) != 1 or len(tables) > 1:
        raise TypeError(
            f"{type(model).__name__} has {len(recurrent)} recurrent modules, {len(linear)} linear layers and "
            f"{len(tables)} embeddings. The page can run one nn.RNN, nn.GRU or nn.LSTM with one nn.Linear above it and "
            "at most one nn.Embedding below it, such as rnnviz.models.CharacterModel."
        )
    layer, head, table = recurrent[0], linear[0], tables[0] if tables else None
    if layer.bidirectional or layer.proj_size:
        raise TypeError(
            f"The {layer.mode} {'reads in both directions' if layer.bidirectional else 'has a projection'}; the page "
            "writes forward, with a plain one."
        )
    width = characters if table is None else table.embedding_dim
    if layer.input_size != width or head.in_features != layer.hidden_size or head.out_features != characters:
        raise ValueError(
            f"The vocabulary has {characters} characters; the {layer.mode} reads {layer.input_size} numbers (expected "
            f"{width}) and the linear layer gives {head.out_features} (expected {characters}). Pass the vocabulary "
            "that the model was built for."
        )
    return layer, head, table


def _name_arrays(layer: nn.RNNBase) -> list[str]:
    gates = {
        "LSTM": ["input", "forget", "candidate", "output", "cell"],
        "GRU": ["reset", "update", "candidate"],
    }
    return ["surprise", *gates.get(layer.mode, []), "hidden"]


def _pack(recurrent: nn.RNNBase, head: nn.Linear, table: nn.Embedding | None) -> tuple[dict[str, Any], bytes]:
    """Lay all weights one after another; the same model always gives the same places."""
    packer = Packer()
    layers = []
    for number in range(recurrent.num_layers):
        weights = {}
        for name in ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if recurrent.bias else ())):
            value = getattr(recurrent, f"{name}_l{number}")
            assert isinstance(value, torch.Tensor)
            weights[name] = packer.add(value if value.dim() > 1 else value[None])
        layers.append(
            {
                "name": f"l{number}",
                "kind": recurrent.mode.partition("_")[0],
                "nonlinearity": "relu" if recurrent.mode == "RNN_RELU" else "tanh",
                "units": recurrent.hidden_size,
                "weights": weights,
            }
        )
    tables = {
        "layers": layers,
        "head": pack_head(head, packer),
        "inputs": None if table is None else packer.add(table.weight),
    }
    return tables, packer.bytes()


def _check_settings(
    tokens: list[str], prompt: str, length: int, temperature: float, top_k: int | None
) -> None:
    if not prompt or (strangers := sorted(set(prompt) - set(tokens))):
        what = (
            "is empty" if not prompt else f"has {', '.join(map(repr, strangers[:5]))}, not in the vocabulary"
        )
        raise ValueError(f"The prompt {what}; pass at least one character of the vocabulary.")
    if not 1 <= length <= LONGEST:
        raise ValueError(f"length is {length}; it must be from 1 to {LONGEST:,}.")
    if not 0 <= temperature <= 2:
        raise ValueError(f"temperature is {temperature}; it must be from 0 to 2.")
    if top_k is not None and not 1 <= top_k <= len(tokens):
        raise ValueError(f"top_k is {top_k}; it must be from 1 to {len(tokens)}, or None for all.")
