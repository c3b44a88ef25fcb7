"""The monitor inside Lightning's own trainer."""

import copy
import subprocess
import sys
import warnings

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Lightning does at its import is not ours to mend
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

import rnnviz as rv
from rnnviz.analysis.callbacks import RecurrentMonitor
from rnnviz.analysis.monitor import summarise

# Lightning's advice on the size of machine and data, and its use of what torch has renamed.
pytestmark = pytest.mark.filterwarnings(
    r"ignore::UserWarning:lightning\..*", "ignore:.*LeafSpec.*:FutureWarning"
)


class Forecaster(LightningModule):
    def __init__(self, fail_at=None):
        super().__init__()
        self.gru = nn.GRU(2, 6, batch_first=True)
        self.head = nn.Linear(6, 1)
        self.fail_at = fail_at

    def training_step(self, batch, batch_idx):
        if batch_idx == self.fail_at:
            raise ArithmeticError("the data ran out")
        x, y = batch
        loss = (self.head(self.gru(x)[0][:, -1]) - y).square().mean()
        self.log("loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        self.gru(batch[0])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(model, tmp_path, *callbacks, logger=False, validate=False, **options):
    generator = torch.Generator().manual_seed(1)
    data = TensorDataset(torch.randn(40, 9, 2, generator=generator), torch.randn(40, 1, generator=generator))
    trainer = Trainer(
        max_epochs=1,
        accelerator="cpu",
        devices=1,
        logger=logger,
        callbacks=list(callbacks),
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        num_sanity_val_steps=0,
        **options,
    )
    loader = DataLoader(data, batch_size=4)
    trainer.fit(model, loader, loader if validate else None)
    return trainer


def test_every_third_batch_is_logged_and_the_latest_is_held(tmp_path):
    monitor = RecurrentMonitor(every_n_batches=3)
    logger = CSVLogger(tmp_path, flush_logs_every_n_steps=1)
    trainer = fit(Forecaster(), tmp_path, monitor, logger=logger, validate=True)
    rows = (tmp_path / "lightning_logs" / "version_0" / "metrics.csv").read_text().splitlines()
    columns = rows[0].split(",")
    where, step = columns.index("rnnviz/gru.l0/grad_norm"), columns.index("step")
    logged = {int(row.split(",")[step]): row.split(",")[where] for row in rows[1:] if row.split(",")[where]}
    assert list(logged) == [0, 3, 6, 9]
    assert len(monitor.trace.calls("gru.l0")) == 1
    expected = summarise(monitor.trace)
    assert float(logged[9]) == pytest.approx(expected["gru.l0/grad_norm"])
    assert {name.removeprefix("rnnviz/") for name in trainer.callback_metrics if "/" in name} == set(expected)
    assert float(trainer.callback_metrics["rnnviz/gru.l0/saturated_reset"]) == pytest.approx(
        expected["gru.l0/saturated_reset"]
    )


def test_tensorboard_gets_the_numbers(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    fit(Forecaster(), tmp_path, RecurrentMonitor(5), logger=TensorBoardLogger(tmp_path, name="", version=""))
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [event.step for event in events.Scalars("rnnviz/gru.l0/grad_norm")] == [0, 5]


def test_training_is_the_same_bit_for_bit(tmp_path):
    torch.manual_seed(0)
    plain = Forecaster()
    watched = copy.deepcopy(plain)
    fit(plain, tmp_path)
    fit(watched, tmp_path, RecurrentMonitor(1), accumulate_grad_batches=1)
    for a, b in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(a, b)


def test_accumulated_batches_are_counted_one_by_one(tmp_path):
    monitor = RecurrentMonitor(2, sequences=[1, 3])
    fit(Forecaster(), tmp_path, monitor, accumulate_grad_batches=5)
    assert monitor.trace["gru.l0"].hidden.shape == (9, 2, 6)
    assert monitor._batches == 10


def test_a_failure_leaves_no_hook_on_the_model(tmp_path):
    model = Forecaster(fail_at=2)
    with pytest.raises(ArithmeticError, match="the data ran out"):
        fit(model, tmp_path, RecurrentMonitor(1))
    assert not model.gru._forward_hooks
    assert not model.gru._forward_pre_hooks
    assert not model._forward_hooks


def test_a_model_without_recurrence_is_refused_before_training(tmp_path):
    model = Forecaster(fail_at=0)
    model.gru = nn.Identity()
    with pytest.raises(ValueError, match="no recurrent layer to record"):
        fit(model, tmp_path, RecurrentMonitor())


def test_mixed_precision_is_refused_before_training(tmp_path):
    model = Forecaster(fail_at=0)
    with pytest.raises(ValueError, match=r"precision 'bf16-mixed'.*precision=\"32-true\" or \"bf16-true\""):
        fit(model, tmp_path, RecurrentMonitor(), precision="bf16-mixed")
    assert not model.gru._forward_hooks


@pytest.mark.parametrize("precision", ["bf16-true", "64-true"])
def test_what_the_refusal_advises_can_be_watched(tmp_path, precision):
    monitor = RecurrentMonitor()
    fit(Forecaster(), tmp_path, monitor, limit_train_batches=1, precision=precision)
    assert monitor.trace["gru.l0"].grad_norm.isfinite().all()


def test_missing_lightning_is_explained():
    """In a process of its own, where the package cannot be imported."""
    code = (
        "import sys; sys.modules['lightning'] = None\n"
        "try: import rnnviz.callbacks\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'rnnviz.callbacks needs Lightning: pip install "rnnviz[lightning]"'


@pytest.mark.parametrize("number", [0, -1, 2.5, True])
def test_a_senseless_interval_is_refused(number):
    with pytest.raises(ValueError, match=r"every_n_batches is .*whole number"):
        RecurrentMonitor(number)


def test_the_held_trace_is_a_trace_like_any_other(tmp_path):
    monitor = RecurrentMonitor()
    fit(Forecaster(), tmp_path, monitor, limit_train_batches=1)
    assert isinstance(monitor.trace, rv.Trace)
    assert rv.flow.gradient_flow(monitor.trace["gru.l0"]).shape == (9, 9, 4)


def test_a_layer_that_is_never_seen_is_said_once(tmp_path):
    class Past(Forecaster):
        def training_step(self, batch, batch_idx):
            x, y = batch
            return (self.head(self.gru.forward(x)[0][:, -1]) - y).square().mean()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        fit(Past(), tmp_path, RecurrentMonitor(every_n_batches=1))
    (said,) = [str(found.message) for found in warned if "RecurrentMonitor" in str(found.message)]
    assert said.startswith("RecurrentMonitor: Nothing was recorded, so nothing is logged")
