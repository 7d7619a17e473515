"""MicroPython's `asyncio.task`."""

from ._native import Task, TaskQueue  # noqa: F401
