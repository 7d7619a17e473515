"""Pieces that deviations.py puts in the place of asyncio's, made of asyncio's tasks and futures.

They do what swift-uasyncio promises where that is not what asyncio does. None is meant for anything but the
comparison.
"""

import asyncio


class DirectTask(asyncio.tasks._PyTask):
    """A task that can tell those who wait for it in the moment in which it ends; asyncio tells them a turn later."""

    # Whether a cancellation has come back to it that it meant for one that waits for it.
    was_reached = False

    def cancel(self, *arguments, **options):
        if self.get_loop().cancels_each_once:
            return hand_on(self)
        return super().cancel(*arguments, **options)

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
        if self.timer:
            self.timer.cancel()


def hand_on(first):
    """Cancels a task, or those that it waits for: each once, with those whom a gather waits for put off till later."""
    if first.done():
        return False
    seen, pending, task = set(), [], first
    while task:
        awaited, following = task._fut_waiter, None
        if awaited is None or awaited.done():
            task.interrupt()
        elif isinstance(awaited, DirectTask):
            following = awaited
        elif isinstance(awaited, HandingOn) and awaited.one:
            awaited.note_cancellation()
            following = awaited.one
        elif isinstance(awaited, HandingOn):
            awaited.note_cancellation()
            for other in reversed(awaited.others()):
                if other not in seen:
                    seen.add(other)
                    pending.append(other)
        else:
            task.interrupt()
        if seen and following in seen:
            following = None
        elif seen and following:
            seen.add(following)
        task = following or (pending.pop() if pending else None)
    return True
