"""MicroPython's `time`: CPython's, with ticks, short sleeps, and the loop's clock where that is virtual.

Under virtual time `sleep` blocks the running task as it does on a device, and lets the virtual time pass. The calendar
begins with the year 2000 then, as on a device whose clock nobody has set, so that each run sees the same dates.
"""

import time as _time
from time import *  # noqa: F403: everything that is not replaced below

from .. import _native
from ..core import TICKS_PERIOD, ticks_add, ticks_diff
from ..core import ticks as ticks_ms

_NS = 1_000_000_000
_YEAR_2000 = 946_684_800 * _NS


def ticks_us():
    """Microseconds, which wrap around after 2**62."""
    return _native.now_ns() // 1000 & (TICKS_PERIOD - 1)


def ticks_cpu():
    """The finest ticks there are: nanoseconds, which wrap around after 2**62."""
    return _native.now_ns() & (TICKS_PERIOD - 1)


def sleep(seconds):
    """Blocks for so many seconds, which may be a fraction. No other task runs meanwhile."""
    if _native.is_virtual():
        if seconds > 0:
            _native.pass_time(seconds)
    else:
        _time.sleep(max(0, seconds))
        # What became due meanwhile comes before what the running task makes ready from now on.
        _native.pass_time(0)


def sleep_ms(milliseconds):
    """Blocks for so many milliseconds."""
    sleep(milliseconds / 1000)


def sleep_us(microseconds):
    """Blocks for so many microseconds."""
    sleep(microseconds / 1_000_000)


def time_ns():
    """Nanoseconds since 1970; under virtual time, of that."""
    return _YEAR_2000 + _native.now_ns() if _native.is_virtual() else _time.time_ns()


def time():
    """Seconds since 1970; under virtual time, of that."""
    return time_ns() / _NS


def monotonic():
    """Seconds of the loop's time."""
    return _native.now_ns() / _NS


def monotonic_ns():
    """Nanoseconds of the loop's time."""
    return _native.now_ns()


perf_counter, perf_counter_ns = monotonic, monotonic_ns


def gmtime(seconds=None):
    """The date and time of so many seconds since 1970; without argument, of now."""
    return _time.gmtime(time() if seconds is None else seconds)


def localtime(seconds=None):
    """The local date and time of so many seconds since 1970; without argument, of now."""
    return _time.localtime(time() if seconds is None else seconds)


def mktime(date):
    """Seconds since 1970 of a local date and time: a tuple of eight, as MicroPython's, or of nine."""
    date = tuple(date)
    return int(_time.mktime(date + (-1,) if len(date) == 8 else date))
