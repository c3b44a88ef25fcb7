"""Tasks made to measure memory: what counts stands far from where it is asked for.

Each task is a function of a `torch.Generator` that draws a new batch at each call, so that `rnnviz.training.train`
takes it in place of data, and nothing can be learned by heart. `numbers` has those that carry numbers along,
`symbols` those that carry symbols, and `grammars` those whose sequences follow rules.
"""

from rnnviz.data.tasks.grammars import DyckBrackets, EmbeddedReber
from rnnviz.data.tasks.numbers import AddingProblem, FirstNumber
from rnnviz.data.tasks.symbols import CopyMemory, Parity, TemporalOrder

__all__ = [
    "AddingProblem",
    "CopyMemory",
    "DyckBrackets",
    "EmbeddedReber",
    "FirstNumber",
    "Parity",
    "TemporalOrder",
]
