"""What MicroPython's `sys`, `gc` and `os` have and CPython's lack. These are added to CPython's modules: nobody misses
their absence."""

import gc
import os
import platform
import sys


def print_exception(exc, file=None):
    """Prints an exception with its traceback."""
    import traceback

    traceback.print_exception(type(exc), exc, exc.__traceback__, file=file or sys.stdout)


def _pages():
    with open("/proc/self/statm") as statm:
        return [int(word) * os.sysconf("SC_PAGE_SIZE") for word in statm.read().split()]


def mem_alloc():
    """The bytes that the process uses."""
    return _pages()[1]


def mem_free():
    """The bytes that the system could still give."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def threshold(amount=-1):
    """Accepted for the script's sake; CPython's collector has thresholds of another kind."""
    return -1 if amount == -1 else None


def ilistdir(folder="."):
    """Yields (name, type, inode, size) for each entry of a folder, as MicroPython's `os.ilistdir`."""
    with os.scandir(folder) as entries:
        for entry in entries:
            kind = 0x4000 if entry.is_dir() else 0x8000
            yield entry.name, kind, entry.inode(), entry.stat(follow_symlinks=False).st_size


def install():
    """Adds them."""
    for module, functions in (
        (sys, (print_exception,)),
        (gc, (mem_alloc, mem_free, threshold)),
        (os, (ilistdir,)),
    ):
        for function in functions:
            if not hasattr(module, function.__name__):
                setattr(module, function.__name__, function)
    if not hasattr(sys.implementation, "_machine"):
        sys.implementation._machine = f"{sys.platform} [{platform.python_compiler()}] version"
