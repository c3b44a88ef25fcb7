"""Runs code that may be unfinished, wrong or endless, within a time limit."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PRINTED_AT_MOST = 600
"""Characters of a student's own printing that are shown."""
LINES_AT_MOST = 8
"""Lines of it."""


class TookTooLongError(BaseException):
    """Raised inside code that ran past its time; no ``except Exception`` of the student's can swallow it."""


@dataclass(frozen=True)
class Outcome:
    """What a call came to: a value or an error, what was printed on the way, and how long it took."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    seconds: float = 0.0


class _Printed(io.StringIO):
    """What a student prints: no more than is shown, so that an endless loop does not fill the memory."""

    def write(self, text: str) -> int:
        if self.tell() <= PRINTED_AT_MOST:
            super().write(text[: PRINTED_AT_MOST + 1])
        return len(text)

    def close(self) -> None:
        """Stay open: what was printed is still to be read."""


def call_bounded(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Outcome:
    """Call a function and give up after `seconds`.

    Only Python code can be stopped: a single call of a compiled routine is waited for.

    Parameters
    ----------
    function : callable
        The student's function.
    arguments : tuple
        Its arguments.
    seconds : float
        When to give up.

    Returns
    -------
    Outcome
        The value, or whatever ended it (`TookTooLongError` when time ran out; a request to end Python, or an
        interrupt, is an outcome as well), what was printed, and how long it took.

    Examples
    --------
    >>> call_bounded(abs, (-2,), seconds=1.0).value
    2
    """
    printed = _Printed()
    value, error = None, None
    alarm = _Alarm(seconds)
    began = time.perf_counter()
    with contextlib.redirect_stdout(printed):
        try:
            alarm.start()
            value = function(*arguments)
            alarm.wanted = False
        except BaseException as raised:  # a student's code may raise anything at all
            # First of all, and before any call: from here on no new alarm is given.
            alarm.wanted = False
            error = raised
        while not alarm.stopped:
            try:
                alarm.stop()
            except TookTooLongError:
                # Not by `suppress`: that is a call, in which it could arrive as well.
                continue
    took = time.perf_counter() - began
    return Outcome(
        value=value if error is None else None,
        error=error,
        printed=_shorten(printed.getvalue()),
        seconds=took,
    )


def _shorten(printed: str) -> str:
    lines = printed[:PRINTED_AT_MOST].splitlines(keepends=True)
    short = "".join(lines[:LINES_AT_MOST])
    return f"{short}…" if len(short) < len(printed) else short


class _Watch(threading.Thread):
    """Gives the alarms of all calls that run; one thread for all, since starting one takes longer than most calls."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="watch")
        self.alarms: set[_Alarm] = set()
        # Taken by itself, not by way of the condition: that would be a call, in which an alarm could leave it locked.
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.until = 0.0
        """When it looks up next."""

    def run(self) -> None:
        """Give each alarm at its time, and again, as long as its call runs; end when there is nothing to do."""
        with self.lock:
            while self.alarms or time.monotonic() < self.until:
                for alarm in self.alarms:
                    alarm.give()
                now = time.monotonic()
                self.until = min((alarm.at for alarm in self.alarms), default=now + IDLE_SECONDS)
                if not self.changed.wait(max(0.0, self.until - now)) and not self.alarms:
                    break
            self.until = 0.0


IDLE_SECONDS = 5.0
"""How long the thread that gives alarms waits for another call."""
AGAIN_SECONDS = 0.05
"""Time between two alarms: a bare `except:` in a student's loop may swallow the first."""

_watch = _Watch()


def _start_anew() -> None:
    """In a process made by a fork there is no thread, and its lock may be taken for ever."""
    global _watch
    _watch = _Watch()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


class _Alarm:
    """Raises TookTooLongError in the thread that starts it. Signals would do it too, but not on Windows."""

    def __init__(self, seconds: float) -> None:
        self.wanted, self.given, self.stopped = True, False, False
        self.at = time.monotonic() + seconds
        self._here = ctypes.c_ulong(threading.get_ident())
        self._watch = _watch

    def start(self) -> None:
        """Be given when the time has come."""
        global _watch
        while True:
            watch = _watch
            with watch.lock:
                if watch.ident is None or (watch.is_alive() and watch.until > 0.0):
                    watch.alarms.add(self)
                    self._watch = watch
                    if watch.ident is None:
                        watch.until = self.at
                        watch.start()
                    elif self.at < watch.until:
                        watch.changed.notify()
                    return
                _watch = _Watch()

    def give(self) -> None:
        """Raise the error if it is time; the watch calls this, and holds the lock."""
        if (now := time.monotonic()) < self.at:
            return
        self.at = now + AGAIN_SECONDS
        if self.wanted:
            self.given = True
            self._raise()

    def stop(self) -> None:
        """Stop, or raise the last alarm here; then it is to be called again."""
        with self._watch.lock:
            self.wanted = False
            self._watch.alarms.discard(self)
            # One that was given but has not arrived yet must not hit what runs next, so it is made to arrive here,
            # once. (Taking it back, by giving None, would leave Python looking for it for ever, and profilers hanging.)
            if self.given:
                self.given = False
                self._raise()
            self.stopped = True

    def _raise(self) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._here, ctypes.py_object(TookTooLongError))
