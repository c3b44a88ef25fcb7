"""Echo-state networks: recurrent weights drawn once and left alone; only a linear readout is fitted.

H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD Report 148, 2001.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnviz.models.harvest import Recurrence, harvest

__all__ = ["EchoStateNetwork", "forget_start", "measure_memory_capacity", "normalised_error"]


class EchoStateNetwork(nn.Module):
    """A reservoir h_t = (1−a) h_{t−1} + a·f(s·W_in x_t + b + ρ·W h_{t−1}) with a readout y_t = W_out [1, h_t].

    W has spectral radius 1, so that ρ is that of the recurrent weights. With feedback the output of the step before
    comes in as well, W_fb y_{t−1} in the bracket: while the readout is fitted it is the true one, and once the network
    runs on its own, what it has just said.

    Parameters
    ----------
    units : int
        Size N of the state.
    inputs : int
        Features of the input.
    spectral_radius : float
        ρ, not negative.
    leak : float
        a, above 0 and at most 1; small is slow.
    input_scale : float
        s.
    bias_scale : float
        The biases b are drawn between −bias_scale and bias_scale; 0 for none.
    nonlinearity : {"tanh", "linear"}
        f.
    orthogonal : bool
        Whether W is a random orthogonal matrix; otherwise its entries are normal.
    density : float
        Share of W's entries that are not zero, each with this chance, above 0 and at most 1. A sparse reservoir runs
        faster where it is large (`rnnviz.models.harvest.Recurrence`); what it computes is the same.
    feedback_scale : float
        The feedback weights W_fb are drawn between −feedback_scale and feedback_scale; 0 for no feedback.
    outputs : int
        Features of the output, where it is fed back; without feedback `fit` finds out.
    squash : float, optional
        c, where the readout is to say tanh(y − c) in place of y. This is then what is fitted and fed back, and holds a
        series with peaks within what tanh units make; what goes in and comes out of the network's methods is y.
    seed : int
        Which random weights.

    Raises
    ------
    ValueError
        If a size, radius, leak, density, feedback or nonlinearity is out of its range; if W is to be orthogonal and
        sparse, or so sparse that it has no cycle, and hence no spectral radius to scale.

    Notes
    -----
    Where no gradient is asked for, which is the rule, the states are computed in place on the processor; gradients
    flow to the input and the first state where these require them.

    Feedback and squashing are those of H. Jaeger and H. Haas, "Harnessing nonlinearity: predicting chaotic systems and
    saving energy in wireless communication", Science 304, 2004. With feedback there need be no input.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import EchoStateNetwork
    >>> network = EchoStateNetwork(units=20)
    >>> states, last = network(torch.zeros(5, 1, 1))  # (time, batch, feature)
    >>> states.shape, last.shape
    (torch.Size([5, 1, 20]), torch.Size([1, 20]))

    A wave that keeps itself going, with no input at all:

    >>> wave = torch.sin(0.3 * torch.arange(320.0, dtype=torch.float64)).reshape(-1, 1, 1)
    >>> network = EchoStateNetwork(30, inputs=0, feedback_scale=0.5, bias_scale=0.2)
    >>> state = network.fit(torch.zeros(300, 1, 0), wave[:300])
    >>> on_its_own = network.generate(wave[299], 20, state)
    >>> bool((on_its_own - wave[300:]).abs().max() < 0.02)
    True
    """

    def __init__(
        self,
        units: int = 100,
        inputs: int = 1,
        *,
        spectral_radius: float = 0.9,
        leak: float = 1.0,
        input_scale: float = 1.0,
        bias_scale: float = 0.2,
        nonlinearity: str = "tanh",
        orthogonal: bool = False,
        density: float = 1.0,
        feedback_scale: float = 0.0,
        outputs: int = 1,
        squash: float | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if not 0 <= feedback_scale < math.inf or outputs < 1:
            raise ValueError(
                f"EchoStateNetwork was given feedback_scale={feedback_scale} and outputs={outputs}; the scale is not "
                "negative, and there is at least one output."
            )
        if units < 1 or inputs < (0 if feedback_scale else 1):
            raise ValueError(
                f"EchoStateNetwork was given units={units} and inputs={inputs}; both start at 1, but with feedback "
                "there need be no input."
            )
        if not 0 <= spectral_radius < math.inf or not 0 < leak <= 1:
            raise ValueError(
                f"EchoStateNetwork was given spectral_radius={spectral_radius} and leak={leak}; the radius is not "
                "negative, the leak lies above 0 and up to 1."
            )
        if nonlinearity not in ("tanh", "linear"):
            raise ValueError(
                f'EchoStateNetwork was given nonlinearity={nonlinearity!r}; it takes "tanh" or "linear".'
            )
        if not 0 < density <= 1 or (orthogonal and density < 1):
            raise ValueError(
                f"EchoStateNetwork was given density={density} and orthogonal={orthogonal}; the density lies above 0 "
                "and up to 1, and is 1 where W is to be orthogonal."
            )
        self.spectral_radius, self.leak, self.input_scale = spectral_radius, leak, input_scale
        self.nonlinearity, self.squash = nonlinearity, squash
        generator = torch.Generator().manual_seed(seed)
        recurrent = torch.randn(units, units, generator=generator, dtype=torch.float64)
        if orthogonal:
            recurrent = torch.linalg.qr(recurrent).Q
        else:
            if density < 1:
                recurrent *= torch.rand(units, units, generator=generator, dtype=torch.float64) < density
            radius = torch.linalg.eigvals(recurrent).abs().max()
            if not radius > 1e-12 * recurrent.abs().max():
                raise ValueError(
                    f"With density={density}, none of {units} units leads back to itself, so that W has no spectral "
                    "radius to scale; take more units, a higher density, or another seed."
                )
            recurrent = recurrent / radius
        uniform = torch.rand(units, inputs + 1, generator=generator, dtype=torch.float64) * 2 - 1
        # Buffers, not parameters: nobody trains them, and state dicts keep them all the same.
        self.weight_hh: Tensor
        self.weight_ih: Tensor
        self.bias: Tensor
        self.weight_out: Tensor
        self.weight_fb: Tensor | None
        self.register_buffer("weight_hh", recurrent)
        self.register_buffer("weight_ih", uniform[:, :inputs])
        self.register_buffer("bias", bias_scale * uniform[:, inputs])
        self.register_buffer("weight_out", torch.zeros(outputs, units + 1, dtype=torch.float64))
        drawn = None
        if feedback_scale:
            drawn = torch.rand(units, outputs, generator=generator, dtype=torch.float64) * 2 - 1
            drawn *= feedback_scale
        self.register_buffer("weight_fb", drawn)

    @property
    def units(self) -> int:
        """Size of the state."""
        return self.weight_hh.shape[0]

    def eigenvalues(self) -> Tensor:
        """Return those of the linear part (1−a)·I + a·ρ·W, complex, shape (unit,)."""
        own: Tensor = torch.linalg.eigvals(self.weight_hh)
        return (1 - self.leak) + self.leak * self.spectral_radius * own

    def forward(
        self, inputs: Tensor, state: Tensor | None = None, before: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Run the reservoir.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
            The input; computed in float64.
        state : Tensor, shape (batch, unit), optional
            The state before the first step; zeros unless given.
        before : Tensor, shape (time, batch, output), optional
            With feedback, the output of the step before each; the network does not run on its own here, but in
            `generate`.

        Returns
        -------
        states : Tensor, shape (time, batch, unit)
        last : Tensor, shape (batch, unit)

        Raises
        ------
        ValueError
            If a shape is wrong, or ``before`` is given without feedback or missing with it.
        """
        return self._run(inputs, state, None if before is None else self._squash(before), self._recurrence())

    def _run(
        self, inputs: Tensor, state: Tensor | None, fed_back: Tensor | None, recurrence: Recurrence
    ) -> tuple[Tensor, Tensor]:
        if inputs.dim() != 3 or inputs.shape[2] != self.weight_ih.shape[1]:
            raise ValueError(
                f"The input has shape {tuple(inputs.shape)}; it must be (time, batch, "
                f"{self.weight_ih.shape[1]}), the last for the features."
            )
        driven = inputs.to(self.weight_ih) @ (self.input_scale * self.weight_ih.T)
        driven += self.bias
        if (fed_back is None) != (self.weight_fb is None):
            raise ValueError(
                "The network has no feedback, so that no output before each step can be given."
                if self.weight_fb is None
                else "The network has feedback: give the output before each step, (time, batch, output)."
            )
        if fed_back is not None and self.weight_fb is not None:
            wanted = (*inputs.shape[:2], self.weight_fb.shape[1])
            if fed_back.shape != wanted:
                raise ValueError(
                    f"The output before each step has shape {tuple(fed_back.shape)}; it must be {wanted}, (time, "
                    "batch, output)."
                )
            driven = driven + fed_back.to(driven) @ self.weight_fb.T
        if state is None:
            state = driven.new_zeros(driven.shape[1:])
        elif state.shape != driven.shape[1:]:
            raise ValueError(
                f"The state has shape {tuple(state.shape)}; it must be (batch, unit), here {tuple(driven.shape[1:])}."
            )
        states = harvest(
            driven, state.to(driven), recurrence, leak=self.leak, tanh=self.nonlinearity == "tanh"
        )
        return states, states[-1].clone() if len(states) else state

    def _recurrence(self) -> Recurrence:
        return Recurrence(self.spectral_radius * self.weight_hh)

    def _squash(self, outputs: Tensor) -> Tensor:
        outputs = outputs.to(self.weight_ih)
        return outputs if self.squash is None else (outputs - self.squash).tanh()

    def fit(self, inputs: Tensor, targets: Tensor, *, ridge: float = 1e-6, washout: int = 100) -> Tensor:
        """Fit the readout by ridge regression; nothing else learns.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
        targets : Tensor, shape (time, batch, output)
            With feedback they are also what is fed back, each in the step after; in the first step, nothing is.
        ridge : float
            Weight of the squared size of the readout, not negative.
        washout : int
            First steps left out, while the reservoir still remembers its start.

        Returns
        -------
        Tensor, shape (batch, unit)
            The state after the last step, to go on from with `generate`.

        Raises
        ------
        ValueError
            If inputs and targets differ in steps or batch, or the washout leaves nothing.
        """
        if inputs.shape[:2] != targets.shape[:2]:
            raise ValueError(
                f"The inputs have shape {tuple(inputs.shape)} and the targets {tuple(targets.shape)}; "
                "time and batch must agree."
            )
        if not 0 <= washout < len(inputs):
            raise ValueError(f"A washout of {washout} leaves nothing of {len(inputs)} steps.")
        said = self._squash(targets)
        late = None if self.weight_fb is None else torch.cat([torch.zeros_like(said[:1]), said[:-1]])
        states, last = self._run(inputs, None, late, self._recurrence())
        seen = _with_one(states[washout:]).flatten(0, 1)
        wanted = said[washout:].flatten(0, 1)
        self.weight_out = fit_ridge(seen, wanted, ridge).T
        return last

    def read(self, states: Tensor) -> Tensor:
        """Return the readout's outputs, shape (..., output), for states of shape (..., unit)."""
        outputs: Tensor = _with_one(states) @ self.weight_out.T
        if self.squash is None:
            return outputs
        # No y is as large as to be squashed to 1; a network that has run away may say so all the same.
        most = 1 - torch.finfo(outputs.dtype).eps
        return outputs.clamp(-most, most).atanh() + self.squash

    def generate(self, first: Tensor, steps: int, state: Tensor, inputs: Tensor | None = None) -> Tensor:
        """Let the network run on its own output.

        Parameters
        ----------
        first : Tensor, shape (batch, feature)
            The input of the first step; with feedback, the output before it, (batch, output).
        steps : int
            How many outputs to make.
        state : Tensor, shape (batch, unit)
            Where the reservoir stands, as `fit` returns it.
        inputs : Tensor, shape (time, batch, feature), optional
            With feedback, what comes in meanwhile; zeros unless given.

        Returns
        -------
        Tensor, shape (time, batch, output)

        Raises
        ------
        ValueError
            If inputs are given without feedback, or are not as many as the steps.
        """
        recurrence, outputs, given = self._recurrence(), [], first.to(self.weight_ih)
        if inputs is None:
            inputs = given.new_zeros(steps, len(given), self.weight_ih.shape[1])
        elif self.weight_fb is None or len(inputs) != steps:
            raise ValueError(
                "The network has no feedback: its output is its next input, and no other can be given."
                if self.weight_fb is None
                else f"The inputs have {len(inputs)} steps for {steps} outputs; give one for each."
            )
        for step in range(steps):
            if self.weight_fb is None:
                _, state = self._run(given[None], state, None, recurrence)
            else:
                _, state = self._run(inputs[step : step + 1], state, self._squash(given)[None], recurrence)
            given = self.read(state)
            outputs.append(given)
        return torch.stack(outputs)


