"""MicroPython's `select`: a poll that answers with the objects that were registered, and `ipoll`.

An object is a descriptor, has `fileno()`, or has MicroPython's `ioctl(3, flags)`, which is then asked every
millisecond.
"""

import select as _select
from select import *  # noqa: F403
from select import select  # noqa: F401

from .. import _native
from . import time as _time

POLLIN, POLLOUT, POLLERR, POLLHUP = _select.POLLIN, _select.POLLOUT, _select.POLLERR, _select.POLLHUP


def _descriptor(object):
    if isinstance(object, int):
        return object
    fileno = getattr(object, "fileno", None)
    if fileno is not None:
        return fileno()
    if hasattr(object, "ioctl"):
        return None
    raise TypeError(f"stream expected: a {type(object).__name__} has neither fileno() nor ioctl()")


class _Poll:
    """What `poll()` returns."""

    def __init__(self):
        self._entries = {}

    def register(self, object, eventmask=POLLIN | POLLOUT):
        """Watches an object, or changes what is watched for."""
        self._entries[id(object)] = [object, _descriptor(object), eventmask]

    def unregister(self, object):
        """No longer watches an object."""
        self._entries.pop(id(object), None)

    def modify(self, object, eventmask):
        """Changes what is watched for. Raises OSError for an object that is not registered."""
        if id(object) not in self._entries:
            raise OSError(2)
        self._entries[id(object)][2] = eventmask

    def _look(self, milliseconds):
        poller, by_descriptor, ready = _select.poll(), {}, []
        for entry in self._entries.values():
            object, descriptor, mask = entry
            if not mask:
                continue
            if descriptor is None:
                events = object.ioctl(3, mask)
                if isinstance(events, int) and events > 0:
                    ready.append((entry, events))
            else:
                by_descriptor.setdefault(descriptor, []).append(entry)
                poller.register(descriptor, mask)
        for descriptor, events in poller.poll(0 if ready else milliseconds):
            ready += [(entry, events) for entry in by_descriptor[descriptor]]
        return ready

    def _wait(self, timeout):
        forever = timeout is None or timeout < 0
        asks = any(descriptor is None for _, descriptor, _ in self._entries.values())
        if _native.is_virtual() and not forever:
            ready = self._look(0)
            if not ready:
                _native.pass_time(timeout / 1000)
                ready = self._look(0)
            return ready
        if not asks:
            return self._look(None if forever else timeout)
        began = _time.monotonic()
        while True:
            ready = self._look(1)
            if ready or not forever and (_time.monotonic() - began) * 1000 >= timeout:
                return ready

    def poll(self, timeout=-1):
        """Waits for so many milliseconds at most, without limit if negative; returns a list of (object, events)."""
        return list(self.ipoll(timeout))

    def ipoll(self, timeout=-1, flags=0):
        """poll() as an iterator. With flag 1, an object that was reported is no longer watched until modify()."""
        for entry, events in self._wait(timeout):
            if flags & 1:
                entry[2] = 0
            yield entry[0], events


def poll():
    """A new set of objects to watch."""
    return _Poll()
