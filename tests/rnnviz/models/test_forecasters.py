import pytest
import torch
from torch import nn

from rnnviz.data import synthetic_series, windows
from rnnviz.models import (
    Forecaster,
    LinearForecaster,
    Naive,
    NearestWindows,
    SeasonalNaive,
    SlidingConvolution,
    forecast_loss,
    score,
)
from rnnviz.models.forecaster import initialise
from rnnviz.training import train


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def build(kind: str, features: int = 1, horizon: int = 1) -> nn.Module:
    if kind == "linear":
        return LinearForecaster(6, features, horizon=horizon)
    if kind == "convolution":
        return SlidingConvolution(features, 4, 3, horizon=horizon)
    return Forecaster(features, 5, kind, horizon=horizon)


KINDS = ["rnn", "gru", "lstm", "linear", "convolution"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("features", [1, 3])
def test_fed_back_is_one_step_at_a_time_by_hand(kind: str, features: int) -> None:
    model = build(kind, features)
    history = noise(6, 2, features)
    forecast = model.forecast(history, 4)
    longer = history
    for _ in range(4):
        # A recurrent network reads everything so far; the others only the end of it.
        longer = torch.cat([longer, model(longer)[-1:].detach()])
    torch.testing.assert_close(forecast, longer[6:])


@pytest.mark.parametrize("kind", KINDS)
def test_all_at_once_is_the_last_output_in_the_order_of_the_targets(kind: str) -> None:
    model = build(kind, features=3, horizon=4)
    pieces = windows(noise(30, 3), 6, 4)
    forecast = model.forecast(pieces.inputs, 4)
    assert forecast.shape == pieces.future.shape
    ahead = forecast.movedim(0, 1).flatten(1)
    torch.testing.assert_close(ahead, model(pieces.inputs)[-1].detach())
    torch.testing.assert_close(pieces.ahead[-1], pieces.future.movedim(0, 1).flatten(1))
    torch.testing.assert_close(model.forecast(pieces.inputs, 2), forecast[:2])
    with pytest.raises(ValueError, match=r"4 steps at once, and 5 were asked for.*horizon=1"):
        model.forecast(pieces.inputs, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_past_decides_alone(kind: str) -> None:
    model = build(kind)
    inputs = noise(8, 2, 1)
    changed = inputs.clone()
    changed[6:] += 1
    answers = model(inputs).shape[0]
    same = answers - 2
    if same > 0:
        assert torch.equal(model(inputs)[:same], model(changed)[:same])
    assert not torch.equal(model(inputs)[-1], model(changed)[-1])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_seeds_decide_the_weights_and_leave_torchs_generator_alone(cell: str) -> None:
    before = torch.get_rng_state()
    one, same, other = (Forecaster(1, 5, cell, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    for a, b in zip(one.parameters(), same.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.recurrent.weight_hh_l0, other.recurrent.weight_hh_l0)


def test_initial_weights_are_as_described() -> None:
    layer = nn.LSTM(3, 5, num_layers=2)
    initialise(layer)
    for matrix in (layer.weight_hh_l0, layer.weight_hh_l1):
        for gate in matrix.split(5):
            torch.testing.assert_close(gate @ gate.T, torch.eye(5))
    bound = (6 / (3 + 5)) ** 0.5
    assert 0.8 * bound < layer.weight_ih_l0.abs().max() <= bound
    expected = torch.zeros(20)
    expected[5:10] = 1
    assert torch.equal(layer.bias_ih_l0, expected)
    assert not layer.bias_hh_l0.any()


def test_projection_is_shared_by_all_steps() -> None:
    model = Forecaster(units=4)
    hidden, _ = model.recurrent(noise(7, 2, 1))
    by_hand = torch.stack([hidden[t] @ model.projection.weight.T + model.projection.bias for t in range(7)])
    torch.testing.assert_close(model(noise(7, 2, 1)), by_hand)


def test_relu_cell_and_layers_are_torchs_own() -> None:
    model = Forecaster(units=4, nonlinearity="relu", layers=2)
    assert (model.recurrent.nonlinearity, model.recurrent.num_layers) == ("relu", 2)
    torch_layer = nn.RNN(1, 4, 2, nonlinearity="relu")
    torch_layer.load_state_dict(model.recurrent.state_dict())
    assert torch.equal(torch_layer(noise(5, 2, 1))[0], model.recurrent(noise(5, 2, 1))[0])


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'"):
        Forecaster(cell="transformer")
    with pytest.raises(ValueError, match="units is 0"):
        Forecaster(units=0)
    with pytest.raises(ValueError, match="looks back 6 steps and was given 5"):
        LinearForecaster(6)(noise(5, 1, 1))
    with pytest.raises(ValueError, match="12 steps wide and was given 5"):
        SlidingConvolution()(noise(5, 1, 1))
    with pytest.raises(ValueError, match="A season is 11 steps and the window has 5"):
        SeasonalNaive(11).forecast(noise(5, 1, 1), 1)
    with pytest.raises(ValueError, match="at least one step"):
        SeasonalNaive(0)


def test_naive_and_seasonal_naive_by_hand() -> None:
    history = torch.arange(10.0).reshape(10, 1, 1)
    assert Naive().forecast(history, 3).flatten().tolist() == [9, 9, 9]
    assert SeasonalNaive(4).forecast(history, 6).flatten().tolist() == [6, 7, 8, 9, 6, 7]
    wave = torch.sin(torch.arange(60.0) * 2 * torch.pi / 12)
    assert score(SeasonalNaive(12), windows(wave, 12, 24)).rmse < 1e-5


@pytest.mark.parametrize(("features", "horizon"), [(1, 1), (2, 1), (1, 3), (2, 3)])
def test_least_squares_is_the_minimum(features: int, horizon: int) -> None:
    pieces = windows(noise(80, features), 6, horizon)
    model = LinearForecaster(6, features, horizon=horizon).fit(pieces)
    best = forecast_loss(model(pieces.inputs), pieces.ahead)
    best.backward()
    assert max(p.grad.abs().max() for p in model.parameters()) < 1e-6
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for _ in range(10):
            model.weights.weight += 0.01 * torch.randn(model.weights.weight.shape, generator=generator)
            assert forecast_loss(model(pieces.inputs), pieces.ahead) > best


def test_least_squares_finds_the_recurrence_of_a_sine_and_survives_constants() -> None:
    wave = torch.sin(torch.arange(100.0) * 0.3)
    model = LinearForecaster(2).fit(windows(wave[:50], 2))
    torch.testing.assert_close(
        model.weights.weight.detach(),
        torch.tensor([[-1.0, 2 * torch.cos(torch.tensor(0.3))]]),
        atol=1e-4,
        rtol=0,
    )
    assert score(model, windows(wave, 2, 30, 50)).rmse < 1e-2
    flat = windows(torch.full((30,), 7.0), 4)
    assert score(LinearForecaster(4).fit(flat), flat).rmse < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_each_model_learns_better_than_naive(kind: str) -> None:
    values = torch.from_numpy(synthetic_series(count=300, steps=12))
    model = build(kind)
    list(train(model, (values[:-1], values[1:]), loss=forecast_loss, learning_rate=0.01, steps=250))
    squared = (model.forecast(values[:-1], 1) - values[-1:]).square().mean()
    naive = (values[-1] - values[-2]).square().mean()
    assert squared < 0.7 * naive


def test_score_is_in_the_unit_of_the_series_and_by_lead() -> None:
    from rnnviz.data import split

    values = 100 + 10 * noise(90, 2)
    parts = split(values, 6, 3)
    model = LinearForecaster(6, 2, horizon=3)
    got = score(model, parts.test, parts.scaler)
    by_hand = (
        parts.scaler.unscale(model.forecast(parts.scaler.scale(parts.test.inputs), 3)) - parts.test.future
    )
    torch.testing.assert_close(got.squared, by_hand.square().mean(1))
    assert got.mse == pytest.approx(by_hand.square().mean().item())
    assert got.rmse == pytest.approx(got.mse**0.5)
    assert repr(score(Naive(), windows(torch.arange(9.0), 3))) == "Score(rmse=1, horizon=1)"


def test_nearest_windows_look_up_and_average() -> None:
    known = windows(torch.tensor([0.0, 1.0, 5.0, 0.0, 1.0, 7.0, 9.0]), 2)
    model = NearestWindows(known, count=2)
    assert model.forecast(torch.tensor([[[0.1]], [[1.1]]]), 1).flatten().tolist() == [6.0]
    assert score(NearestWindows(known, count=1), known[1:3]).rmse == 0
    with pytest.raises(ValueError, match="asked were 2 steps and 3 to forecast"):
        model.forecast(torch.zeros(2, 1, 1), 3)
    with pytest.raises(ValueError, match="from 1 to the number of windows, 5"):
        NearestWindows(known, count=9)


def test_windows_can_be_chosen() -> None:
    pieces = windows(torch.arange(10.0), 3, 2)
    chosen = pieces[torch.tensor([4, 0])]
    assert chosen.origins.tolist() == [6, 2]
    assert chosen.inputs[:, 0, 0].tolist() == [4, 5, 6]
    assert chosen.future[:, 1, 0].tolist() == [3, 4]


def test_least_squares_uses_the_beginning_of_a_longer_future() -> None:
    pieces, longer = windows(noise(60, 2)[:58], 6, 1), windows(noise(60, 2), 6, 3)
    assert torch.allclose(
        LinearForecaster(6, 2).fit(pieces).weights.weight, LinearForecaster(6, 2).fit(longer).weights.weight
    )
    with pytest.raises(ValueError, match="forecasts 3 steps and the windows know only 1"):
        LinearForecaster(6, 2, horizon=3).fit(pieces)
