"""An encoder reads a sentence, a decoder says it in another language: two recurrent layers and, if wanted, attention.

I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to Sequence Learning with Neural Networks", 2014 (the source is read
backwards); M.-T. Luong, H. Pham and C. D. Manning, "Effective Approaches to Attention-based Neural Machine
Translation", 2015 (the attention, with a general score); S. Bengio, O. Vinyals, N. Jaitly and N. Shazeer, "Scheduled
Sampling for Sequence Prediction with Recurrent Neural Networks", 2015 (own words in training).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.data.pairs import END, GO
from rnnviz.data.words import PADDING, Words

__all__ = [
    "EncoderDecoder",
    "Translation",
    "search_beam",
    "translate",
    "translate_greedily",
    "translation_loss",
]


class EncoderDecoder(nn.Module):
    """Encoder and decoder, each an embedding and a GRU; the decoder looks back through attention, or has to remember.

    Parameters
    ----------
    source, target : int
        Sizes of the two vocabularies.
    embedding : int
        Numbers in a word's vector.
    units : int
        Size of both states.
    attention : bool
        Whether the decoder sees every state of the encoder. Without it, all it knows of the sentence is the last one.
    reverse : bool
        Whether the source is read from its last word to its first, so that the first words, which are said first, are
        the freshest.
    teacher_forcing : float
        In training, the share of words after which the decoder is given the right one, whatever it said; after the
        others it is given its own. 1 is always, 0 is never. Set it at any time. It is drawn for each word from torch's
        own generator; 1 draws nothing.
    seed : int
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        If a size is below 1, or the share is not from 0 to 1.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs, stack_pairs
    >>> from rnnviz.models import EncoderDecoder
    >>> pairs = made_up_pairs()
    >>> source, target = pairs.vocabularies()
    >>> inputs, wanted = stack_pairs(pairs, source, target)
    >>> EncoderDecoder(len(source), len(target))(inputs).shape == (*wanted.shape, len(target))
    True
    """

    def __init__(
        self,
        source: int,
        target: int,
        *,
        embedding: int = 24,
        units: int = 48,
        attention: bool = True,
        reverse: bool = True,
        teacher_forcing: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if min(source, target, embedding, units) < 1:
            raise ValueError(
                f"EncoderDecoder was given source={source}, target={target}, embedding={embedding} and units={units}; "
                "each is at least 1."
            )
        self.reverse = reverse
        self.teacher_forcing = teacher_forcing
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.read = nn.Embedding(source, embedding)
            self.encoder = nn.GRU(embedding, units)
            self.recall = nn.Embedding(target, embedding)
            self.decoder = nn.GRU(embedding, units)
            self.score = nn.Linear(units, units, bias=False) if attention else None
            self.combine = nn.Linear(2 * units, units) if attention else None
            self.say = nn.Linear(units, target)

    @property
    def teacher_forcing(self) -> float:
        """In training, the share of words after which the right one is given."""
        return self._teacher_forcing

    @teacher_forcing.setter
    def teacher_forcing(self, share: float) -> None:
        if not 0 <= share <= 1:
            raise ValueError(
                f"teacher_forcing is {share!r}; it is a share, from 0 (own words) to 1 (right ones)."
            )
        self._teacher_forcing = float(share)

    def encode(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Read sentences.

        Parameters
        ----------
        numbers : Tensor of int64, shape (time, batch)
            Padded with `rnnviz.data.PADDING`.

        Returns
        -------
        states : Tensor, shape (time, batch, unit)
            In the order in which the words were read, zero where a sentence has ended.
        last : Tensor, shape (1, batch, unit)
            What the decoder begins with.
        """
        lengths = (numbers != PADDING).sum(0)
        ordered = _turn_round(numbers, lengths) if self.reverse else numbers
        packed = nn.utils.rnn.pack_padded_sequence(
            self.read(ordered.clamp(min=0)), lengths.cpu(), enforce_sorted=False
        )
        states, last = self.encoder(packed)
        return nn.utils.rnn.pad_packed_sequence(states, total_length=len(numbers))[0], last

    def decode(
        self, numbers: Tensor, state: Tensor, states: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Say what follows each of the given words.

        Parameters
        ----------
        numbers : Tensor of int64, shape (time, batch)
            What was said so far, `rnnviz.data.GO` first.
        state : Tensor, shape (1, batch, unit)
        states : Tensor, shape (source time, batch, unit)
            The encoder's.
        mask : Tensor of bool, shape (source time, batch)
            Where the source has words.

        Returns
        -------
        logits : Tensor, shape (time, batch, target)
        state : Tensor, shape (1, batch, unit)
        weights : Tensor, shape (time, batch, source time), or None
            How much attention each said word paid to each read one, in the order of reading; sums to 1.
        """
        hidden, state = self.decoder(self.recall(numbers.clamp(min=0)), state)
        if self.score is None or self.combine is None:
            return self.say(hidden), state, None
        scores = torch.einsum("tbu,sbu->tbs", hidden, self.score(states))
        weights = scores.masked_fill(~mask.T, float("-inf")).softmax(-1)
        context = torch.einsum("tbs,sbu->tbu", weights, states)
        return self.say(torch.tanh(self.combine(torch.cat([context, hidden], dim=-1)))), state, weights

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits of shape (time, batch, target) for what `rnnviz.data.stack_pairs` makes."""
        source, given = inputs[..., 0], inputs[..., 1]
        states, last = self.encode(source)
        mask = source != PADDING
        if not self.training or self.teacher_forcing == 1:
            return self.decode(given, last, states, mask)[0]
        return self._decode_own(given, last, states, mask)

    def _decode_own(self, given: Tensor, state: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """Go word by word, with the right word before or with the one just said."""
        said, rows = given[:1], []
        for right in [*given[1:], None]:
            logits, state, _ = self.decode(said, state, states, mask)
            rows.append(logits)
            if right is not None:
                forced = torch.rand(len(right), device=right.device) < self.teacher_forcing
                # No gradient flows through a choice: what was said is given like any other word.
                said = torch.where(forced, right, logits[0].argmax(-1))[None]
        return torch.cat(rows)


def translation_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy over the words that are there; padding has no part in it.

    Parameters
    ----------
    logits : Tensor, shape (time, batch, target)
    wanted : Tensor of int64, shape (time, batch)
    """
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PADDING)


@dataclass(frozen=True)
class Translation:
    """What was said, and how sure the translator was.

    Attributes
    ----------
    words : tuple of str
        Without `rnnviz.data.END`.
    log_probability : float
        Natural logarithm of the probability of the whole sentence, its end included.
    attention : Tensor, shape (said, read), or None
        A row for each word said, the end too; columns in the source's own order.
    """

    words: tuple[str, ...]
    log_probability: float
    attention: Tensor | None = None


def translate(
    model: EncoderDecoder,
    sentence: str | Sequence[str],
    source: Words,
    target: Words,
    *,
    forced: Sequence[str] = (),
    longest: int = 20,
) -> Translation:
    """Say a sentence word by word, each time the likeliest (greedy), its own words fed back.

    Parameters
    ----------
    model : EncoderDecoder
    sentence : str or sequence of str
    source, target : Words
        The vocabularies it was trained with.
    forced : sequence of str
        First words that it is made to say; what follows is its own.
    longest : int
        Words after which it is cut off.

    Returns
    -------
    Translation

    Raises
    ------
    ValueError
        If the sentence has no words.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs
    >>> from rnnviz.models import EncoderDecoder, translate
    >>> source, target = made_up_pairs().vocabularies()
    >>> untrained = EncoderDecoder(len(source), len(target))
    >>> translate(untrained, "I drink milk", source, target, longest=3).log_probability < 0
    True
    """
    best = _Search(model, sentence, source, target)
    lead = [*target.encode(list(forced)).tolist()]
    path = best.start()
    while len(path.numbers) < longest and not best.ended(path):
        place = len(path.numbers)
        number = lead[place] if place < len(lead) else int(path.logits.argmax())
        path = best.extend(path, number)
    return best.finish(path)


def translate_greedily(
    model: EncoderDecoder, numbers: Tensor, target: Words, *, longest: int = 20, batch: int = 512
) -> list[tuple[str, ...]]:
    """Translate many sentences side by side, each word the likeliest, as `translate` does with one.

    Parameters
    ----------
    model : EncoderDecoder
    numbers : Tensor of int64, shape (time, batch)
        Sentences, as `rnnviz.data.pad_sentences` lays them side by side.
    target : Words
        The vocabulary that it was trained with.
    longest : int
        Words after which a sentence is cut off.
    batch : int
        Sentences at a time.

    Returns
    -------
    list of tuple of str
        What was said of each, without `rnnviz.data.END`.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs, pad_sentences
    >>> from rnnviz.models import EncoderDecoder, translate_greedily
    >>> source, target = made_up_pairs().vocabularies()
    >>> numbers, _ = pad_sentences([source.encode("I drink milk"), source.encode("she reads the long letter")])
    >>> len(translate_greedily(EncoderDecoder(len(source), len(target)), numbers, target))
    2
    """
    go, end = target.encode([GO, END]).tolist()
    found: list[tuple[str, ...]] = []
    with torch.no_grad():
        for at in range(0, numbers.shape[1], batch):
            part = numbers[:, at : at + batch]
            part = part[: int((part != PADDING).any(1).sum())]
            states, state = model.encode(part)
            mask, said = part != PADDING, torch.full_like(part[:1], go)
            rows: list[Tensor] = []
            over = torch.zeros(part.shape[1], dtype=torch.bool)
            while len(rows) < longest and not bool(over.all()):
                logits, state, _ = model.decode(said, state, states, mask)
                said = logits.argmax(-1)
                rows.append(said[0])
                over |= said[0] == end
            for column in torch.stack(rows, dim=1).tolist():
                kept = column[: column.index(end)] if end in column else column
                found.append(tuple(target.decode(kept)))
    return found


def search_beam(
    model: EncoderDecoder,
    sentence: str | Sequence[str],
    source: Words,
    target: Words,
    *,
    width: int = 3,
    longest: int = 20,
) -> list[Translation]:
    """Keep several beginnings at once, and return the likeliest whole sentences.

    Parameters
    ----------
    model, sentence, source, target
        As for `translate`.
    width : int
        Beginnings kept; 1 is greedy.
    longest : int
        Words after which a sentence is cut off.

    Returns
    -------
    list of Translation
        At most ``width``, the likeliest first. They are compared by the logarithm of their probability for each word,
        or the shortest would nearly always win.
    """
    if width < 1:
        raise ValueError(f"A beam of width {width} keeps nothing; the least is 1.")
    search = _Search(model, sentence, source, target)
    open_paths, done = [search.start()], []
    for _ in range(longest):
        grown = []
        for path in open_paths:
            likeliest = path.logits.log_softmax(-1).topk(min(width, len(target))).indices
            grown += [search.extend(path, int(number)) for number in likeliest]
        grown.sort(key=_score, reverse=True)
        done += [path for path in grown[:width] if search.ended(path)]
        open_paths = [path for path in grown[:width] if not search.ended(path)]
        if not open_paths or len(done) >= width:
            break
    ranked = sorted([*done, *open_paths], key=_score, reverse=True)
    return [search.finish(path) for path in ranked[:width]]


@dataclass(frozen=True)
class _Path:
    numbers: tuple[int, ...]
    log_probability: float
    logits: Tensor
    state: Tensor
    attention: tuple[Tensor, ...]


def _score(path: _Path) -> float:
    return path.log_probability / len(path.numbers)


class _Search:
    """One sentence, read; and steps from one beginning of its translation to the next."""

    def __init__(
        self, model: EncoderDecoder, sentence: str | Sequence[str], source: Words, target: Words
    ) -> None:
        numbers = source.encode(sentence)
        if not len(numbers):
            raise ValueError(f"There is no word in {sentence!r}; pass a sentence to translate.")
        self.model, self.target = model, target
        self.go, self.end = target.encode([GO, END]).tolist()
        with torch.no_grad():
            self.states, self.last = model.encode(numbers[:, None])
        self.mask = torch.ones(len(numbers), 1, dtype=torch.bool)

    def start(self) -> _Path:
        """Return the empty beginning."""
        logits, state, weights = self._say(self.go, self.last)
        return _Path((), 0.0, logits, state, weights)

    def ended(self, path: _Path) -> bool:
        return bool(path.numbers) and path.numbers[-1] == self.end

    def extend(self, path: _Path, number: int) -> _Path:
        """Say one more word."""
        probability = path.log_probability + float(path.logits.log_softmax(-1)[number])
        logits, state, weights = self._say(number, path.state)
        return _Path((*path.numbers, number), probability, logits, state, (*path.attention, *weights))

    def finish(self, path: _Path) -> Translation:
        """Return what the path says, its attention in the order of the source."""
        words = [word for word in self.target.decode(path.numbers) if word != END]
        rows = path.attention[: len(path.numbers)]
        attention = torch.stack(rows) if rows else None
        if attention is not None and self.model.reverse:
            attention = attention.flip(1)
        return Translation(tuple(words), path.log_probability, attention)

    def _say(self, number: int, state: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        with torch.no_grad():
            logits, state, weights = self.model.decode(
                torch.tensor([[number]]), state, self.states, self.mask
            )
        return logits[0, 0], state, () if weights is None else (weights[0, 0],)


def _turn_round(numbers: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each sentence, its padding left behind it."""
    steps = torch.arange(len(numbers), device=numbers.device)[:, None]
    inside = steps < lengths
    return numbers.gather(0, torch.where(inside, lengths - 1 - steps, steps))
