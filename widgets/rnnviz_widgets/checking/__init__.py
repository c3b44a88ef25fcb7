"""How a student's answer is checked.

An answer is called on many small inputs, in surroundings that are the same each time (`surroundings`), within a time
limit (`running`). What comes back is read once, the same way for every property (`reading`), and compared with what a
reference gives for the same inputs (`search`). Inputs are drawn small and simple first (`inputs`), and the first that
fails is made smaller still (`shrinking`). What is wrong is said in words (`wording`, `explaining`).
"""

from rnnviz_widgets.checking.inputs import Draw
from rnnviz_widgets.checking.reading import UnfitError, read_answer, read_tensors
from rnnviz_widgets.checking.search import Fault, Finding, Property, search_counterexamples
from rnnviz_widgets.checking.wording import describe_difference, describe_shape, format_value

__all__ = [
    "Draw",
    "Fault",
    "Finding",
    "Property",
    "UnfitError",
    "describe_difference",
    "describe_shape",
    "format_value",
    "read_answer",
    "read_tensors",
    "search_counterexamples",
]
