"""An impulse, three models that hear it, and their answers over time."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets
from torch import Tensor

from rnnviz.models import FiniteResponse, OutputFeedback, StateSpace, Verdict, judge_response
from rnnviz_widgets.base import STATIC, Finite, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait

MOST_STEPS = 2000
Model = FiniteResponse | OutputFeedback | StateSpace


class ResponseExplorer(Widget):
    """Shows how long a single input is felt by a window, a model that hears its own output, and one with a state.

    All is computed in the page while the controls move, and is the same as what `models` compute.

    Parameters
    ----------
    history : int
        N, the steps that the window looks back besides the present one.
    window_weight : float
        The window's weight for an input k steps old is this number to the power of k.
    feedback : float
        The weight with which the second model hears its last output.
    radius, angle : float
        The third model's state is two numbers. Each step turns it by an angle and stretches it.
    activation : {"linear", "tanh", "relu"}
        Of all three.
    steps : int
        Length of the sequence, 2 to 2000.
    at, size : int, float
        Step and height of the impulse.
    inputs : sequence of float
        What the models read besides the impulse, from the first step on; zeros unless given.
    scale : {"linear", "log"}
        Of the vertical axes.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.

    Raises
    ------
    traitlets.TraitError
        For a setting that is out of range or not finite.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> explorer = rw.ResponseExplorer(history=4, feedback=-0.9, radius=1.1)
    >>> explorer
    ResponseExplorer(window='stops', feedback='decays', state='explodes')
    >>> explorer.responses()["window"][:7].tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """

    _esm = STATIC / "response_explorer.js"

    cursor = CursorTrait()
    history = traitlets.Int(8, min=0, max=200).tag(sync=True)
    """N, the steps that the window looks back."""
    window_weight = Finite(1.0).tag(sync=True)
    """The window's weight for the input of k steps ago, to the power of k."""
    feedback = Finite(0.9).tag(sync=True)
    """Weight of the last output in the second model."""
    radius = Finite(0.9, min=0).tag(sync=True)
    """By how much a step stretches the state."""
    angle = Finite(0.0).tag(sync=True)
    """By how many degrees a step turns the state."""
    activation = traitlets.Enum(("linear", "tanh", "relu"), "linear").tag(sync=True)
    """What each model does with its sum."""
    steps = traitlets.Int(60, min=2, max=MOST_STEPS).tag(sync=True)
    """Length of the sequence."""
    at = traitlets.Int(0, min=0).tag(sync=True)
    """Step of the impulse; one past the end falls on the last step."""
    size = Finite(1.0).tag(sync=True)
    """Height of the impulse."""
    inputs: traitlets.List[float] = traitlets.List(traitlets.Float()).tag(sync=True)
    """What is read besides the impulse, from the first step on; zeros after its end."""
    scale = traitlets.Enum(("linear", "log"), "linear").tag(sync=True)
    """Of the vertical axes at first."""

    def __init__(self, *, cursor: Cursor | None = None, **options: Any) -> None:
        super().__init__(cursor=cursor, **options)

    @traitlets.validate("inputs")
    def _be_inputs(self, proposal: Any) -> list[float]:
        values: list[float] = proposal["value"]
        if not all(map(math.isfinite, values)):
            raise traitlets.TraitError(
                "inputs holds a value that is not finite; leave it out or fill it first."
            )
        if len(values) > MOST_STEPS:
            raise traitlets.TraitError(
                f"inputs has {len(values)} steps; at most {MOST_STEPS} are shown. Cut a piece out: "
                f"inputs[:{MOST_STEPS}]."
            )
        return values

    def models(self) -> dict[str, Model]:
        """Return the three models as they are now, as torch modules in float64 without bias.

        Returns
        -------
        dict of str to torch.nn.Module
            "window", "feedback" and "state"; each gives (time, batch, 1) for (time, batch, 1).
        """
        f = self.activation
        window = FiniteResponse(history=self.history, activation=f, bias=False).double()
        feedback = OutputFeedback(activation=f, bias=False).double()
        state = StateSpace(units=2, activation=f, bias=False).double()
        across = self.radius * math.cos(math.radians(self.angle))
        up = self.radius * math.sin(math.radians(self.angle))
        # A convolution's last weight is the one for the present step.
        ages = torch.arange(self.history, -1, -1)
        fading = torch.tensor(self.window_weight, dtype=torch.float64) ** ages
        for weight, values in (
            (window.window.weight, [[fading.tolist()]]),
            (feedback.from_input.weight, [[1.0]]),
            (feedback.from_output.weight, [[self.feedback]]),
            (state.cell.weight_ih, [[1.0], [0.0]]),
            (state.cell.weight_hh, [[across, -up], [up, across]]),
            (state.readout.weight, [[1.0, 0.0]]),
        ):
            weight.data.copy_(torch.tensor(values, dtype=torch.float64))
        return {"window": window, "feedback": feedback, "state": state}

    def responses(self) -> dict[str, Tensor]:
        """Return what the impulse adds to every output.

        Returns
        -------
        dict of str to Tensor, shape (time,)
            For "window", "feedback" and "state", computed by torch.
        """
        return {name: influence for name, (influence, _) in self._respond().items()}

    def verdicts(self) -> dict[str, Verdict]:
        """Return how each model's answer to the impulse goes on.

        Returns
        -------
        dict of str to rnnviz.models.Verdict
        """
        at = self._place()
        return {
            name: judge_response(influence[at:].tolist(), size[at:].tolist())
            for name, (influence, size) in self._respond().items()
        }

    def facts(self) -> dict[str, object]:
        """Say in a word how each model's answer to the impulse goes on."""
        return {name: verdict.fate for name, verdict in self.verdicts().items()}

    def _place(self) -> int:
        return min(self.at, self.steps - 1)

    def _respond(self) -> dict[str, tuple[Tensor, Tensor]]:
        """For each model the influence on its output, and on what it carries along."""
        x = torch.zeros(self.steps, 1, 1, dtype=torch.float64)
        given = self.inputs[: self.steps]
        x[: len(given), 0, 0] = torch.tensor(given, dtype=torch.float64)
        struck = x.clone()
        struck[self._place()] += self.size
        found = {}
        with torch.no_grad():
            for name, model in self.models().items():
                influence = (model(struck) - model(x)).flatten()
                size = influence.abs()
                if isinstance(model, StateSpace):
                    size = (model.cell(struck)[0] - model.cell(x)[0]).norm(dim=-1).flatten()
                found[name] = influence, size
        return found
