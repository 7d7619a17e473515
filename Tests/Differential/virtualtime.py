"""CPython's asyncio on virtual time.

The event loop is asyncio's own: `BaseEventLoop` with a selector that never waits. When nothing is ready, time jumps
to the next timer; when there is no timer either, nothing can ever go on, and `Stuck` says so.

Times are whole numbers. Asyncio's heap of timers promises no order for equal times, so a run would depend on how the
heap happens to be laid out; here they come in the order in which they were asked for, as in swift-uasyncio. To that
end a timer's time carries its number as a fraction, and a timer is due as soon as the whole part is.
"""

import asyncio


class Stuck(BaseException):
    """Nothing is ready, and no time is awaited."""


class VirtualTimeLoop(asyncio.BaseEventLoop):
    FRACTIONS = 1 << 16

    def __init__(self):
        super().__init__()
        self.now = 0
        self.timers = 0
        self._selector = self
        self._clock_resolution = 1 - 0.5 / self.FRACTIONS
        # Python complains of errors that nobody retrieves when it frees the task, swift-uasyncio a turn after it has
        # failed. Neither is compared.
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def call_at(self, when, callback, *arguments, **options):
        self.timers += 1
        return super().call_at(int(when) + self.timers / self.FRACTIONS, callback, *arguments, **options)

    def run_until_stuck(self):
        try:
            self.run_forever()
        except Stuck:
            pass

    # The selector's part.

    def select(self, timeout):
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self.now = max(self.now, int(self._scheduled[0]._when))
        return []

    def _process_events(self, events):
        pass
