"""What lessons write their checks with; how an answer is checked stands in `rnnviz_widgets.checking`."""

from rnnviz_widgets.checking import (
    Draw,
    Finding,
    Property,
    UnfitError,
    describe_difference,
    describe_shape,
    format_value,
    read_tensors,
)

__all__ = [
    "Draw",
    "Finding",
    "Property",
    "UnfitError",
    "describe_difference",
    "describe_shape",
    "format_value",
    "read_tensors",
]
