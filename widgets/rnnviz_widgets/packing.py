"""Lays arrays one after another into the one binary buffer that a widget sends to its page."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

LARGEST = 64_000_000
"""Bytes that a page is asked to hold for one widget or trace."""


class Packer:
    """Collects arrays as float32 and remembers where each begins, counted in floats."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        self.end = 0

    def add(self, tensor: torch.Tensor) -> dict[str, object]:
        """Append an array and return its entry: shape and offset.

        Raises
        ------
        ValueError
            If the page would have to hold more than `LARGEST` bytes.
        """
        array = tensor.detach().to("cpu", torch.float32).contiguous().numpy()
        entry = {"shape": list(array.shape), "offset": self.end}
        self.end += array.size
        if 4 * self.end > LARGEST:
            raise ValueError(
                f"This is more than the {LARGEST // 1_000_000} MB that a page is asked to hold. "
                "Record fewer sequences: `record(model, sequences=[0])`."
            )
        self.parts.append(array)
        return entry

    def bytes(self) -> bytes:
        """Return everything collected, as one buffer."""
        return b"".join(part.tobytes() for part in self.parts)
