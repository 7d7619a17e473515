"""What a device's script takes for granted and CPython lacks.

`install()` makes the imports of device code (the script, its project, and packages written for MicroPython) find
MicroPython's modules: `asyncio`, `time` with ticks, `select` with `ipoll`, `socket` whose sockets are streams, and the
names that begin with u. Modules of the standard library, and packages that are not written for MicroPython, go on finding
CPython's own.
"""

from .routing import install, is_installed, uninstall

__all__ = ["install", "is_installed", "uninstall"]
