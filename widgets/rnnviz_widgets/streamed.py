"""Widgets whose work runs in the background while its results are streamed to the page."""

from __future__ import annotations

import difflib
import inspect
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

import traitlets

from rnnviz.training import Runner, Watchable
from rnnviz_widgets.base import Widget

#: Seconds that a change may take: one update, and the building of new networks.
PATIENCE = 60.0


class Streamed(Widget):
    """A widget with a `rnnviz.training.Runner`: the page starts, pauses and resets it, and gets its frames.

    The thread ends with the widget, pauses when no page has shown a frame for a while, and what goes wrong in it is
    shown on the page. Subclasses call `_work_on` once, say in `_pack_frame` and `_pack_buffers` what the page is
    sent, and answer in `_answer` what else it may ask.
    """

    frame: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """The last frame at rest, for a page that opens later, or without Python."""
    answered = traitlets.Int(0).tag(sync=True)
    """Number of the page's last request that was carried out."""

    rate = 12.0
    """Most frames a second."""
    in_flight = 2
    """Frames on their way to the page; the next one waits, and only the latest does."""
    unwatched = 30.0
    """Seconds after which work that nobody watches pauses."""
    _made_from = ""
    """A sentence on what to make the widget from, where some have nothing to run."""
    _working: Runner | None = None

    def _work_on(self, work: Watchable) -> None:
        self._link = threading.Lock()
        self._sent = self._seen = 0
        self._last_seen = time.monotonic()
        self._waiting: Any = None
        self._kept: Any = None
        self._working = Runner(work, self._show, self._tell_state, rate=self.rate)
        self.on_msg(self._receive)

    @property
    def _runner(self) -> Runner:
        if self._working is None:
            raise RuntimeError(f"This {type(self).__name__} holds no training. {self._made_from}".strip())
        return self._working

    @classmethod
    def _refuse_options(cls, unknown: Iterable[str], more: Iterable[str] = ()) -> None:
        """Refuse options that the constructor does not take, by its own names and some more."""
        parameters = inspect.signature(cls).parameters.values()
        options = [one.name for one in parameters if one.kind is not one.VAR_KEYWORD] + list(more)
        for name in unknown:
            close = difflib.get_close_matches(name, options, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"It takes {', '.join(options)}."
            raise TypeError(f"{cls.__name__} has no option {name!r}. {hint}")

    def _pack_frame(self, frame: Any) -> dict[str, Any]:
        """Return what the page needs of a frame, as JSON."""
        raise NotImplementedError

    def _pack_buffers(self, frame: Any) -> list[bytes]:
        """Return what of a frame goes to the page as binary buffers."""
        return []

    # For Python.

    @property
    def state(self) -> str:
        """Ready, running, paused, finished, failed or stopped."""
        return self._runner.state

    @property
    def error(self) -> BaseException | None:
        """What ended the work, None while all is well."""
        return self._runner.error

    def start(self) -> None:
        """Run in the background until paused or finished."""
        self._last_seen = time.monotonic()
        self._runner.start()

    def pause(self) -> None:
        """Stop after the update being made."""
        self._runner.pause()

    def wait(self, timeout: float | None = None) -> str:
        """Wait until nothing runs any more, or until a number of seconds has passed; return the state."""
        state = self._runner.wait(timeout)
        self._keep_latest()
        return state

    def train(self, updates: int) -> None:
        """Make a number of updates, and come back when they are made.

        Parameters
        ----------
        updates : int
            At least 1.

        Raises
        ------
        RuntimeError
            If there is nothing to train, or the work fails, with what failed as its cause.
        """
        self._runner.step(updates)
        self.wait()
        if self._runner.error is not None:
            raise RuntimeError(f"The training failed: {self._runner.error}") from self._runner.error

    def reset(self) -> None:
        """Go back to the beginning."""
        self._call(self._runner.reset())
        # The frame of the beginning is made after that.
        self._runner.wait(PATIENCE)
        self._keep_latest()

    def close(self) -> None:
        """End the work and take the widget off the page."""
        # Also one with nothing to run, and one that could not be built.
        if self._working is not None:
            self._working.stop()
        super().close()

    # What the runner's thread calls.

    def _show(self, frame: Any) -> None:
        with self._link:
            if self._sent - self._seen >= self.in_flight:
                self._waiting = frame
                if time.monotonic() - self._last_seen > self.unwatched and self._runner.state == "running":
                    self._runner.pause()
                return
            self._dispatch(frame)

    def _dispatch(self, frame: Any) -> None:
        self._waiting = None
        self._sent += 1
        message = {"kind": "frame", "number": self._sent, "frame": self._pack_frame(frame)}
        self.send(message, self._pack_buffers(frame))

    def _tell_state(self, state: str) -> None:
        error = self._runner.error
        said = None if error is None else str(error) or type(error).__name__
        self.send({"kind": "state", "state": state, "error": said})

    # What the page asks for.

    def _receive(self, _: object, message: object, buffers: Sequence[memoryview]) -> None:
        if not isinstance(message, dict):
            return
        try:
            self._answer(str(message.get("kind")), message, buffers)
        except Exception as error:
            # Also a defect of ours must reach the reader, and not only a log that nobody sees.
            text = str(error) or f"{type(error).__name__} in the training."
            if message.get("kind") == "compute":
                self.send({"kind": "error", "number": message.get("number"), "message": text})
            else:
                self.send({"kind": "problem", "message": text})

    def _answer(self, kind: str, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        """Do what a message asks; one of an unknown kind is passed over."""
        if kind == "hello":
            # What went to an earlier page is not waited for.
            with self._link:
                self._seen, self._last_seen = self._sent, time.monotonic()
                if self._runner.latest is not None:
                    self._dispatch(self._runner.latest)
            self._tell_state(self._runner.state)
        elif kind == "seen":
            with self._link:
                self._seen, self._last_seen = max(self._seen, int(message["number"])), time.monotonic()
                if self._waiting is not None and self._sent - self._seen < self.in_flight:
                    self._dispatch(self._waiting)
                    return
            # Nothing more is under way: what the page has seen last is what a later one begins with.
            if self._runner.state != "running":
                self._keep_latest()
        elif kind == "do":
            orders: dict[str, Callable[[], object]] = {
                "start": self.start,
                "pause": self.pause,
                "reset": self.reset,
                "step": lambda: self._runner.step(int(message.get("count", 1))),
            }
            orders[str(message["name"])]()

    def _call(self, future: Future[Any]) -> Any:
        """Wait for what the runner's thread was asked to do."""
        try:
            return future.result(PATIENCE)
        except TimeoutError:
            # What was asked for may have raised one of its own.
            if future.done():
                raise
            raise TimeoutError(
                f"The training has not answered for {PATIENCE:.0f} seconds; a single update seems to take longer. "
                "Choose fewer units, shorter sequences or windows, or a smaller batch."
            ) from None

    def _keep_latest(self) -> None:
        latest = self._runner.latest
        if latest is not None and latest is not self._kept:
            self._kept = latest
            self._keep(latest)

    def _keep(self, frame: Any) -> None:
        """Put a frame into the widget's state."""
        self.frame = self._pack_frame(frame)
