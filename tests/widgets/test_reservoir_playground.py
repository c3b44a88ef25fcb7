"""What the reservoir playground sends to its page, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz_widgets as rw
from rnnviz.models import EchoStateNetwork


def test_the_weights_of_every_size_and_draw_go_over_once() -> None:
    widget = rw.ReservoirPlayground([8, 4], draws=2)
    assert [(one["units"], one["seed"]) for one in widget.reservoirs] == [(8, 0), (8, 1), (4, 0), (4, 1)]
    data = np.frombuffer(widget.data, dtype=np.float32)
    entry = widget.reservoirs[1]["recurrent"]
    sent = data[entry["offset"] : entry["offset"] + 64].reshape(8, 8)
    np.testing.assert_allclose(sent, EchoStateNetwork(8, seed=1).weight_hh.numpy(), rtol=1e-6)
    assert repr(widget) == "ReservoirPlayground(units=[8, 4], spectral_radius=0.8, leak=0.3, draws=2)"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"units": 1}, "sizes from 2 to 200"),
        ({"units": [50, 500]}, "sizes from 2 to 200"),
        ({"draws": 0}, "draws=0"),
        ({"ridge": 0}, "ridge=0"),
        ({"leak": 2}, "leak=2"),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rw.ReservoirPlayground(**options)  # type: ignore[arg-type]
