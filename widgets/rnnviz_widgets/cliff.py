"""The cliff: the error surface of a network with one unit, and what clipping does at its edge."""

from __future__ import annotations

import traitlets

from rnnviz_widgets.base import STATIC, Finite, Widget

#: What the surface is drawn over.
WEIGHTS, BIASES = (2.0, 8.0), (-4.0, -1.0)


class Cliff(Widget):
    """One unit, h_t = σ(w·h_{t−1} + b), that should hold 0.7 after T steps: its error over w and b.

    The surface has a cliff, where a hair's breadth of w or b decides whether the unit stays switched on. Two balls
    descend from where the reader puts them: one with plain gradient descent, one with the gradient clipped. All of it
    is computed in the page.

    Parameters
    ----------
    steps : int, default 50
        T, from 1 to 200.
    w, b : float
        Where the balls start: w from 2 to 8, b from −4 to −1.
    learning_rate : float, default 0.3
    clip : float, default 0.5
        Largest norm of the clipped ball's gradient.
    updates : int, default 60
        How far both descend.

    Raises
    ------
    traitlets.TraitError
        For a value outside its range, or not a number.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
    figure 6.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> rw.Cliff()
    Cliff(steps=50, w=5.0, b=-2.2, learning_rate=0.3, clip=0.5)
    """

    _esm = STATIC / "cliff.js"

    steps = traitlets.Int(50, min=1, max=200).tag(sync=True)
    """Steps that the unit runs for, T."""
    w = Finite(5.0, min=WEIGHTS[0], max=WEIGHTS[1]).tag(sync=True)
    """Weight that the balls start from."""
    b = Finite(-2.2, min=BIASES[0], max=BIASES[1]).tag(sync=True)
    """Bias that the balls start from."""
    learning_rate = Finite(0.3, min=0.01, max=3.0).tag(sync=True)
    """Of both balls."""
    clip = Finite(0.5, min=0.05, max=5.0).tag(sync=True)
    """Largest norm of the clipped ball's gradient."""
    updates = traitlets.Int(60, min=1, max=500).tag(sync=True)
    """Updates of both balls."""

    def facts(self) -> dict[str, object]:
        """Length, place and settings."""
        names = ("w", "b", "learning_rate", "clip")
        return {"steps": self.steps} | {name: round(getattr(self, name), 3) for name in names}
