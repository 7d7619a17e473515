"""Pieces that deviations.py puts in the place of asyncio's, made of asyncio's tasks and futures.

They do what swift-uasyncio promises where that is not what asyncio does. None is meant for anything but the
comparison.
"""

import asyncio


class DirectTask(asyncio.tasks._PyTask):
    """A task that can tell those who wait for it in the moment in which it ends; asyncio tells them a turn later."""

    # Whether a cancellation has come back to it that it meant for one that waits for it.
    was_reached = False

    def __init__(self, *arguments, **options):
        # Those that have handed a cancellation on to it.
        self.handed_on_by = []
        super().__init__(*arguments, **options)

    def cancel(self, *arguments, **options):
        if self.get_loop().cancels_each_once:
            return hand_on(self)
        self.note_handing_on()
        return super().cancel(*arguments, **options)

    def note_handing_on(self):
        if isinstance(self._fut_waiter, DirectTask):
            self._fut_waiter.handed_on_by.append(self)

    def give_back_cancellation(self):
        """Those that wait for it, and have handed on to it what it has not met, meet it themselves."""
        for waiter in self.handed_on_by:
            if waiter._fut_waiter is self:
                waiter._must_cancel = True

    def interrupt(self):
        super().cancel()

    def add_direct_callback(self, callback):
        self.add_done_callback(Direct(callback))

    def remove_direct_callback(self, callback):
        self.remove_done_callback(Direct(callback))

    def _Future__schedule_callbacks(self):
        callbacks = self._callbacks[:]
        self._callbacks[:] = []
        for callback, context in callbacks:
            if isinstance(callback, Direct):
                callback.function(self)
            else:
                self._loop.call_soon(callback, self, context=context)


class Direct:
    def __init__(self, function):
        self.function = function

    def __eq__(self, other):
        return isinstance(other, Direct) and self.function == other.function


class HandingOn(asyncio.Future):
    """What a task awaits that waits for other tasks: a cancellation is handed on to them, and does not end the wait."""

    def __init__(self, loop, others, one=None):
        super().__init__(loop=loop)
        self.others = others
        # The only one that it can ever be.
        self.one = one
        self.timer = None
        self.handed_on = False

    def wake(self, reason):
        if not self.done():
            self.set_result(reason)

    def cancel(self, *arguments, **options):
        if self.done():
            return False
        self.note_cancellation()
        for task in self.others():
            task.cancel()
        return True

    def note_cancellation(self):
        self.handed_on = True


def hand_on(first):
    """Cancels a task, or those that it waits for, each of them once."""
    if first.done():
        return False
    seen, pending = set(), [first]
    while pending:
        task = pending.pop()
        if task in seen:
            continue
        seen.add(task)
        awaited = task._fut_waiter
        if awaited is None or awaited.done():
            task.interrupt()
        elif isinstance(awaited, DirectTask):
            task.note_handing_on()
            pending.append(awaited)
        elif isinstance(awaited, HandingOn):
            awaited.note_cancellation()
            pending += [awaited.one] if awaited.one else reversed(awaited.others())
        else:
            task.interrupt()
    return True
