"""The recorder as a callback of Lightning: `RecurrentMonitor`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import torch

from rnnviz.analysis.monitor import find_gaps, mean_numbers
from rnnviz.recording.record import find_recurrent, record
from rnnviz.recording.trace import Trace

try:
    from lightning.pytorch import Callback, LightningModule, Trainer
except ImportError as error:
    raise ImportError('rnnviz.callbacks needs Lightning: pip install "rnnviz[lightning]"') from error

__all__ = ["RecurrentMonitor"]


class RecurrentMonitor(Callback):
    """Watch the recurrent layers of a model while Lightning trains it.

    At regular intervals one batch is recorded, training undisturbed, and what `rnnviz.monitor.summarise`
    tells of it goes to every logger of the trainer and to ``trainer.callback_metrics``, where other callbacks
    find it.

    Parameters
    ----------
    every_n_batches : int
        Record the first batch, then every ``every_n_batches``-th after it. The others cost nothing.
    sequences : sequence of int, optional
        Which sequences of a batch to keep; all by default.
    prefix : str
        Comes before each name in the logs.

    Attributes
    ----------
    trace : Trace or None
        The latest recording, and the only one that is held: ``rnnviz.show(monitor.trace)``,
        ``rnnviz.diagnose(monitor.trace)``.

    Raises
    ------
    ValueError
        At once, if `every_n_batches` is no whole number from 1; when training starts, for a model without a
        recurrent layer, and for a trainer with a mixed precision ("16-mixed", "bf16-mixed"): under autocast a
        layer computes in another precision than its weights have. "bf16-true", "32-true" and "64-true" can be
        watched.
    TypeError
        When training starts, for a model that `rnnviz.record` cannot watch, such as a compiled one.
    RuntimeError
        In a batch that is recorded and does what `rnnviz.record` refuses at run time, such as an autocast of
        the model's own inside its training step.

    Examples
    --------
    >>> from lightning.pytorch import Trainer
    >>> from rnnviz.callbacks import RecurrentMonitor
    >>> monitor = RecurrentMonitor(every_n_batches=100)
    >>> trainer = Trainer(callbacks=[monitor], logger=False, enable_checkpointing=False, accelerator="cpu")
    """

    def __init__(
        self, every_n_batches: int = 50, *, sequences: Sequence[int] | None = None, prefix: str = "rnnviz"
    ) -> None:
        if isinstance(every_n_batches, bool) or not isinstance(every_n_batches, int) or every_n_batches < 1:
            raise ValueError(f"every_n_batches is {every_n_batches!r}; it must be a whole number, 1 or more.")
        self.every_n_batches = every_n_batches
        self.sequences = sequences
        self.prefix = prefix
        self.trace: Trace | None = None
        self._batches = 0
        self._step = 0
        self._warned = False
        self._recording = ExitStack()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Refuse a model that cannot be watched, before any time is spent on it."""
        find_recurrent(pl_module)
        if str(trainer.precision).endswith("-mixed"):
            raise ValueError(
                f"RecurrentMonitor was given a trainer with precision {trainer.precision!r}; mixed precision "
                "computes a recurrent layer in another precision than its weights have, and is not recorded. "
                'Train with precision="32-true" or "bf16-true", or leave the monitor out of this run.'
            )
        self._batches = 0

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Begin to record where this batch is one to record."""
        if self._batches % self.every_n_batches == 0:
            self._step = trainer.global_step  # where Lightning puts the loss of this batch, too
            self.trace = self._recording.enter_context(record(pl_module, self.sequences))
        self._batches += 1

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Log what was recorded."""
        if (self._batches - 1) % self.every_n_batches or self.trace is None:
            return
        self._recording.close()
        if not self._warned:
            for gap in find_gaps(self.trace):
                warnings.warn(f"RecurrentMonitor: {gap}", RuntimeWarning, stacklevel=2)
                self._warned = True
        numbers = {f"{self.prefix}/{name}": value for name, value in mean_numbers(self.trace).items()}
        for logger in trainer.loggers:
            logger.log_metrics(numbers, step=self._step)
        trainer.callback_metrics.update({name: torch.tensor(value) for name, value in numbers.items()})

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Leave no hook on the model."""
        self._recording.close()

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Leave no hook on the model."""
        self._recording.close()
