import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data import Scaler, rising_sine, split, windows


def ramp(steps: int, features: int = 1) -> torch.Tensor:
    """Values that name their own step and feature."""
    return torch.arange(float(steps))[:, None] + 1000.0 * torch.arange(features)


@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 20), st.integers(1, 3))
def test_every_window_is_the_piece_of_the_series_it_says(
    length: int, horizon: int, more: int, features: int
) -> None:
    series = ramp(length + horizon + more, features)
    pieces = windows(series, length, horizon)
    assert len(pieces) == more + 1
    for column, origin in enumerate(pieces.origins.tolist()):
        assert torch.equal(pieces.inputs[:, column], series[origin + 1 - length : origin + 1])
        assert torch.equal(pieces.future[:, column], series[origin + 1 : origin + 1 + horizon])
        for step in range(length):
            now = origin + 1 - length + step
            assert torch.equal(pieces.shifted[step, column], series[now + 1])
            assert torch.equal(pieces.ahead[step, column], series[now + 1 : now + 1 + horizon].flatten())


@given(st.integers(60, 200), st.integers(1, 12), st.integers(1, 6))
def test_nothing_a_training_window_holds_is_forecast_elsewhere(steps: int, length: int, horizon: int) -> None:
    series = ramp(steps)
    parts = split(series, length, horizon, train=0.6, validation=0.2)
    seen = torch.cat([parts.train.inputs, parts.train.future])
    assert seen.max() < parts.edges[0]
    assert parts.validation.future.min() == parts.edges[0]
    assert parts.validation.future.max() == parts.edges[1] - 1
    assert parts.test.future.min() == parts.edges[1]
    assert parts.test.future.max() == steps - 1
    # Whatever lies after the cut, the training part and the scale do not feel it.
    changed = series.clone()
    changed[parts.edges[0] :] = 1e6
    again = split(changed, length, horizon, train=0.6, validation=0.2)
    assert torch.equal(again.train.inputs, parts.train.inputs)
    assert torch.equal(again.scaler.mean, parts.scaler.mean)
    assert torch.equal(again.scaler.deviation, parts.scaler.deviation)


def test_scaler_measures_scales_and_undoes() -> None:
    values = (
        torch.randn(40, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 20.0, 0.0]) + 5
    )
    scaler = Scaler.fit(values)
    scaled = scaler.scale(values)
    torch.testing.assert_close(scaled.mean(0), torch.zeros(3), atol=1e-6, rtol=0)
    torch.testing.assert_close(scaled[:, :2].std(0, unbiased=False), torch.ones(2))
    torch.testing.assert_close(scaler.unscale(scaled), values)
    several = torch.cat(
        [values, values + 1], dim=1
    )  # two steps of three features, as `Windows.ahead` holds them
    torch.testing.assert_close(scaler.scale(several)[:, 3:], scaler.scale(values + 1))


def test_series_arrays_and_tensors_give_the_same_windows() -> None:
    series = rising_sine(40)
    for other in (series.values, series.values[:, 0], torch.from_numpy(series.values)):
        assert torch.equal(windows(series).inputs, windows(other).inputs)


def test_what_does_not_fit_is_explained() -> None:
    with pytest.raises(ValueError, match=r"Not one window fits: 8 steps and 3 more.* of 10"):
        windows(ramp(10), 8, 3)
    with pytest.raises(ValueError, match="at least 1"):
        windows(ramp(10), 0)
    with pytest.raises(ValueError, match="does not lie in a series of 10"):
        windows(ramp(10), 2, 1, 5, 11)
    with pytest.raises(ValueError, match=r"validation part is too short\. Not one window fits"):
        split(ramp(50), 5, horizon=12)
    with pytest.raises(ValueError, match="leave something to test on"):
        split(ramp(50), 5, train=0.9, validation=0.1)
    with pytest.raises(ValueError, match=r"\(2, 3, 4\)"):
        windows(np.zeros((2, 3, 4)))
