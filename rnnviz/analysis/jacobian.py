"""How each state depends on the one before it, and how a small change grows or fades.

The Jacobians of all steps follow from the gates by formula. Their eigenvalues, singular values and products are the
numbers behind vanishing and exploding gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.analysis.limits import LIMIT, refuse_size, require_formula
from rnnviz.arithmetic.kinds import KINDS
from rnnviz.arithmetic.states import States, cut_steps, mask_steps, reverse_time
from rnnviz.recording.trace import LayerTrace

__all__ = [
    "JacobianProduct",
    "JacobianSpectrum",
    "jacobian_product",
    "jacobian_spectrum",
    "jacobians",
    "spectral_radius",
]

#: How many bytes of Jacobians are held at a time.
CHUNK = 2**25


@torch.no_grad()
def jacobians(layer: LayerTrace, of: str = "hidden", *, limit: int = LIMIT) -> Tensor:
    """How each state depends on the one before it: ∂h_t/∂h_{t-1} at every step, from the gates.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    of : {"hidden", "state"}
        "hidden" gives ∂h_t/∂h_{t-1}, for an LSTM with c_{t-1} held fixed. "state" gives the Jacobian of
        everything an LSTM hands on, (h_t, c_t) with respect to (h_{t-1}, c_{t-1}): the one whose products say
        how a gradient grows or fades. For the other kinds both are the same.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    Tensor, shape (time, batch, unit, unit)
        Row i, column j: how unit i of the new state changes with unit j of the old one. For "state" of an
        LSTM, hidden units come first, then cells.

    Raises
    ------
    TypeError
        For a cell of your own, whose formula is unknown.
    ValueError
        For any other ``of``.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Notes
    -----
    Differentiating the equations of `rnnviz.steps`, with U for the rows of W_hh and slopes s = ∂(·)/∂z:
    RNN s U; GRU z + s_r U_r + s_z U_z + s_n U_n; LSTM ∂c_t/∂h_{t-1} = s_i U_i + s_f U_f + s_g U_g and
    ∂h_t/∂h_{t-1} = s_o U_o + o (1 - tanh² c_t) ∂c_t/∂h_{t-1}.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 3)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(5, 2, 1))
    >>> rv.flow.jacobians(trace["l0"]).shape
    torch.Size([5, 2, 3, 3])
    """
    if of not in ("hidden", "state"):
        raise ValueError(f'of is {of!r}; it must be "hidden" or "state".')
    states = require_formula(layer)
    steps, batch, units = states.hidden.shape
    cells = 0 if states.cell is None else states.cell.shape[-1]
    # An LSTM's are put together from two blocks, or from four.
    entries = (
        2 * units * units if not cells else 2 * ((units + cells) ** 2 if of == "state" else units * cells)
    )
    refuse_size(layer, "jacobians", steps * batch * entries, limit, "Record fewer sequences (sequences=[0])")
    found = _running_jacobians(states, whole_state=of == "state")
    if bool((states.lengths < len(found)).any()):
        found *= mask_steps(len(states.hidden), states.lengths)[..., None, None]
    return reverse_time(found, states.lengths) if layer.reverse else found


def _chunks(states: States) -> Iterator[tuple[int, States]]:
    """Cut the steps into parts whose Jacobians fit into `CHUNK` bytes, each with the step it starts at."""
    steps, batch, units = states.hidden.shape
    width = units if states.cell is None else units + states.cell.shape[-1]
    bytes_a_step = max(1, batch * width * max(width, states.input.shape[-1]) * states.hidden.itemsize)
    length = max(1, CHUNK // bytes_a_step)
    for start in range(0, steps, length):
        yield start, cut_steps(states, start, min(steps, start + length))


def _running_jacobians(states: States, *, whole_state: bool) -> Tensor:
    """Compute `jacobians` in running order."""
    return KINDS[states.kind].jacobian(states, whole_state=whole_state)


def spectral_radius(matrix: Tensor) -> Tensor:
    """Largest absolute eigenvalue of each square matrix.

    Parameters
    ----------
    matrix : Tensor, shape (…, unit, unit)

    Returns
    -------
    Tensor, shape (…)

    Raises
    ------
    ValueError
        When an entry is not a finite number.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.flow import spectral_radius
    >>> spectral_radius(torch.tensor([[0.0, 2.0], [0.5, 0.0]]))
    tensor(1.)
    """
    _refuse_infinite(matrix, "The matrix holds")
    radius: Tensor = torch.linalg.eigvals(matrix).abs().amax(-1)
    return radius


def _refuse_infinite(matrices: Tensor, what: str) -> None:
    """Raise where eigenvalues would be asked of entries that are not finite, which ends some processes."""
    if not bool(torch.isfinite(matrices).all()):
        raise ValueError(
            f"{what} values that are not finite numbers, so there is no spectrum. Find the first step where a state "
            "is not finite: `rnnviz.diagnose(trace)`."
        )


@dataclass(frozen=True, eq=False)
class JacobianSpectrum:
    """What each step's Jacobian does to a small change: how it turns it and how it stretches it.

    Attributes
    ----------
    eigenvalues : Tensor of complex numbers, shape (time, batch, size)
        Inside the unit circle a change fades if the same step is taken again and again, outside it grows.
    singular_values : Tensor, shape (time, batch, size)
        In falling order; the first is the most that one step can stretch any change.
    """

    eigenvalues: Tensor
    singular_values: Tensor


@torch.no_grad()
def jacobian_spectrum(layer: LayerTrace, of: str = "state", *, limit: int = LIMIT) -> JacobianSpectrum:
    """Take each step's Jacobian apart: its eigenvalues and its singular values, in double precision.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM.
    of : {"hidden", "state"}
        See `jacobians`. "state" has as many values as an LSTM has hidden units and cells together.
    limit : int
        How many bytes this may take; 4 GiB by default.

    Returns
    -------
    JacobianSpectrum
        In forward time order; padding is zero.

    Raises
    ------
    TypeError
        For a cell of your own, whose formula is unknown.
    ValueError
        For any other ``of``, and where a state is not a finite number.
    MemoryError
        Before anything is computed, when it would take more than ``limit``.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 2, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.25)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(3, 1, 1))
    >>> spectrum = rv.flow.jacobian_spectrum(trace["l0"])
    >>> spectrum.eigenvalues.abs().amax(-1).flatten()
    tensor([0.5000, 0.5000, 0.5000], dtype=torch.float64)
    >>> spectrum.singular_values.shape
    torch.Size([3, 1, 2])
    """
    states = require_formula(layer)
    steps, batch, units = states.hidden.shape
    size = units if states.cell is None or of != "state" else units + states.cell.shape[-1]
    # What they are put together from, and the same in double precision.
    values = steps * batch * size**2 * (2 + 8 // states.hidden.itemsize)
    refuse_size(layer, "jacobian_spectrum", values, limit, "Record fewer sequences (sequences=[0])")
    found = jacobians(layer, of, limit=limit).double()
    _refuse_infinite(found, f"The Jacobians of {layer.name} hold")
    return JacobianSpectrum(torch.linalg.eigvals(found), torch.linalg.svdvals(found))


@dataclass(frozen=True, eq=False)
class JacobianProduct:
    """Norms of ∂s_t/∂s_0 = J_t ⋯ J_1 and what bounds them, each (time, batch).

    Attributes
    ----------
    norm : Tensor
        The spectral norm of the product up to step t.
    bound : Tensor
        The product of the spectral norms of its factors, which it cannot exceed.
    radius : Tensor
        The product of the factors' spectral radii: no bound, but the rate that a constant Jacobian
        approaches.
    log_norm, log_bound, log_radius : Tensor
        Their natural logarithms, which go on where the numbers themselves have become 0 or infinite. 0 in the
        padding.
    """

    norm: Tensor
    bound: Tensor
    radius: Tensor
    log_norm: Tensor
    log_bound: Tensor
    log_radius: Tensor


@torch.no_grad()
def jacobian_product(layer: LayerTrace) -> JacobianProduct:
    """Follow a small change in the initial state: norms of the running product of the Jacobians.

    Parameters
    ----------
    layer : LayerTrace
        Of kind RNN, GRU or LSTM; for an LSTM the product is over its whole state (h, c).

    Returns
    -------
    JacobianProduct
        In running order: entry t belongs to the t-th step the layer took.

    Raises
    ------
    TypeError
        For a cell of your own, whose formula is unknown.
    ValueError
        Where a state is not a finite number.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> rnn = torch.nn.RNN(1, 2, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.25)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(3, 1, 1))
    >>> rv.flow.jacobian_product(trace["l0"]).norm.flatten()
    tensor([0.5000, 0.2500, 0.1250])
    """
    states = require_formula(layer)
    product = total = None
    norms, singular, radii = [], [], []
    for _, part in _chunks(states):
        factors = _running_jacobians(part, whole_state=True)
        _refuse_infinite(factors, f"The Jacobians of {layer.name} hold")
        if product is None or total is None:
            product = torch.eye(factors.shape[-1], dtype=factors.dtype, device=factors.device)
            total = factors.new_zeros(factors.shape[1])
        for factor in factors:
            product = factor @ product
            # Kept at unit size, so that a thousand steps of vanishing do not end in zeros.
            norm = torch.linalg.matrix_norm(product, 2)
            product = product / norm.clamp_min(torch.finfo(norm.dtype).tiny)[:, None, None]
            total = total + norm.log()
            norms.append(total)
        singular.append(torch.linalg.matrix_norm(factors, 2))
        radii.append(spectral_radius(factors))
    mask = mask_steps(len(states.hidden), states.lengths)
    logs = torch.stack(norms), torch.cat(singular).log().cumsum(0), torch.cat(radii).log().cumsum(0)
    return JacobianProduct(
        *(log.exp().masked_fill(~mask, 0) for log in logs), *(log.masked_fill(~mask, 0) for log in logs)
    )
