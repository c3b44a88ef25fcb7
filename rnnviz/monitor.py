"""A recording in a few numbers, also in TensorBoard: `rnnviz.analysis.monitor` under its public name."""

from rnnviz.analysis.monitor import find_gaps, summarise, write_tensorboard

__all__ = ["find_gaps", "summarise", "write_tensorboard"]
