"""The MNIST experiment, on the digits that scikit-learn ships: the same code, in seconds."""

from pathlib import Path

import pytest
import torch

from rnnviz.data import digits
from rnnviz.experiments import mnist_rows
from rnnviz.experiments.mnist_rows import Curve, keep_curves, measure_accuracy, report, run, train_net
from rnnviz.experiments.results import read_results
from rnnviz.experiments.table import Row
from rnnviz.models import ImageConvolution


def test_every_net_learns_digits() -> None:
    curves = run(digits(), seeds=(0,), epochs=6)
    assert set(curves) == set(mnist_rows.NETS)
    for name, (curve,) in curves.items():
        assert len(curve.accuracy) == 6
        assert curve.accuracy[-1] > 0.45, name
        assert curve.accuracy[-1] > curve.accuracy[0], name


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    lines: list[str] = []
    whole = train_net("RNN, 1 layer", digits(), epochs=4)
    state = tmp_path / "deep" / "state.pt"
    train_net("RNN, 1 layer", digits(), epochs=2, state=state)
    resumed = train_net("RNN, 1 layer", digits(), epochs=4, state=state, tell=lines.append)
    assert resumed.accuracy == whole.accuracy
    assert [line.split(" after ")[1] for line in lines] == ["epoch 3 of 4", "epoch 4 of 4"]
    assert [path.name for path in state.parent.iterdir()] == ["state.pt"]


def test_seeds_differ() -> None:
    first, second = run(digits(), seeds=(0, 1), nets=["convolution"], epochs=1)["convolution"]
    assert first.accuracy != second.accuracy
    assert first.parameters == second.parameters == 16 * 9 + 16 + 32 * 16 * 9 + 32 + 32 * 4 * 10 + 10


def test_the_report_holds_where_the_bounds_are_reached() -> None:
    good = Curve(tuple([0.93] * 99 + [0.975]), 10, 60.0)
    rows = {row.what: row for row in report({"RNN, 1 layer": [good]})}
    assert list(rows) == [f"RNN, 1 layer, epoch {epoch}" for epoch in (1, 5, 10, 100)]
    assert rows["RNN, 1 layer, epoch 1"].published == 0.93
    assert "0.73" in rows["RNN, 1 layer, epoch 1"].note
    assert rows["RNN, 1 layer, epoch 100"].published == 0.98
    assert [row.holds for row in rows.values()] == [True, None, None, True]
    short = report({"RNN, 1 layer": [Curve((0.919, 0.95), 10, 60.0)]})
    assert [(row.what, row.holds) for row in short] == [
        ("RNN, 1 layer, epoch 1", False),
        ("RNN, 1 layer, epoch 100", False),
    ]


def test_results_are_written_and_read(tmp_path: Path) -> None:
    curves = {"convolution": [Curve((0.5, 0.75), 100, 90.0), Curve((0.5, 0.8), 100, 120.0)]}
    folder = tmp_path / "new" / "results"
    keep_curves(curves, (0, 1), folder=folder)
    assert mnist_rows.read_curves(folder=folder) == curves
    written = read_results("mnist_rows", folder=folder)
    assert written["settings"]["seeds"] == [0, 1]
    assert written["versions"]["torch"] == torch.__version__
    assert written["settings"]["batch"] == 150
    assert written["seconds"] == 210
    assert [row["measured"] for row in written["rows"]] == [[0.5, 0.5]]
    with pytest.raises(FileNotFoundError, match="mnist_rows --keep"):
        mnist_rows.read_curves(folder=tmp_path)


def test_the_shipped_results_bear_the_publication_out() -> None:
    found = read_results("mnist_rows")
    curves = mnist_rows.read_curves()
    assert {name: [len(curve.accuracy) for curve in found] for name, found in curves.items()} == {
        name: [net.epochs] for name, net in mnist_rows.NETS.items()
    }
    rows = {row.what: row for row in report(curves)}
    kept = [Row(**{**row, "measured": tuple(row["measured"])}) for row in found["rows"]]
    assert kept == list(rows.values()), "what is kept is what the curves show"
    assert found["settings"]["units"] == mnist_rows.UNITS
    judged = {what: row for what, row in rows.items() if row.published is not None}
    assert len(judged) == 4
    for what, row in judged.items():
        assert row.holds, what
        assert row.median >= row.published - 0.01, what
    assert rows["convolution, epoch 10"].median > rows["RNN, 1 layer, epoch 100"].median


def test_the_command_prints_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mnist_rows, "mnist", digits)
    arguments = ["--nets", "convolution", "--epochs", "1", "--keep", str(tmp_path)]
    assert mnist_rows.main(arguments) == 0
    assert "convolution" in capsys.readouterr().err
    assert list(mnist_rows.read_curves(folder=tmp_path)) == ["convolution"]
    assert mnist_rows.main(["--nets", "RNN, 1 layer", "--epochs", "1"]) == 1
    printed = capsys.readouterr().out
    assert "RNN, 1 layer, epoch 100" in printed
    assert "not reproduced" in printed
    for wrong in (["--seeds", "0"], ["--epochs", "0"]):
        with pytest.raises(SystemExit):
            mnist_rows.main(wrong)


def test_accuracy_is_the_share_of_right_answers() -> None:
    test = digits().test

    class Oracle(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.at = 0

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            right = torch.nn.functional.one_hot(test.targets[self.at : self.at + rows.shape[1]], 10).float()
            self.at += rows.shape[1]
            right[::2] = right[::2].roll(1, 1)  # every other answer is wrong
            return right

    assert measure_accuracy(Oracle(), test, batch=100) == 0.5


def test_images_that_cannot_be_halved_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="3 × 8"):
        ImageConvolution(3, 8)
