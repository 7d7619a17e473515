"""MicroPython's `micropython`: what has a meaning on a PC works, the rest is accepted."""

import sys

from .. import _native


def const(value):
    """The value itself."""
    return value


def native(function):
    """Accepted: CPython compiles as it compiles."""
    return function


viper = native


def opt_level(level=None):
    """Accepted; the level is always 0."""
    return 0 if level is None else None


def alloc_emergency_exception_buf(size):
    """Accepted: CPython can always make an exception."""


def heap_lock():
    """Accepted: CPython's heap cannot be locked."""


def heap_unlock():
    """Accepted: CPython's heap cannot be locked."""
    return 0


def heap_locked():
    """CPython's heap is never locked."""
    return False


def kbd_intr(character):
    """Accepted: the terminal decides which key interrupts."""


def mem_info(verbose=None):
    """Prints how much memory the process uses."""
    from .additions import mem_alloc, mem_free

    print(f"mem: used={mem_alloc()}, free={mem_free()}")


def qstr_info(verbose=None):
    """Accepted: CPython has no pool of interned strings to show."""


def stack_use():
    """How many calls deep the caller is; CPython cannot tell bytes."""
    depth, frame = 0, sys._getframe()
    while frame := frame.f_back:
        depth += 1
    return depth


def schedule(function, argument):
    """Has the main thread call `function(argument)` soon: between two of its steps, or out of the loop's sleep.

    May be called from any thread. Raises RuntimeError if too much is waiting already.
    """
    _native.schedule(function, argument)