def fit_ridge(features: Tensor, targets: Tensor, ridge: float) -> Tensor:
    """Return the weights, (feature, output), with the least squared error plus ``ridge`` times their squared size.

    Parameters
    ----------
    features : Tensor, shape (sample, feature)
    targets : Tensor, shape (sample, output)
    ridge : float
        Not negative.
    """
    if ridge < 0:
        raise ValueError(f"A ridge of {ridge} would reward large weights; give 0 or more.")
    if not ridge:
        exact: Tensor = torch.linalg.lstsq(features, targets, driver="gelsd").solution
        return exact
    # The ridge as so many more samples: the normal equations would square what the states differ in size, and lose the
    # faintest of them to rounding.
    size = features.shape[1]
    more = torch.cat([features, math.sqrt(ridge) * torch.eye(size, dtype=features.dtype)])
    wanted = torch.cat([targets, targets.new_zeros(size, targets.shape[1])])
    weights: Tensor = torch.linalg.lstsq(more, wanted, driver="gels").solution
    return weights


def measure_memory_capacity(
    network: EchoStateNetwork,
    delays: int,
    *,
    steps: int = 1000,
    washout: int = 100,
    ridge: float = 1e-9,
    seed: int = 0,
) -> Tensor:
    """Measure how much of an input k steps ago a linear readout can still say, for k = 1 … delays.

    The input is white noise between −0.8 and 0.8. A readout is fitted for each delay on the first half and judged
    on the second, which it has not seen: judged on the first half alone, every delay would seem remembered a little.

    Parameters
    ----------
    network : EchoStateNetwork
        With one input.
    delays : int
        The longest delay.
    steps : int
        Steps of each half.
    washout : int
        Steps before the first half.
    ridge : float
        Of the readouts.
    seed : int
        Which noise.

    Returns
    -------
    Tensor, shape (delays,)
        Squared correlation between what was said and what was, 0 to 1. Their sum is the memory capacity, at most the
        number of units (Jaeger, "Short term memory in echo state networks", GMD Report 152, 2002).

    Examples
    --------
    >>> from rnnviz.models import EchoStateNetwork, measure_memory_capacity
    >>> network = EchoStateNetwork(10, nonlinearity="linear", orthogonal=True, bias_scale=0)
    >>> 8 < measure_memory_capacity(network, 20).sum() <= 10
    tensor(True)
    """
    if delays < 1 or steps <= network.units:
        raise ValueError(
            f"measure_memory_capacity was given delays={delays} and steps={steps}; there is at least one delay, and "
            f"more steps than the {network.units} units, or every delay could be fitted."
        )
    generator = torch.Generator().manual_seed(seed)
    total = washout + delays + 2 * steps
    noise = 1.6 * torch.rand(total, generator=generator, dtype=torch.float64) - 0.8
    states, _ = network(noise[:, None, None])
    begin = washout + delays
    seen = _with_one(states[begin:, 0])
    wanted = torch.stack([noise[begin - k : total - k] for k in range(1, delays + 1)], dim=1)
    said = seen[steps:] @ fit_ridge(seen[:steps], wanted[:steps], ridge)
    return _squared_correlation(said, wanted[steps:])


