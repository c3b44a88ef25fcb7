"""The Python side of the text widget: what is sent, what is refused, what the repr promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import Characters, Words
from rnnviz.models import CharacterModel, SentimentModel
from rnnviz_widgets.text_states import MOST_SYMBOLS

TEXT = "to be or not to be"
ALPHABET = Characters(TEXT + "xyz")


def read(model: nn.Module, text: str = TEXT, alphabet: Characters = ALPHABET) -> rv.Trace:
    with rv.record(model) as trace:
        model(alphabet.encode(text)[:, None])
    return trace


def judge() -> tuple[SentimentModel, Words, list[str], rv.Trace]:
    sentence = ["the", "soup", "was", "zebra"]
    vocabulary = Words(["the soup was good", "the tea was bad"])
    model = SentimentModel(len(vocabulary), 4, 5)
    with rv.record(model) as trace:
        model(vocabulary.encode(sentence)[:, None])
    return model, vocabulary, sentence, trace


def take(widget: rw.TextStates, entry: dict[str, Any]) -> Any:
    floats = np.frombuffer(widget.data, dtype=np.float32)
    size = int(np.prod(entry["shape"]))
    return floats[entry["offset"] : entry["offset"] + size].reshape(entry["shape"])


def test_the_trace_is_shared_and_carries_the_text() -> None:
    trace = read(CharacterModel(len(ALPHABET), 8, "lstm"))
    widget = rw.TextStates(trace, TEXT, vocabulary=ALPHABET)
    assert widget.trace.labels == [list(TEXT)]
    assert widget.trace is rw.GateHeatmap(trace, labels=[list(TEXT)]).trace
    assert (widget.words, widget.tokens, widget.reason) == (False, list(ALPHABET.tokens), "")
    assert widget.tables == {"inputs": None, "head": None, "readout": ""}


def test_without_a_vocabulary_the_text_itself_says_what_each_symbol_is() -> None:
    trace = read(CharacterModel(len(ALPHABET), 8))
    widget = rw.TextStates(trace, TEXT)
    assert widget.tokens == list(dict.fromkeys(TEXT))
    table = take(widget, widget.tables["inputs"])
    assert table.shape == (len(widget.tokens), len(ALPHABET))
    assert ALPHABET.decode(table.argmax(1).tolist()) == "".join(widget.tokens)


def test_words_come_with_their_embedding_and_a_verdict() -> None:
    model, vocabulary, sentence, trace = judge()
    widget = rw.TextStates(
        trace,
        sentence,
        vocabulary=vocabulary,
        embedding=model.embedding,
        head=model.projection,
        array="verdict",
    )
    assert widget.words
    assert widget.tables["readout"] == "verdict"
    np.testing.assert_array_equal(
        take(widget, widget.tables["inputs"]), model.embedding.weight.detach().numpy()
    )
    np.testing.assert_array_equal(
        take(widget, widget.tables["head"]["weight"]), model.projection.weight.detach().numpy()
    )
    assert repr(widget) == (
        "TextStates(layer='recurrent.l0', array='verdict', kind='GRU', symbols=4, units=5)"
    )


def test_a_head_with_one_output_a_symbol_gives_surprise() -> None:
    model = CharacterModel(len(ALPHABET), 8)
    widget = rw.TextStates(read(model), TEXT, vocabulary=ALPHABET, head=model.projection, array="surprise")
    assert widget.tables["readout"] == "surprise"


def test_several_sequences_have_a_text_each() -> None:
    model = CharacterModel(len(ALPHABET), 8)
    texts = ["to be", "or no"]
    with rv.record(model) as trace:
        model(torch.stack([ALPHABET.encode(one) for one in texts], 1))
    widget = rw.TextStates(trace, [list(one) for one in texts], vocabulary=ALPHABET)
    assert widget.trace.labels == [list(one) for one in texts]
    assert not widget.words


class Echo(rv.Cell):
    """A student's own cell, which the page has no equations for."""

    def step(self, x: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return torch.tanh(x.sum(1, keepdim=True) + state[0]), {}


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (lambda: nn.LSTM(12, 4, bidirectional=True), "reads backwards"),
        (lambda: nn.LSTM(12, 4, proj_size=2, dtype=torch.float64), "projection"),
        (lambda: Echo(12, 4), "kind Echo"),
    ],
)
def test_where_the_page_cannot_compute_it_says_why(network: object, words: str) -> None:
    torch.manual_seed(0)
    module = network()  # type: ignore[operator]
    alphabet = Characters("abcdenort ?!")
    with rv.record(module) as trace:
        x = nn.functional.one_hot(alphabet.encode("to be or not"), 12)[:, None]
        module(x.to(next(module.parameters(), torch.zeros(1)).dtype))
    assert words in rw.TextStates(trace, "to be or not", vocabulary=alphabet).reason


def test_a_symbol_that_went_in_in_two_ways_cannot_be_typed() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(3, 4)
    with rv.record(rnn) as trace:
        rnn(torch.randn(4, 1, 3))
    widget = rw.TextStates(trace, "aabb")
    assert "different vectors" in widget.reason
    assert widget.tokens == []


def test_an_input_that_is_no_number_is_named_as_the_reason() -> None:
    rnn = nn.RNN(3, 4)
    with rv.record(rnn) as trace:
        rnn(torch.full((4, 1, 3), torch.nan))
    assert "no numbers" in rw.TextStates(trace, "aabb").reason


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda t, m: rw.TextStates(t, "too short"), ValueError, "one label a step"),
        (lambda t, m: rw.TextStates(t, TEXT, layer="l9"), KeyError, "no layer 'l9'"),
        (lambda t, m: rw.TextStates(t, TEXT, array="forget"), ValueError, r"\(GRU\) has no array 'forget'"),
        (lambda t, m: rw.TextStates(t, TEXT, vocabulary=Characters("abc")), ValueError, "one-hot vectors"),
        (lambda t, m: rw.TextStates(t, TEXT, embedding=nn.Embedding(5, 2)), ValueError, "no vocabulary"),
        (
            lambda t, m: rw.TextStates(
                t, TEXT, vocabulary=ALPHABET, embedding=nn.Embedding(len(ALPHABET), 2)
            ),
            ValueError,
            "have 2 numbers",
        ),
        (
            lambda t, m: rw.TextStates(
                t, TEXT, vocabulary=ALPHABET, embedding=nn.Embedding(len(ALPHABET), len(ALPHABET))
            ),
            ValueError,
            "rows of this embedding",
        ),
        (lambda t, m: rw.TextStates(t, TEXT, head=nn.Linear(3, 1)), ValueError, "takes 3 numbers"),
        (lambda t, m: rw.TextStates(t, TEXT, head=m.projection), ValueError, "no vocabulary was given"),
        (lambda t, m: rw.TextStates(t, TEXT, units=3), TypeError, "has no option 'units'. Did you mean"),
    ],
)
def test_refusals_say_what_to_do(build: object, error: type[Exception], words: str) -> None:
    model = CharacterModel(len(ALPHABET), 8)
    with pytest.raises(error, match=words):
        build(read(model), model)  # type: ignore[operator]


def test_a_text_too_long_for_a_page_is_refused() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(1, 1)
    with rv.record(rnn) as trace:
        rnn(torch.zeros(MOST_SYMBOLS + 1, 1, 1))
    with pytest.raises(ValueError, match="10,001 symbols"):
        rw.TextStates(trace, "a" * (MOST_SYMBOLS + 1))
