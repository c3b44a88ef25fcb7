"""The unrolled graph of a network at work on one of the tiny tasks, with inputs and outputs where they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rnnviz
from rnnviz_widgets.cursor import Cursor
from rnnviz_widgets.unrolled_graph import UnrolledGraph

if TYPE_CHECKING:
    from rnnviz.data import ShapeTask
    from rnnviz.models import ReadingWriter, StepAnswerer

SHOWN = 12


def draw_shape(
    task: ShapeTask, model: StepAnswerer | ReadingWriter, *, cursor: Cursor | None = None
) -> UnrolledGraph:
    """Record a network on a task, forward and backward, and draw it in its shape.

    Parameters
    ----------
    task : ShapeTask
        From `rnnviz.data`; of many sequences, twelve are drawn.
    model : StepAnswerer or ReadingWriter
        From `rnnviz.models.learn_shape`.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.

    Returns
    -------
    UnrolledGraph
        Spread out in time; its title is the shape.

    Examples
    --------
    >>> from rnnviz.data import repeat_later
    >>> from rnnviz.models import build_for_shape
    >>> task = repeat_later()
    >>> draw_shape(task, build_for_shape(task))
    UnrolledGraph(layers=['memory.l0'], kind='GRU', steps=6, sequences=12, units=5)
    """
    from rnnviz.models import shape_loss

    batch = len(task.lengths)
    shown = task.pick([k * batch // SHOWN for k in range(SHOWN)] if batch > SHOWN else range(batch))
    with rnnviz.record(model) as trace:
        shape_loss(model, shown).backward()  # type: ignore[no-untyped-call]
    model.zero_grad()
    # Where all that comes out is in the cost, a row of costs would say nothing.
    left_out = bool((shown.outputs_at != shown.in_cost).any())
    return UnrolledGraph(
        trace,
        cursor=cursor,
        folded=False,
        labels=shown.words,
        in_cost=shown.in_cost if left_out else None,
        readout=model.readout,
        activation="softmax" if task.classes else "identity",
        classes=task.classes,
        inputs_at=shown.inputs_at,
        outputs_at=shown.outputs_at,
        title=task.shape,
    )
