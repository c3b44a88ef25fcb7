import numpy as np
import pytest
import torch

from rnnviz.data import make_heartbeat
from rnnviz.models import EchoStateNetwork


def test_beats_come_at_their_time_or_not():
    steady = make_heartbeat(beats=10, seed=3)
    assert steady.odd == ()
    peaks = [int(steady.signal[16 * beat : 16 * beat + 8].argmax()) for beat in range(10)]
    assert peaks == [3] * 10
    missing = make_heartbeat(beats=10, skipped=5, seed=3)
    assert missing.odd == (80,)
    assert missing.signal[80:96].max() < 0.05
    # The end of a beat lies under the start of the next.
    np.testing.assert_allclose(missing.signal[112:], steady.signal[112:], atol=1e-3)
    early = make_heartbeat(beats=10, early=5, seed=3)
    assert early.odd == (75,)
    assert int(early.signal[75:85].argmax()) == 3


def test_no_value_of_an_odd_beat_is_unusual():
    pulse = make_heartbeat(beats=60, skipped=40, early=50)
    odd = np.concatenate([pulse.signal[at : at + 16] for at in pulse.odd])
    usual = pulse.signal[:480]
    assert odd.max() < usual.max() + 0.05
    assert odd.min() > usual.min() - 0.01


def test_a_forecaster_with_a_state_is_surprised_by_both():
    pulse = make_heartbeat(beats=60, skipped=40, early=50)
    x = torch.from_numpy(pulse.signal)[:, None, None]
    watcher = EchoStateNetwork(100, spectral_radius=0.9, input_scale=0.5, bias_scale=0.3, seed=1).double()
    watcher.fit(x[:480], x[1:481], ridge=1e-3)
    states, _ = watcher(x[:-1])
    surprise = (watcher.read(states) - x[1:]).abs().flatten()
    usual = surprise[100:630].max()
    for at in pulse.odd:
        assert surprise[at - 1 : at + 10].max() > 4 * usual


def test_refuses_beats_that_are_not_there():
    with pytest.raises(ValueError, match="skipped=10; the beats after the first are 1 to 9"):
        make_heartbeat(beats=10, skipped=10)
    with pytest.raises(ValueError, match="takes 1 or more"):
        make_heartbeat(beats=0)
