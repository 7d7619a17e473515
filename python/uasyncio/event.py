"""MicroPython's `asyncio.event`."""

from ._native import Event, ThreadSafeFlag  # noqa: F401
