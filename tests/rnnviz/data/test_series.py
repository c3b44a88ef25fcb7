import builtins
import subprocess
import sys

import numpy as np
import pytest

from rnnviz.data import Series, co2, rising_sine, stocks, sunspots, synthetic_series


def test_rising_sine_is_its_formula() -> None:
    series = rising_sine(steps=50, start=3.0, resolution=0.2)
    t = 3 + 0.2 * np.arange(50)
    np.testing.assert_allclose(series.values[:, 0], t * np.sin(t) / 3 + 2 * np.sin(5 * t), rtol=1e-6)


def test_synthetic_series_are_the_published_draws() -> None:
    values = synthetic_series()
    assert values.shape == (51, 10_000, 1)
    assert values.dtype == np.float32
    np.random.seed(42)
    f1, f2, o1, o2 = np.random.rand(4, 10_000, 1)
    time = np.linspace(0, 1, 51)
    wave = 0.5 * np.sin((time - o1) * (f1 * 10 + 10)) + 0.2 * np.sin((time - o2) * (f2 * 20 + 20))
    wave += 0.1 * (np.random.rand(10_000, 51) - 0.5)
    np.testing.assert_array_equal(values[..., 0].T, wave.astype(np.float32))


def test_synthetic_series_leave_the_global_generator_alone() -> None:
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    synthetic_series(count=2)
    assert np.random.rand() == expected


def test_sunspots() -> None:
    series = sunspots()
    assert series.values.shape == (309, 1)
    assert series.dates is not None
    assert (str(series.dates[0]), str(series.dates[-1])) == ("1700-01-01", "2008-01-01")
    assert series.values[series.dates == np.datetime64("1957-01-01")] == pytest.approx(190.2)
    assert series.season == 11
    assert series.licence == "public domain"


def test_co2_is_monthly_and_says_what_was_filled() -> None:
    series = co2()
    assert series.values.shape == (526, 1)
    assert 310 < series.values.min() < series.values.max() < 375
    assert series.notes[0].startswith("5 months")


def test_stocks() -> None:
    series = stocks()
    assert series.features == ("GOOG", "AAPL", "AMZN", "FB", "NFLX", "MSFT")
    np.testing.assert_array_equal(series.values[0], 1.0)
    two = stocks(["MSFT", "GOOG"])
    np.testing.assert_array_equal(two.values, series.values[:, [5, 0]])
    with pytest.raises(ValueError, match="no feature 'TSLA'; it has GOOG"):
        stocks(["TSLA"])


@pytest.mark.parametrize(
    ("load", "package"), [(sunspots, "statsmodels"), (co2, "statsmodels"), (stocks, "plotly")]
)
def test_missing_packages_are_named_with_the_command(
    load, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: object, **more: object) -> object:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return original(name, *rest, **more)

    for module in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr("importlib.import_module", lambda name: refuse(name))
    with pytest.raises(ImportError, match=rf'{package} is needed.*pip install "rnnviz\[course\]"'):
        load()


def test_values_are_checked() -> None:
    assert Series("a", [1, 2]).values.shape == (2, 1)
    assert Series("a", [[1, 2]]).features == ("a 1", "a 2")
    with pytest.raises(ValueError, match="step 1, column 0"):
        Series("a", [1.0, float("nan")])
    with pytest.raises(ValueError, match="2 columns and 1 names"):
        Series("a", [[1.0, 2.0]], features=("x",))
    with pytest.raises(ValueError, match="one date a step"):
        Series("a", [1.0, 2.0], dates=np.array(["2024-01-02", "2024-01-01"], dtype="datetime64[D]"))
    with pytest.raises(ValueError, match=r"\(time, feature\)"):
        Series("a", np.zeros((1, 2, 3)))


def test_importing_data_and_models_imports_no_plotting_or_table_package() -> None:
    code = (
        "import sys, rnnviz.data, rnnviz.models, rnnviz.training\n"
        "print(sorted({'pandas', 'plotly', 'statsmodels', 'ipywidgets', 'anywidget', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
