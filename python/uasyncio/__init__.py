"""MicroPython's asyncio, for CPython, on the scheduler of swift-uasyncio.

    import uasyncio

    async def blink(name, period_ms):
        while True:
            print(name)
            await uasyncio.sleep_ms(period_ms)

    async def main():
        uasyncio.create_task(blink("red", 700))
        uasyncio.create_task(blink("green", 400))
        await uasyncio.sleep(5)

    uasyncio.run(main())

`python -m uasyncio script.py` runs a device's script unmodified; see README.md of the package.
"""

from . import core
from .core import (
    CancelledError,
    DeadlockError,
    Loop,
    Task,
    TaskQueue,
    TimeoutError,
    create_task,
    current_task,
    gather,
    get_event_loop,
    new_event_loop,
    run,
    run_until_complete,
    sleep,
    sleep_ms,
    wait_for,
    wait_for_ms,
)
from ._native import Event, Lock, ThreadSafeFlag

__version__ = (3, 0, 0)

_streams = ("Server", "Stream", "StreamReader", "StreamWriter", "open_connection", "start_server")

__all__ = [
    "CancelledError",
    "DeadlockError",
    "Event",
    "Lock",
    "Loop",
    "Task",
    "TaskQueue",
    "ThreadSafeFlag",
    "TimeoutError",
    "create_task",
    "current_task",
    "gather",
    "get_event_loop",
    "new_event_loop",
    "run",
    "run_until_complete",
    "sleep",
    "sleep_ms",
    "wait_for",
    "wait_for_ms",
    *_streams,
]


def __getattr__(name):
    # Streams need sockets and TLS, which most scripts do without: they are loaded when first asked for.
    if name in _streams:
        from . import stream

        value = getattr(stream, name)
        globals()[name] = value
        return value
    if name in ("cur_task", "_task_queue", "_io_queue", "_exc_context", "ticks"):
        return getattr(core, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
