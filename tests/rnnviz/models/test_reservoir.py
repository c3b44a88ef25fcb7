"""Echo-state networks: what is random, what is fitted, what they remember and forecast."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.data import DataFileError, mackey_glass, read_mackey_glass
from rnnviz.models import EchoStateNetwork, forget_start, measure_memory_capacity, normalised_error
from rnnviz.models.reservoir import fit_ridge


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.4])
@pytest.mark.parametrize("leak", [0.2, 1.0])
def test_the_spectral_radius_is_the_one_asked_for(radius: float, leak: float) -> None:
    network = EchoStateNetwork(30, spectral_radius=radius, leak=leak)
    assert torch.linalg.eigvals(network.weight_hh).abs().max() == pytest.approx(1)
    step = (1 - leak) * torch.eye(30) + leak * radius * network.weight_hh
    assert network.eigenvalues().abs().max() == pytest.approx(float(torch.linalg.eigvals(step).abs().max()))


def test_a_state_is_the_equation_step_by_step() -> None:
    network = EchoStateNetwork(4, 2, spectral_radius=0.7, leak=0.3, input_scale=0.5, seed=5)
    x = torch.randn(3, 2, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    states, last = network(x)
    h = torch.zeros(2, 4, dtype=torch.float64)
    for t in range(3):
        drive = 0.5 * x[t] @ network.weight_ih.T + network.bias + 0.7 * h @ network.weight_hh.T
        h = 0.7 * h + 0.3 * torch.tanh(drive)
        torch.testing.assert_close(states[t], h, rtol=0, atol=1e-14)
    torch.testing.assert_close(last, h)
    # Going on from there is the same as never having stopped.
    _, middle = network(x[:2])
    torch.testing.assert_close(network(x[2:], middle)[1], last)


def test_nothing_but_the_readout_learns() -> None:
    network = EchoStateNetwork(10)
    assert list(network.parameters()) == []
    before = {name: value.clone() for name, value in network.state_dict().items()}
    x = torch.rand(60, 1, 1)
    network.fit(x[:-1], x[1:], washout=5)
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"weight_out"}


def test_the_readout_is_the_ridge_regression_that_calculus_gives() -> None:
    torch.manual_seed(0)
    features, targets = torch.randn(50, 4, dtype=torch.float64), torch.randn(50, 2, dtype=torch.float64)
    weights = fit_ridge(features, targets, 0.3)
    slope = features.T @ (features @ weights - targets) + 0.3 * weights
    assert slope.abs().max() < 1e-12
    exact = fit_ridge(features, targets, 0)
    assert (features.T @ (features @ exact - targets)).abs().max() < 1e-12
    # Fewer samples than features, and no ridge: of all weights that fit, the smallest.
    short = fit_ridge(features[:2], targets[:2], 0)
    torch.testing.assert_close(short, torch.linalg.pinv(features[:2]) @ targets[:2], rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="reward large weights"):
        fit_ridge(features, targets, -1)


def test_memory_stays_below_its_bound_and_a_linear_orthogonal_reservoir_nearly_reaches_it() -> None:
    # Jaeger (2002): at most N. A linear orthogonal reservoir of 20 units has been measured at 19.0.
    best = measure_memory_capacity(
        EchoStateNetwork(20, nonlinearity="linear", orthogonal=True, bias_scale=0), 40, steps=4000
    )
    assert 18.5 < best.sum() <= 20
    strong = measure_memory_capacity(EchoStateNetwork(20, input_scale=1.0), 40, steps=2000)
    weak = measure_memory_capacity(EchoStateNetwork(20, input_scale=0.01, bias_scale=0), 40, steps=2000)
    assert strong.sum() < weak.sum() < 20


def test_judged_on_what_it_has_not_seen_nothing_is_remembered_for_nothing() -> None:
    forgetful = EchoStateNetwork(20, spectral_radius=0.0)
    capacity = measure_memory_capacity(forgetful, 40, steps=1000)
    assert capacity[0] < 0.02
    assert capacity.sum() < 0.5


def test_a_start_is_forgotten_below_one_and_kept_far_above() -> None:
    x = torch.rand(300, 1, 1, generator=torch.Generator().manual_seed(0)) - 0.5
    short = forget_start(EchoStateNetwork(40, spectral_radius=0.8), x)
    long = forget_start(EchoStateNetwork(40, spectral_radius=2.5, input_scale=0.1), x)
    assert short[-1] < 1e-9 * short[0]
    assert long[-1] > 0.1 * long[0]


def test_a_chaotic_series_is_forecast_from_its_own_output() -> None:
    y = torch.tanh(torch.tensor(mackey_glass(1100).values) - 1)[:, None].double()
    network = EchoStateNetwork(100, spectral_radius=0.8, leak=0.3)
    state = network.fit(y[:1000], y[1:1001], ridge=1e-8)
    assert normalised_error(network.generate(y[1000], 84, state), y[1001:1085]) < 0.1


def test_what_is_fed_back_is_part_of_the_equation() -> None:
    network = EchoStateNetwork(5, 2, feedback_scale=0.7, outputs=3, squash=0.4, leak=0.6, seed=2)
    assert network.weight_fb is not None
    assert 0.4 < network.weight_fb.abs().max() <= 0.7
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 2, 2, generator=generator, dtype=torch.float64)
    y = torch.randn(4, 2, 3, generator=generator, dtype=torch.float64)
    states, _ = network(x, before=y)
    h = torch.zeros(2, 5, dtype=torch.float64)
    for t in range(4):
        drive = x[t] @ network.weight_ih.T + network.bias + torch.tanh(y[t] - 0.4) @ network.weight_fb.T
        h = 0.4 * h + 0.6 * torch.tanh(drive + 0.9 * h @ network.weight_hh.T)
        torch.testing.assert_close(states[t], h, rtol=0, atol=1e-14)
    # All else is as without feedback.
    assert torch.equal(network.weight_hh, EchoStateNetwork(5, 2, seed=2).weight_hh)
    assert torch.equal(network.weight_ih, EchoStateNetwork(5, 2, seed=2).weight_ih)
    assert "weight_fb" not in EchoStateNetwork(5).state_dict()


def test_a_readout_is_fitted_to_true_outputs_and_runs_on_its_own() -> None:
    y = torch.tensor(mackey_glass(700).values)[:, None].double()
    silence = torch.zeros(700, 1, 0)
    network = EchoStateNetwork(60, 0, feedback_scale=0.5, squash=1.0, spectral_radius=0.8)
    state = network.fit(silence[:600], y[:600], ridge=1e-10)
    forecast = network.generate(y[599], 30, state)
    assert normalised_error(forecast, y[600:630]) < 0.1
    # Step by step, what it has said stands where the truth stood.
    given = y[599]
    for step in range(30):
        states, state = network(silence[:1], state, given[None])
        given = network.read(states)[0]
        torch.testing.assert_close(given, forecast[step], rtol=0, atol=1e-12)


def test_fed_back_or_not_a_mistake_is_named() -> None:
    free = EchoStateNetwork(5, 0, feedback_scale=0.5)
    silence, state = torch.zeros(4, 1, 0), torch.zeros(1, 5, dtype=torch.float64)
    with pytest.raises(ValueError, match="give the output before each step"):
        free(silence)
    with pytest.raises(ValueError, match=r"\(4, 1, 2\); it must be \(4, 1, 1\)"):
        free(silence, before=torch.zeros(4, 1, 2))
    with pytest.raises(ValueError, match="no output before each step can be given"):
        EchoStateNetwork(5)(torch.zeros(4, 1, 1), before=torch.zeros(4, 1, 1))
    with pytest.raises(ValueError, match="3 steps for 4 outputs"):
        free.generate(torch.zeros(1, 1), 4, state, silence[:3])
    with pytest.raises(ValueError, match="its output is its next input"):
        EchoStateNetwork(5).generate(torch.zeros(1, 1), 4, state, torch.zeros(4, 1, 1))


def test_what_is_squashed_is_read_as_it_was_and_never_infinite() -> None:
    network = EchoStateNetwork(2, squash=1.0)
    states = torch.tensor([[[0.5, 0.0]], [[2.0, 0.0]]], dtype=torch.float64)
    network.weight_out = torch.tensor([[0.0, 1.0, 0.0]], dtype=torch.float64)
    said = network.read(states).flatten()
    assert said[0] == pytest.approx(1 + np.arctanh(0.5))
    assert 10 < said[1] < 30


def test_mackey_glass_obeys_its_equation() -> None:
    series = mackey_glass(3000)
    values = series.values[:, 0].astype(float)
    assert values.min() > 0.2
    assert values.max() < 1.45
    # One step by the trapezoidal rule from the equation itself: small against the step that was made.
    slope = 0.2 * values[:-17] / (1 + values[:-17] ** 10) - 0.1 * values[17:]
    step = np.diff(values[17:])
    assert np.abs(step - (slope[:-1] + slope[1:]) / 2).max() < 0.02 * np.abs(step).max()
    assert not np.array_equal(values, mackey_glass(3000, seed=1).values[:, 0])
    with pytest.raises(ValueError, match="steps=0"):
        mackey_glass(0)


def test_the_published_series_is_read_when_it_is_there() -> None:
    try:
        assert len(read_mackey_glass().values) == 10_000
    except DataFileError:
        pytest.skip(
            "set RNNVIZ_DATA to a folder with timeseries/MackeyGlass_t17.txt to read the published series"
        )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"units": 0}, "units=0"),
        ({"leak": 0}, "leak=0"),
        ({"leak": 1.5}, "leak=1.5"),
        ({"spectral_radius": -1}, "spectral_radius=-1"),
        ({"nonlinearity": "relu"}, "'relu'"),
        ({"inputs": 0}, "inputs=0"),
        ({"feedback_scale": -1}, "feedback_scale=-1"),
        ({"feedback_scale": 1, "outputs": 0}, "outputs=0"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        EchoStateNetwork(**options)  # type: ignore[arg-type]


def test_wrong_shapes_are_named() -> None:
    network = EchoStateNetwork(5)
    with pytest.raises(ValueError, match=r"\(4, 1\); it must be \(time, batch, 1\)"):
        network(torch.zeros(4, 1))
    with pytest.raises(ValueError, match="time and batch must agree"):
        network.fit(torch.zeros(4, 1, 1), torch.zeros(3, 1, 1))
    with pytest.raises(ValueError, match="leaves nothing"):
        network.fit(torch.zeros(4, 1, 1), torch.zeros(4, 1, 1), washout=4)
    with pytest.raises(ValueError, match="must agree"):
        normalised_error(torch.zeros(3), torch.zeros(4))


def test_a_measurement_that_measures_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one delay"):
        measure_memory_capacity(EchoStateNetwork(5), 0)
    with pytest.raises(ValueError, match="more steps than the 5 units"):
        measure_memory_capacity(EchoStateNetwork(5), 3, steps=5)