def forget_start(network: EchoStateNetwork, inputs: Tensor) -> Tensor:
    """Return ‖h_t − h'_t‖ for two different starts under the same input, shape (time,).

    It falls to nothing where the network has the echo-state property for this input.

    Parameters
    ----------
    network : EchoStateNetwork
    inputs : Tensor, shape (time, 1, feature)
    """
    ones = torch.ones(1, network.units, dtype=torch.float64)
    (one, _), (other, _) = network(inputs, 0.5 * ones), network(inputs, -0.5 * ones)
    distance: Tensor = (one - other).norm(dim=-1)[:, 0]
    return distance


def normalised_error(forecast: Tensor, truth: Tensor) -> Tensor:
    """Return the root of the mean squared error over the truth's standard deviation; 1 is as bad as its mean."""
    if forecast.shape != truth.shape:
        raise ValueError(
            f"The forecast has shape {tuple(forecast.shape)} and the truth {tuple(truth.shape)}; they must agree."
        )
    error: Tensor = (forecast - truth).square().mean().sqrt() / truth.std(unbiased=False)
    return error


def _with_one(states: Tensor) -> Tensor:
    return torch.cat([torch.ones_like(states[..., :1]), states], dim=-1)


def _squared_correlation(said: Tensor, wanted: Tensor) -> Tensor:
    said, wanted = said - said.mean(0), wanted - wanted.mean(0)
    both = (said * wanted).sum(0).square()
    size = said.square().sum(0) * wanted.square().sum(0)
    return torch.where(size > 0, both / size.clamp(min=torch.finfo(size.dtype).tiny), 0.0)
