import numpy as np
import pytest

from rnnviz.data import Series, rising_sine, stocks, sunspots, windows
from rnnviz.models import Forecaster, Forecasting, score
from rnnviz.training import DivergenceError, Runner

MODELS = {"GRU": "gru", "linear": "linear", "all at once": "lstm-direct"}


def race(**settings: object) -> Forecasting:
    return Forecasting(sunspots(), settings.pop("models", MODELS), units=6, horizon=8, **settings)


def test_frames_hold_what_the_models_say() -> None:
    forecasting = race()
    for _ in range(3):
        forecasting.step()
    frame = forecasting.frame()
    assert (frame.step, frame.learning_rate, frame.origin) == (3, 1e-3, forecasting.edges[1] - 1)
    assert list(frame.models) == list(MODELS)
    assert set(frame.baselines) == {"naive", "seasonal naive", "least squares"}
    series = sunspots()
    for name, shown in {**frame.models, **frame.baselines}.items():
        assert shown.one_step.shape == series.values[:, 0].shape
        assert np.isnan(shown.one_step[:20]).all()
        assert np.isfinite(shown.one_step[20:]).all()
        assert shown.forecast.shape == (8,)
        assert np.isnan(shown.loss) == (name in frame.baselines)
        # The errors are those of the lines that are drawn.
        part = slice(*forecasting.edges)
        one_step = np.sqrt(np.mean((shown.one_step - forecasting.truth)[part] ** 2))
        assert shown.one_step_error == pytest.approx(one_step, rel=1e-4)
    assert frame.baselines["naive"].one_step[100] == pytest.approx(series.values[99, 0], rel=1e-5)
    many = frame.models["GRU"].many_step_error
    assert many == pytest.approx(forecasting.scores()["GRU"].rmse, rel=1e-4)
    ranked = [shown.many_step_error for shown in frame.baselines.values()]
    assert ranked == sorted(ranked)


def test_the_forecast_starts_from_the_origin_and_knows_nothing_after_it() -> None:
    forecasting = race()
    forecasting.step()
    forecasting.move(150)
    frame = forecasting.frame()
    assert frame.origin == 150
    assert frame.baselines["naive"].forecast == pytest.approx(np.full(8, forecasting.truth[150]), rel=1e-5)
    series = sunspots()
    spoilt = series.values.copy()
    spoilt[250:] += 100
    other = Forecasting(Series("spoilt", spoilt), MODELS, units=6, horizon=8)
    other.step()
    other.move(249)
    forecasting.move(249)
    for name in MODELS:
        mine, its = forecasting.frame().models[name].forecast, other.frame().models[name].forecast
        np.testing.assert_array_equal(mine, its)


def test_the_origin_stays_where_there_is_a_window_before_it() -> None:
    forecasting = race()
    for wanted, got in ((-5, 19), (10**6, 308), (100, 100)):
        forecasting.move(wanted)
        assert forecasting.frame().origin == got


def test_reset_and_the_same_seed_repeat_the_race() -> None:
    forecasting = race()

    def run() -> list[float]:
        for _ in range(4):
            forecasting.step()
        return [shown.loss for shown in forecasting.frame().models.values()]

    first = run()
    forecasting.learning_rate = 0.01
    forecasting.reset()
    assert (forecasting.number, forecasting.learning_rate) == (0, 0.01)
    forecasting.learning_rate = 1e-3
    assert run() == first
    forecasting = race(seed=1)
    assert run() != first


def test_models_improve_and_beat_naive() -> None:
    forecasting = race(models={"GRU": "gru"}, learning_rate=0.01)
    before = forecasting.frame().models["GRU"]
    for _ in range(150):
        forecasting.step()
    after = forecasting.frame()
    assert after.models["GRU"].train_loss < 0.5 * before.train_loss
    assert after.models["GRU"].validation_loss < after.baselines["naive"].validation_loss


def test_only_what_is_affected_is_learned_anew() -> None:
    forecasting = race(models={"GRU": "gru"})
    for _ in range(3):
        forecasting.step()
    forecasting.move(120)
    longer = forecasting.changed(horizon=30)
    assert (longer.number, longer.origin) == (3, 120)
    frame = longer.frame().models["GRU"]
    np.testing.assert_allclose(frame.forecast[:8], forecasting.frame().models["GRU"].forecast, rtol=1e-5)
    assert frame.loss == forecasting.frame().models["GRU"].loss
    assert forecasting.changed(window=30).number == 0
    assert forecasting.changed(horizon=9, seed=4).number == 0
    direct = race()
    direct.step()
    assert direct.changed(horizon=9).number == 0


@pytest.mark.parametrize("kind", ["rnn", "relu-rnn", "gru", "lstm", "linear", "convolution"])
@pytest.mark.parametrize("suffix", ["", "-direct"])
def test_every_kind_trains_on_several_features(kind: str, suffix: str) -> None:
    forecasting = Forecasting(
        stocks(["AAPL", "MSFT"]), {"it": kind + suffix}, horizon=4, units=4, target="MSFT"
    )
    for _ in range(2):
        forecasting.step()
    frame = forecasting.frame().models["it"]
    assert np.isfinite(frame.forecast).all()
    np.testing.assert_array_equal(forecasting.truth, stocks(["MSFT"]).values[:, 0])
    assert forecasting.scores("test")["it"].squared.shape == (4, 2)


def test_a_model_of_ones_own() -> None:
    forecasting = race(models={"mine": lambda: Forecaster(units=3, layers=2)})
    forecasting.step()
    assert forecasting.model("mine").recurrent.num_layers == 2
    parts = windows(sunspots().values, 20, 8, *forecasting.edges)
    scaled = forecasting.scores()["mine"]
    assert scaled.mse == pytest.approx(score(forecasting.model("mine"), parts, forecasting._scaler).mse)


def test_long_series_are_shortened_and_that_is_noted() -> None:
    forecasting = Forecasting(rising_sine(steps=6000), {"linear": "linear"}, horizon=5)
    assert len(forecasting.truth) == 5000
    assert forecasting.series.notes == ("Only the last 5,000 of 6,000 steps are used.",)


def test_in_the_background() -> None:
    forecasting = race(models={"GRU": "gru"})
    frames: list[int] = []
    runner = Runner(forecasting, on_frame=lambda frame: frames.append(frame.step))
    runner.step(5)
    assert runner.wait(20) == "paused"
    assert frames[-1] == 5
    runner.call(forecasting.move, 60).result(10)
    runner.wait(10)
    assert runner.latest.origin == 60
    runner.stop()


def test_divergence_names_the_model() -> None:
    forecasting = race(models={"too fast": "linear"}, learning_rate=1e30)

    def diverge() -> None:
        for _ in range(20):
            forecasting.step()

    with pytest.raises(DivergenceError, match="too fast: The loss is"):
        diverge()
    forecasting.reset()
    assert np.isfinite(forecasting.frame().models["too fast"].train_loss)


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ValueError, match="'mine' is of the kind 'magic'; known kinds are rnn"):
        race(models={"mine": "magic"})
    with pytest.raises(ValueError, match="no model to train"):
        race(models={})
    with pytest.raises(ValueError, match="target is 'x'; 'sunspots' has sunspots"):
        race(target="x")
    with pytest.raises(ValueError, match="part is too short"):
        Forecasting(Series("short", np.arange(40.0)), MODELS)
    with pytest.raises(ValueError, match='"validation" or "test"'):
        race().scores("exam")
    with pytest.raises(KeyError, match="there are 'GRU'"):
        race().model("RNN")
