import re
from types import ModuleType

import pytest
import torch

from rnnviz.experiments import naive_forecast, synthetic_series, ten_steps_ahead
from rnnviz.experiments.results import read_results
from rnnviz.experiments.table import Report, Row, write_table


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
    text = write_table([Row("a", 1.0, (1.5, 2.0, 9.0), False, note="because"), Row("b", None, (3.0,))], 1)
    assert "not reproduced" in text
    assert "1.5 to 9.0" in text
    assert "2.0" in text
    assert text.endswith("a: because")


def test_a_published_number_has_a_verdict_and_one_of_our_own_need_not() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        Row("a", 1.0, (1.0,))
    assert write_table([Row("ours", None, (3.0,))]).splitlines()[1].split() == ["ours", "3.0000"]
    assert "not reproduced" in write_table([Row("broken", None, (3.0,), False)])


def test_an_error_far_lower_than_published_is_no_reproduction() -> None:
    above, near, below = (
        synthetic_series.judge("error", 0.01, (error,)) for error in (0.013, 0.0115, 0.0075)
    )
    assert [above.holds, near.holds, below.holds] == [False, True, False]
    assert above.note == "found instead: higher by 30 %."
    assert below.note == "found instead: lower by 25 %."
    assert synthetic_series.judge("error", None, (0.5,)).holds is None


def test_the_order_of_the_published_errors_is_judged_by_itself() -> None:
    def order(direct: float, fed_back: float) -> Row:
        rows = {
            "fed back": (0.03, (fed_back, 0.03)),
            "naive": (None, (9.0,)),
            "direct": (0.01, (direct, 0.01)),
        }
        return ten_steps_ahead.judge_all(rows)[-1]

    assert order(0.02, 0.021).holds
    assert order(0.022, 0.021).measured == (0.0, 1.0)
    assert not order(0.022, 0.021).holds


@pytest.mark.parametrize("module", [synthetic_series, ten_steps_ahead])
def test_what_is_kept_is_judged_as_today(module: ModuleType) -> None:
    kept = {row["what"]: row for row in read_results(module.__name__.rpartition(".")[2])["rows"]}
    for row in kept.values():
        if row["what"] != "the order":
            judged = synthetic_series.judge(row["what"], row["published"], tuple(row["measured"]))
            assert judged.holds == row["holds"]
            assert judged.note in row["note"]
    if module is ten_steps_ahead:
        missed = [what for what, row in kept.items() if row["holds"] is False]
        assert missed == ["fed back, one step at a time"]
        assert "lower by 20 %" in kept[missed[0]]["note"]


def test_yes_and_no_are_written_as_words() -> None:
    claim = Row("it is <needed>", 1.0, (0.0,), False, "found instead: it helps.", yes=True)
    count = Row("solved", None, (1.0, 1.0, 0.0), yes=True)
    lines = write_table([claim, count]).splitlines()
    assert lines[1].split()[-4:] == ["yes", "no", "not", "reproduced"]
    assert lines[2].split() == ["solved", "2", "of", "3"]
    page = Report([claim, count, Row("updates", None, (1450.0, 2.5))])._repr_html_()
    plain = re.sub(r' style="[^"]*"', "", page)
    assert (
        "it is &lt;needed&gt;</th><td>yes</td><td>no</td><td></td><td><b>not reproduced</b></td></tr>"
        in plain
    )
    # The note stands below, as wide as the table.
    assert '<tr><td colspan="5"><small>found instead: it helps.</small></td></tr>' in plain
    assert "<td>726</td><td>2.5000 to 1450</td>" in plain
    assert "range over seeds" in page
    assert "range over seeds" not in Report([claim, count])._repr_html_()
    # What no row has is no column.
    nothing_claimed = Report([count])._repr_html_()
    assert "published" not in nothing_claimed
    assert "verdict" not in nothing_claimed
