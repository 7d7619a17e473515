"""MicroPython's `asyncio.lock`."""

from ._native import Lock  # noqa: F401
