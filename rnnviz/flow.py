"""How gradients and influence travel through time: what `rnnviz.analysis.flow` computes, under its public name."""

from rnnviz.analysis.flow import *  # noqa: F403
from rnnviz.analysis.flow import __all__ as __all__
