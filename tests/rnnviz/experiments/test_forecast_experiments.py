import pytest
import torch

from rnnviz.experiments import naive_forecast, synthetic_series, ten_steps_ahead
from rnnviz.experiments.table import Row, write_table


def test_naive_forecast_is_the_published_number(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = naive_forecast.run()
    assert row.holds
    assert f"{row.median:.9f}" == "0.020211367"
    naive_forecast.main()
    assert capsys.readouterr().out.count("0.020211367") == 2


def test_another_seed_is_not_the_published_number(monkeypatch: pytest.MonkeyPatch) -> None:
    original = naive_forecast.synthetic_series
    monkeypatch.setattr(naive_forecast, "synthetic_series", lambda: original(seed=43))
    assert not naive_forecast.run()[0].holds


def test_least_squares_beats_the_published_linear_model() -> None:
    rows = {row.what: row for row in synthetic_series.run(seeds=(0,), epochs=0)}
    assert 0.0027 < rows["linear, least squares"].median < 0.0031
    assert not rows["deep, 20-20-1"].holds  # untrained


def test_one_epoch_is_enough_to_learn_something() -> None:
    series = torch.from_numpy(synthetic_series.synthetic_series(count=9000))
    learn, check = series[:, :7000], series[:, 7000:]
    model = synthetic_series.StackedRNN([10, 1])
    before = synthetic_series._error(model, check)
    synthetic_series.train_as_published(model, learn[:-1], learn[-1:], 0.005, epochs=1, seed=0)
    assert synthetic_series._error(model, check) < 0.3 * before


def test_ten_steps_are_measured_on_the_steps_that_follow() -> None:
    rows = {row.what: row for row in ten_steps_ahead.run(seeds=(0,), epochs=0)}
    assert not rows["deep, all at once"].holds  # untrained
    # Exact, so that nothing trained by steps on the same data can fall below it by much.
    assert 0.01 < rows["linear, least squares"].median < rows["linear, all at once"].published
    series = synthetic_series.synthetic_series(steps=60)[:, 7000:9000]
    naive = ((series[49:50] - series[50:]) ** 2).mean()
    assert rows["naive"].median == pytest.approx(naive, rel=1e-5)


def test_stacked_layers_are_torchs() -> None:
    model = synthetic_series.StackedRNN([3, 2])
    x = torch.randn(4, 5, 1, generator=torch.Generator().manual_seed(0))
    first, _ = model.layers[0](x)
    assert torch.equal(model(x), model.layers[1](first)[0])


def test_table_says_what_does_not_hold() -> None:
    text = write_table(
        [Row("a", 1.0, (1.5, 2.0, 9.0), False, note="because"), Row("b", None, (3.0,), True)], 1
    )
    assert "DOES NOT HOLD" in text
    assert "1.5 to 9.0" in text
    assert "2.0" in text
    assert text.endswith("a: because")
