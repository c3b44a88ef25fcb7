"""A bar that says how far a training is: one line in a terminal, an element in a notebook or a dashboard."""

from __future__ import annotations

import html
import math
import shutil
import sys
import time
from collections import deque
from typing import Any, Protocol, TextIO

from rnnviz.training.step import Step

__all__ = ["Progress"]

RATE = 10
"""Most updates of the bar a second."""


class Display(Protocol):
    """Where a bar is shown."""

    def show(self, done: int, total: int | None, words: str, over: bool) -> None: ...


class Progress:
    """Shows steps made, loss, speed and time left.

    In a Jupyter kernel it is an ipywidget, in JupyterLab as in Voilà; elsewhere a line on ``stream``, which is
    overwritten in a terminal and written once, at the end, where it goes to a file.

    Parameters
    ----------
    total : int, optional
        Steps in all; without it there is no time left to tell.
    name : str
        What is going on, for screen readers and for the line.
    stream : text file, optional
        Write there, whatever the surroundings; by default standard error, outside of a kernel.

    Examples
    --------
    >>> import sys, torch
    >>> from rnnviz.training import train
    >>> x = torch.ones(3, 4, 1)
    >>> for step in train(torch.nn.Linear(1, 1), (x, x), steps=20, progress=True):
    ...     pass
    """

    def __init__(self, total: int | None, *, name: str = "training", stream: TextIO | None = None) -> None:
        self.total, self.name = total, name
        self._display: Display = _choose_display(name, stream)
        # Frames shown, for the speed of the last few seconds: a training that was paused heals.
        self._shown: deque[tuple[float, int]] = deque(maxlen=30)
        self._latest: Step | None = None
        self._over = False
        self._display.show(0, total, "not begun", False)

    def update(self, step: Step) -> None:
        """Take in a step; shown when the last update is a tenth of a second old."""
        now = time.monotonic()
        self._latest = step
        if self._shown and now - self._shown[-1][0] < 1 / RATE:
            return
        self._over = False
        self._shown.append((now, step.number + 1))
        self._display.show(step.number + 1, self.total, self._write(step), False)

    def finish(self, trouble: str = "") -> None:
        """Show the last step, and that it was the last; ``trouble`` says why, where that is not plain."""
        if self._over:
            return
        self._over = True
        made = self._latest.number + 1 if self._latest else 0
        words = f"loss {self._latest.loss:.3g}" if self._latest else "nothing to do"
        self._display.show(made, self.total, f"{words} · {trouble or 'done'}", True)

    def restart(self, made: int = 0) -> None:
        """Go back to the beginning, or to where a resumed training stands."""
        self._shown.clear()
        self._latest, self._over = None, False
        self._display.show(made, self.total, "not begun" if not made else "resumed", False)

    def _write(self, step: Step) -> str:
        words = [f"loss {step.loss:.3g}"]
        (first, before), (last, made) = self._shown[0], self._shown[-1]
        if last > first and made > before:
            speed = (made - before) / (last - first)
            words.append(f"{speed:.{0 if speed >= 10 else 1}f} steps/s")
            if self.total is not None:
                words.append(f"{_clock((self.total - made) / speed)} left")
        return " · ".join(words)


class _Line:
    """A line of text, overwritten in a terminal; anywhere else it comes once, at the end."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name, self._stream = name, stream
        self._terminal = stream.isatty()

    def show(self, done: int, total: int | None, words: str, over: bool) -> None:
        count = f"{done}/{total}" if total is not None else f"{done} steps"
        if not self._terminal:
            if over:
                print(f"{self._name}: {count} · {words}", file=self._stream, flush=True)
            return
        columns = shutil.get_terminal_size().columns - 1
        text = f"{count} · {words}"
        room = min(40, columns - len(self._name) - len(text) - 4)
        if total and room >= 8:
            filled = min(room, room * done // total)
            text = f"{'█' * filled}{'░' * (room - filled)}  {text}"
        line = f"{self._name}  {text}"[:columns]
        self._stream.write(f"\r\x1b[K{line}" + ("\n" if over else ""))
        self._stream.flush()


class _Element:
    """An ipywidget: updated by the kernel's own channel, so also long after its cell has run."""

    def __init__(self, name: str) -> None:
        from IPython.display import display
        from ipywidgets import HTML

        class Bar(HTML):  # type: ignore[misc]
            def __repr__(self) -> str:
                # The same on every run, since notebooks keep it.
                return f"Progress({name})"

        self._name = html.escape(name)
        self._bar = Bar()
        display(self._bar)  # type: ignore[no-untyped-call]

    def show(self, done: int, total: int | None, words: str, over: bool) -> None:
        count = f"{done} of {total}" if total is not None else f"{done} steps"
        words = html.escape(words)
        value = f'aria-valuenow="{done}"' if total is not None else ""
        # Without a total the bar is indeterminate while it runs, which is what leaving the width to the text
        # says.
        share = 100 * done / total if total else (100 if over else 0)
        self._bar.value = (
            f'<div role="progressbar" aria-label="{self._name}" aria-valuemin="0" aria-valuemax="{total or ""}" '
            f'{value} aria-valuetext="{count}, {words}" style="display:flex;flex-wrap:wrap;align-items:center;'
            'gap:4px 12px;line-height:1.5;color:var(--jp-ui-font-color1,inherit)">'
            '<span style="flex:0 1 240px;min-width:120px;height:8px;border-radius:4px;overflow:hidden;'
            'background:var(--jp-layout-color3,#ccc)"><span style="display:block;height:100%;'
            f'width:{share:.1f}%;background:var(--jp-brand-color1,#1976d2)"></span></span>'
            f'<span style="font-variant-numeric:tabular-nums">{count} · {words}</span></div>'
        )


def _choose_display(name: str, stream: TextIO | None) -> Display:
    if stream is not None or not _in_kernel():
        return _Line(name, stream or sys.stderr)
    try:
        return _Element(name)
    except ImportError:
        # A kernel without ipywidgets: its standard error is no terminal, so one line comes at the end.
        return _Line(name, sys.stderr)


def _in_kernel() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    return getattr(shell, "kernel", None) is not None


def _clock(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
