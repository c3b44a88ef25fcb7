"""Work in the background, under the control of a page that must stay responsive meanwhile."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from types import MethodType
from typing import Any, Protocol, TypeVar

import torch

__all__ = ["Runner", "Watchable"]

Result = TypeVar("Result")


class Watchable(Protocol):
    """What a `Runner` can run: `Training`, and anything else with these three methods."""

    def step(self) -> object:
        """Do the smallest piece of work; raise `StopIteration` when there is none left."""

    def frame(self) -> Any:
        """Return what to show of the work as it stands; called much less often than `step`."""

    def reset(self) -> None:
        """Go back to the beginning."""


class Runner:
    """Works in the background, under the control of a page: start, pause, step, reset, stop.

    The work is only ever touched by the runner's own thread, so nothing in it needs a lock; what others want
    of it they ask for with `call`. The thread never outlives its owner: it ends with `stop`, when the runner
    is no longer referred to, and when Python exits. An exception in the work ends up in `error` and in the
    state ``"failed"``.

    Parameters
    ----------
    work : Watchable
        What to run, for instance a `Training`.
    on_frame : callable, optional
        Called in the thread with each new frame. Of a bound method only a weak reference is kept, so that the
        runner does not keep its owner alive; a plain function is kept as it is.
    on_state : callable, optional
        Called in the thread with each new state; kept like ``on_frame``.
    rate : float, default 30
        Most frames a second, on average. When making frames takes more than a third of the time, there are fewer.

    Attributes
    ----------
    state : str
        ``"ready"``, ``"running"``, ``"paused"``, ``"finished"``, ``"failed"`` or ``"stopped"``.
    error : BaseException or None
        What the work, or a callback, raised.
    latest : object
        The latest frame, for those who would rather pull than be called; None before the first.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.training import Runner, train
    >>> x = torch.zeros(1, 4, 1)
    >>> runner = Runner(train(torch.nn.Linear(1, 1), (x, x), steps=5))
    >>> runner.start()
    >>> runner.wait(10)
    'finished'
    >>> runner.latest.number
    4
    >>> runner.stop()
    """

    def __init__(
        self,
        work: Watchable,
        on_frame: Callable[[Any], None] | None = None,
        on_state: Callable[[str], None] | None = None,
        *,
        rate: float = 30.0,
    ) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate!r} frames a second; it must be positive.")
        self._control = _Control(work, _weak(on_frame), _weak(on_state), 1 / rate)
        # The thread holds the control, not the runner; so the runner can be collected, which ends the thread.
        self._finaliser = weakref.finalize(self, _Control.quit, self._control)
        self._finaliser.atexit = False
        _controls.add(self._control)

    @property
    def state(self) -> str:
        """Ready, running, paused, finished, failed or stopped."""
        return self._control.state

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the work, None while all is well."""
        return self._control.error

    @property
    def latest(self) -> Any:
        """The latest frame; None before the first."""
        return self._control.latest

    def start(self) -> None:
        """Run until paused, finished or stopped; also goes on after a pause."""
        self._control.order(running=True)

    def pause(self) -> None:
        """Stop after the step being made; a last frame shows exactly where."""
        self._control.order(running=False)

    def step(self, count: int = 1) -> None:
        """Make ``count`` steps, then pause."""
        if count < 1:
            raise ValueError(f"step was asked for {count} steps; ask for at least 1.")
        self._control.order(running=False, steps=count)

    def reset(self) -> Future[Any]:
        """Pause, go back to the beginning, and show that; also the way out of a failure."""
        return self._control.reset()

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Have the thread call a function between two steps, then make a frame.

        The way to change a setting of the work, or to ask something of it, while it runs. The result, or the
        exception, is in the future that is returned; an exception here does not end the work.
        """
        return self._control.call(function, *arguments)

    def wait(self, timeout: float | None = None) -> str:
        """Wait until the thread has nothing left to do, or for ``timeout`` seconds; returns the state."""
        return self._control.wait(timeout)

    def stop(self) -> None:
        """End the thread, for good; waits for the step being made. Safe to call twice."""
        self._control.quit()
        self._control.join(10.0)

    def __repr__(self) -> str:
        return f"Runner({self.state})"


class _Control:
    """What a runner and its thread share: changes are made under the lock, callbacks in the thread."""

    def __init__(
        self,
        work: Watchable,
        on_frame: Callable[[], Callable[[Any], None] | None],
        on_state: Callable[[], Callable[[str], None] | None],
        interval: float,
    ) -> None:
        self.work, self.on_frame, self.on_state, self.interval = work, on_frame, on_state, interval
        self.state = self._told = "ready"
        self.error: BaseException | None = None
        self.latest: Any = None
        self._running, self._due = False, 0
        self._stale = False  # steps were made since the last frame
        self._busy = False
        self._calls: deque[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    # What the owner calls.

    def order(self, running: bool, steps: int = 0) -> None:
        with self._changed:
            self._refuse_when_over()
            if self.state == "failed":
                if not (running or steps):
                    return  # what has failed stands still already
                raise RuntimeError(f"The work has failed ({self.error}). Call reset() before going on.")
            if self.state == "finished":
                return
            self._running, self._due = running, steps
            if running:
                self.state = "running"
            elif steps or self.state == "running":
                self.state = "paused"
            self._wake()

    def reset(self) -> Future[Any]:
        with self._changed:
            self._refuse_when_over()
            self._running, self._due = False, 0
            return self.call(self._begin_again)

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        future: Future[Result] = Future()
        with self._changed:
            self._refuse_when_over()
            self._calls.append((future, function, arguments))
            self._wake()
        return future

    def wait(self, timeout: float | None) -> str:
        with self._changed:
            self._changed.wait_for(
                lambda: self.state == "stopped" or not (self._busy or self._wanted()), timeout
            )
            return self.state

    def quit(self) -> None:
        with self._changed:
            self.state = "stopped"
            self._running, self._due = False, 0
            for future, _, _ in self._calls:
                future.cancel()
            self._calls.clear()
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _refuse_when_over(self) -> None:
        if self.state == "stopped":
            raise RuntimeError("This runner was stopped, and its thread has ended. Make a new one.")

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="rnnviz-runner", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _wanted(self) -> bool:
        return bool(self._running or self._due or self._calls or self._stale or self._told != self.state)

    # What only the runner's thread calls.

    def _run(self) -> None:
        # One thread: on a machine with other work, torch's default slows small models down a hundredfold.
        torch.set_num_threads(1)
        due = 0.0
        while self._await_orders():
            with self._changed:
                calls = list(self._calls)
                self._calls.clear()
                go = not calls and (self._running or self._due > 0)
                if go:
                    # Taken off before it is made: steps ordered while it is being made are all still due.
                    self._due = max(0, self._due - 1)
            try:
                for call in calls:
                    self._answer(*call)
                if go:
                    self._advance()
                if calls or not (self._running or self._due) or time.perf_counter() >= due:
                    due = self._show(due)
            except Exception as error:
                self._fail(error)
        self._tell_state()

    def _await_orders(self) -> bool:
        """Wait until there is something to do; false when the thread is to end."""
        self._tell_state()
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.state == "stopped" or self._wanted())
            self._busy = True
            return self.state != "stopped"

    def _advance(self) -> None:
        try:
            self.work.step()
        except StopIteration:
            with self._changed:
                self._running, self._due = False, 0
                if self.state != "stopped":
                    self.state = "finished"
        else:
            with self._changed:
                self._stale = True

    def _show(self, due: float) -> float:
        """Make a frame and hand it on; returns when the next is due.

        A step that ends a little after ``due`` makes its frame late, but not the frame after it.
        """
        began = time.perf_counter()
        self._stale = False
        frame = self.work.frame()
        callback = self.on_frame()
        if frame is not None:
            self.latest = frame
            if callback is not None:
                callback(frame)
        now = time.perf_counter()
        clock = due if due <= began < due + self.interval else began
        return max(clock + self.interval, now + 2 * (now - began))

    def _answer(self, future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)

    def _begin_again(self) -> None:
        self.work.reset()
        with self._changed:
            self.error = None
            if self.state != "stopped":
                self.state = "ready"

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._running, self._due, self._stale, self.error = False, 0, False, error
            if self.state != "stopped":
                self.state = "failed"

    def _tell_state(self) -> None:
        if self._told != self.state:
            self._told = self.state
            callback = self.on_state()
            if callback is not None:
                try:
                    callback(self._told)
                except Exception as error:
                    # A callback that fails must not look like a training that stands still.
                    self._fail(error)
                    self._told = self.state


def _weak(callback: Callable[..., None] | None) -> Callable[[], Callable[..., None] | None]:
    if isinstance(callback, MethodType):
        return weakref.WeakMethod(callback)
    return lambda: callback


_controls: weakref.WeakSet[_Control] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    # A daemon thread inside torch while the interpreter is taken down ends in a crash; let each finish its
    # step.
    for control in list(_controls):
        control.quit()
    for control in list(_controls):
        control.join(2.0)
