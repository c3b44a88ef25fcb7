"""The translator stands a second time in the page; `rnnviz.models` decides whether it is right.

``widgets/tests/translator/translation.json`` holds what it says of one sentence, and the browser-side tests compute
the same. To write it again: ``python tests/widgets/test_page_translator.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz.data import Pairs, made_up_pairs, split_words
from rnnviz.models import EncoderDecoder, search_beam, translate

FILE = Path(__file__).parents[2] / "widgets/tests/translator/translation.json"
PAIRS = Pairs(
    "numbers",
    (("one", "two"), ("two", "one"), ("one", "two", "three"), ("three",)),
    (("un", "deux"), ("deux", "un"), ("un", "deux", "trois"), ("trois",)),
)
SENTENCE, FORCED = "one two three", ["deux", "deux"]
STATE = ("reverse", "source", "target", "encoder", "decoder", "parts", "go", "end")


def make(attention: bool) -> EncoderDecoder:
    source, target = PAIRS.vocabularies()
    model = EncoderDecoder(len(source), len(target), embedding=4, units=5, attention=attention, seed=2)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
    return model


def describe(attention: bool) -> dict[str, Any]:
    source, target = PAIRS.vocabularies()
    model = make(attention)
    widget = rw.Translator(model, source, target, sentence=SENTENCE)
    own = translate(model, SENTENCE, source, target)
    forced = translate(model, SENTENCE, source, target, forced=FORCED)
    state = {name: getattr(widget, name) for name in STATE}
    numbers = np.frombuffer(widget.data, dtype=np.float32)
    return {
        "state": state,
        "data": [round(float(number), 7) for number in numbers],
        "numbers": source.encode(SENTENCE).flip(0).tolist(),
        "greedy": list(own.words),
        "log_chance": own.log_probability,
        "attention": None if own.attention is None else own.attention.flip(1).tolist(),
        "lead": target.encode(FORCED).tolist(),
        "forced": list(forced.words),
        "beam": [
            {"words": list(one.words), "log_chance": one.log_probability}
            for one in search_beam(model, SENTENCE, source, target, width=3)
        ],
    }


@pytest.mark.parametrize("attention", [True, False])
def test_the_file_says_what_the_model_says(attention: bool) -> None:
    stored, fresh = json.loads(FILE.read_text())[str(attention)], describe(attention)
    for key in ("state", "numbers", "greedy", "lead", "forced"):
        assert stored[key] == fresh[key], key
    np.testing.assert_allclose(stored["data"], fresh["data"], atol=1e-6)
    assert stored["log_chance"] == pytest.approx(fresh["log_chance"], abs=1e-4)
    if attention:
        np.testing.assert_allclose(stored["attention"], fresh["attention"], atol=1e-5)
    assert [one["words"] for one in stored["beam"]] == [one["words"] for one in fresh["beam"]]


def test_the_page_is_told_what_it_needs_and_a_strange_model_is_refused() -> None:
    source, target = PAIRS.vocabularies()
    widget = rw.Translator(make(True), source, target, examples=PAIRS)
    assert widget.sentence == "one two"
    assert widget.examples[2] == ["one two three", "un deux trois"]
    assert repr(widget) == "Translator('one two', source=6, target=8, units=5, attention=True)"
    with pytest.raises(TypeError, match="given a Linear; it shows"):
        rw.Translator(torch.nn.Linear(1, 1), source, target)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="source vocabulary has 8 words, the model was made for 6"):
        rw.Translator(make(True), target, target)
    with pytest.raises(ValueError, match="has no <go>"):
        rw.Translator(EncoderDecoder(6, 6), source, source)
    broken = make(True)
    with torch.no_grad():
        broken.say.weight[0] = float("nan")
    with pytest.raises(ValueError, match="not finite"):
        rw.Translator(broken, source, target)


def test_the_corpus_of_the_page_is_cut_as_python_cuts_it() -> None:
    assert all(tuple(split_words(" ".join(said))) == said for said in made_up_pairs().source)


if __name__ == "__main__":
    FILE.write_text(json.dumps({str(a): describe(a) for a in (True, False)}, separators=(",", ":")) + "\n")
