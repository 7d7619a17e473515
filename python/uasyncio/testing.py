"""Tests of device code in virtual time: a day of sleeps takes as long as its work does.

    from uasyncio.testing import simulate

    def test_the_pump_runs_for_ten_minutes():
        async def scenario():
            pump = Pump()
            task = asyncio.create_task(control(pump))
            await asyncio.sleep(3600)
            assert pump.seconds == 600
        simulate(scenario())
"""

from . import _native, core
from .core import DeadlockError  # noqa: F401


def simulate(coro, *, seed=None):
    """Runs a coroutine on a fresh loop in virtual time, and returns its value.

    With a seed, tasks that are ready at once run in an order drawn from it: the same seed, the same order. Other tasks
    that are left at the end are forgotten. Raises DeadlockError where nothing can ever run again, and the exception of
    a task that nobody retrieved.
    """
    unretrieved = []
    outer = core.Loop.get_exception_handler()
    core.new_event_loop()
    _native.configure(virtual_time=True, seed=seed)
    core.Loop.set_exception_handler(lambda loop, context: unretrieved.append(context["exception"]))
    try:
        value = core.run(coro)
        if unretrieved:
            raise unretrieved[0]
        return value
    finally:
        # The coroutines that are closed here may still want a handler.
        core.new_event_loop()
        core.Loop.set_exception_handler(outer)
        _native.configure()


def seconds():
    """The loop's time in seconds: how long a simulation has lasted so far."""
    return _native.now_ns() / 1_000_000_000
