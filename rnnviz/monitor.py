"""A recording in a few numbers, also in TensorBoard: `rnnviz.analysis.monitor` under its public name."""

from rnnviz.analysis.monitor import summarise, write_tensorboard

__all__ = ["summarise", "write_tensorboard"]
