"""What scripts reach for in MicroPython's `asyncio.core`.

Tasks, timers, waits and the loop itself are native code; this module gives them MicroPython's names, and holds the few
that are only names: the `Loop` with its exception handler, and the module's variables.
"""

import atexit
import os
import sys

from . import _native
from ._native import (
    CancelledError,
    DeadlockError,
    Task,
    TaskQueue,
    TimeoutError,
    create_task,
    current_task,
    gather,
    run,
    run_until_complete,
    sleep,
    sleep_ms,
    ticks,
    wait_for,
    wait_for_ms,
)

_native.check_interpreter()

# As in MicroPython's port for Unix.
TICKS_PERIOD = 1 << 62

# What an exception handler's context looks like; each report gets one of its own.
_exc_context = {"message": "Task exception wasn't retrieved", "exception": None, "future": None}


def ticks_add(ticks, delta):
    """The ticks that come `delta` milliseconds (or whatever the unit is) after `ticks`.

    Raises OverflowError for half the ticks that there are, or more.
    """
    if not -TICKS_PERIOD // 2 < delta < TICKS_PERIOD // 2:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & (TICKS_PERIOD - 1)


def ticks_diff(end, start):
    """How many ticks `end` comes after `start`, over the point where ticks wrap around too."""
    return ((end - start + TICKS_PERIOD // 2) & (TICKS_PERIOD - 1)) - TICKS_PERIOD // 2


class IOQueue:
    """The tasks that wait for streams: objects that have `fileno()`."""

    def queue_read(self, s):
        """Has the running task wait until `s` can be read; to be yielded, or awaited, at once."""
        return _native.queue_read(s)

    def queue_write(self, s):
        """Has the running task wait until `s` can be written; to be yielded, or awaited, at once."""
        return _native.queue_write(s)

    def remove(self, task):
        """Takes a task out."""
        _native.task_queue.remove(task)


def _promote_to_task(aw):
    return aw if isinstance(aw, Task) else create_task(aw)


async def _stopper():
    pass


_stop_task = None


class Loop:
    """The event loop. There is one, so this is a namespace rather than a class to make instances of."""

    _exc_handler = None

    @staticmethod
    def create_task(coro):
        """Makes a task of a coroutine and schedules it; see `create_task`."""
        return create_task(coro)

    @staticmethod
    def run_forever():
        """Runs the loop until `stop()` is called."""
        global _stop_task
        outer = _stop_task
        _stop_task = Task(_stopper())
        try:
            run_until_complete(_stop_task)
        finally:
            if _stop_task is not None:
                _stop_task.coro.close()
            _stop_task = outer

    @staticmethod
    def run_until_complete(aw):
        """Runs the loop until an awaitable has finished, and returns its value."""
        return run_until_complete(_promote_to_task(aw))

    @staticmethod
    def stop():
        """Has `run_forever()` return once the tasks that are ready now have had their turn."""
        global _stop_task
        if _stop_task is not None:
            _native.task_queue.push(_stop_task)
            _stop_task = None

    @staticmethod
    def close():
        """Does nothing, as in MicroPython."""

    @staticmethod
    def set_exception_handler(handler):
        """Sets who is called, with the loop and a context, for an exception that nobody retrieves; None: the default."""
        if handler is not None and not callable(handler):
            raise TypeError("an exception handler is a callable or None")
        Loop._exc_handler = handler

    @staticmethod
    def get_exception_handler():
        """The handler that was set, or None."""
        return Loop._exc_handler

    @staticmethod
    def default_exception_handler(loop, context):
        """Prints what happened to the standard error stream."""
        print(context["message"], file=sys.stderr)
        future = context["future"]
        print("future:", future, "coro=", getattr(future, "coro", None), file=sys.stderr)
        exception = context["exception"]
        if exception is not None:
            import traceback

            traceback.print_exception(type(exception), exception, exception.__traceback__, file=sys.stderr)

    @staticmethod
    def call_exception_handler(context):
        """Calls the handler that was set, or the default one."""
        (Loop._exc_handler or Loop.default_exception_handler)(Loop, context)


def _report(task, exception):
    context = dict(_exc_context, exception=exception, future=task)
    Loop.call_exception_handler(context)


_native.set_reporter(_report)


def get_event_loop(runq_len=0, waitq_len=0):
    """The loop. The arguments are ignored: they were for an older version."""
    return Loop


def new_event_loop():
    """Forgets every scheduled task, and returns the loop. Refused inside a running task."""
    _native.forget()
    return Loop


def _close_interrupted():
    # After a KeyboardInterrupt nobody goes on with the tasks that are left, so their `finally` blocks have their turn
    # now. After an orderly end nothing of theirs runs any more, as on a device.
    if _native.was_interrupted():
        try:
            _native.forget()
        except RuntimeError:
            pass


atexit.register(_close_interrupted)
os.register_at_fork(after_in_child=_native.after_fork)

_io_queue = IOQueue()


def __getattr__(name):
    if name == "cur_task":
        return _native.current_or_none()
    if name == "_task_queue":
        return _native.task_queue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
