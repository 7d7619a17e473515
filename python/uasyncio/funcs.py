"""MicroPython's `asyncio.funcs`."""

from ._native import gather, wait_for, wait_for_ms  # noqa: F401
