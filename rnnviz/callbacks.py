"""The recorder as a callback of Lightning: `rnnviz.analysis.callbacks` under its public name."""

from rnnviz.analysis.callbacks import RecurrentMonitor

__all__ = ["RecurrentMonitor"]
