"""Published variants as worked examples of `rnnviz.Cell`: each is its equations, no more.

`gated` has three relatives of the LSTM and the GRU, `linear` two cells that gave up the nonlinearity between steps and
can therefore be computed for all steps at once.
"""

from rnnviz.variants.gated import LayerNormLSTM, MinimalGatedUnit, PeepholeLSTM
from rnnviz.variants.linear import LinearRecurrence, MinGRU

__all__ = ["LayerNormLSTM", "LinearRecurrence", "MinGRU", "MinimalGatedUnit", "PeepholeLSTM"]
