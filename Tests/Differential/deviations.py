"""What swift-uasyncio does differently from CPython's asyncio: each thing with its name and its reason.

A deviation is no tolerance in the comparison: it is a piece of asyncio that is exchanged for one that does what
swift-uasyncio promises (models.py, waits.py and handedover.py have them). Every program runs on CPython as it is, and
once more with all deviations. Where the two agree, the program touches no deviation, and swift-uasyncio must do what
CPython does. Where they differ, the program is counted under the deviations that change its outcome, and
swift-uasyncio must do what CPython does with them.

What no program contains, because there is nothing to compare:

- Waiting for one's own end: asyncio waits for ever, or recurses; swift-uasyncio throws `LoopError.awaitsItself`.
- A limit of zero, and one that passes in the very instant in which what it limits ends: asyncio throws the value
  away, swift-uasyncio lets the coroutine have a step, and returns the value.
- Reports of errors that nobody retrieves: Python makes them when it frees the task.
- What runs under a limit and cancels the task that it is: which that is depends on the version of CPython.
"""

import asyncio
import contextlib
import functools

from handedover import HandedLock, HandedSemaphore, PromisingQueue
from models import DirectTask
from reference import Execution
from waits import Gathering, Group, Limit, failed

REASONS = {
    "own cancellation": (
        "A task that cancels itself meets that at its next await, at once, and what it would have waited for is not "
        "touched; if there is no such await it is no error. Asyncio suspends first, hands the cancellation on to the "
        "task that it waits for, and cancels a task that returns."
    ),
    "cancelling one's awaiter": (
        "A task that cancels one which waits for it is handed the cancellation, and meets it at its next await, at "
        "once. If it returns without another await, only the one that waits is cancelled; asyncio cancels both."
    ),
    "limit": (
        "A cancellation of the caller reaches what runs under the limit at once, as often as it comes, and ends in "
        "a CancellationError when that has ended, whatever it makes of it; the limit stays. CPython 3.11 hands it on "
        "a turn later, when the coroutine may just have begun, and leaves it behind when cancelled twice; CPython "
        "3.12, and `timeout` everywhere, run it in the caller's own task, where it may swallow the cancellation. "
        "Whoever waits goes on in the turn after the end; asyncio takes up to four, or none. Moving a limit that has "
        "passed does nothing; asyncio throws."
    ),
    "gather": (
        "Whoever gathers goes on in the turn after the end that he waits for, and at once if there is nothing to "
        "wait for; asyncio takes two turns or three."
    ),
    "cancelled gather": (
        "A gather that is cancelled ends when all that it gathers has ended, with a CancellationError; asyncio's "
        "ends with the first that does, with whatever that throws, and leaves the others behind."
    ),
    "several ways": (
        "A task that is reached by a cancellation in several ways, through gathers within gathers, is cancelled "
        "once; asyncio cancels it as often as ways lead to it."
    ),
    "handed-over lock": (
        "A lock is handed over when it is released: it is held already before the next holder goes on. Asyncio's is "
        "free meanwhile, though nobody can take it."
    ),
    "handed-over permit": (
        "A permit is handed over when it is released, and one that is free can be taken; asyncio lets nobody have a "
        "free one as long as one that has got his has not run yet."
    ),
    "promised item": (
        "An item that is put while somebody waits for one is his, and so is room; in asyncio whoever runs first has "
        "it, and the one who has waited waits again, behind the others."
    ),
    "released in its block": (
        "A block that has released its lock or its permit itself and then throws, throws just that; asyncio throws "
        "an error of the release instead, and a cancellation is lost with it."
    ),
    "other waits": (
        "Whoever waits in a shield, or for the first of several, goes on in the turn after the end that he waits "
        "for, and at once if what he waits for is so already; asyncio takes two turns."
    ),
    "group": (
        "A group's tasks are cancelled in the moment in which one of them fails, or the caller is cancelled, and a "
        "cancelled caller gets a CancellationError, whatever the tasks throw. Asyncio takes a turn or two for each, "
        "cancels them in no particular order, and throws the tasks' errors instead of the cancellation."
    ),
}


class Deviating(Execution):
    """Runs a program on CPython with some of the deviations."""

    def __init__(self, program, names=frozenset(REASONS)):
        self.names = names
        super().__init__(program)
        self.loop.cancels_each_once = "several ways" in names
        self.loop.set_task_factory(lambda loop, coroutine, **options: DirectTask(coroutine, loop=loop, **options))

    # Own cancellation, and that which comes back.

    def about_to_suspend(self):
        if self.takes_own_cancellation():
            raise asyncio.CancelledError

    def takes_own_cancellation(self):
        """Whether the running task has been cancelled by itself; asking takes note of it."""
        task = asyncio.current_task()
        name = "cancelling one's awaiter" if task.was_reached else "own cancellation"
        if name not in self.names or not task._must_cancel:
            return False
        task._must_cancel = task.was_reached = False
        return True

    async def strand(self, definition, timeout=None):
        value = await super().strand(definition, timeout)
        task = asyncio.current_task()
        was_reached = task.was_reached
        if self.takes_own_cancellation() and was_reached:
            task.give_back_cancellation()
        return value

    async def do_cancel(self, number):
        task = asyncio.current_task()
        had_cancelled_itself = task._must_cancel
        said = await super().do_cancel(number)
        task.was_reached = task.was_reached or (task._must_cancel and not had_cancelled_itself)
        return said

    async def do_sleep(self, time):
        self.about_to_suspend()
        await super().do_sleep(time)

    async def do_wait(self, event):
        if not self.events[event].is_set():
            self.about_to_suspend()
        await super().do_wait(event)

    async def do_await(self, number):
        if number in self.tasks and not self.tasks[number].done():
            self.about_to_suspend()
        return await super().do_await(number)

    # Limits.

    async def do_wait_for(self, time, definition):
        if "limit" in self.names:
            return await Limit(self, time).result(self.loop.create_task(self.strand(definition)))
        return await super().do_wait_for(time, definition)

    async def do_wait_for_task(self, time, number):
        if "limit" in self.names and number in self.tasks:
            return await Limit(self, time).result(self.tasks[number])
        return await super().do_wait_for_task(time, number)

    async def do_timeout(self, time, definition):
        if "limit" not in self.names:
            return await super().do_timeout(time, definition)
        limit = Limit(self, time)
        return await limit.result(self.loop.create_task(self.strand(definition, limit)))

    # Waiting for others.

    async def do_shield(self, number):
        if "other waits" not in self.names or number not in self.tasks or self.tasks[number].done():
            return await super().do_shield(number)
        await self.wait_until(asyncio.ALL_COMPLETED, [self.tasks[number]])
        return self.tasks[number].result()

    async def wait_until(self, condition, tasks):
        if "other waits" not in self.names:
            return await super().wait_until(condition, tasks)
        ends = {asyncio.FIRST_COMPLETED: "first", asyncio.FIRST_EXCEPTION: "error", asyncio.ALL_COMPLETED: "all"}
        waiting = Gathering(self, ends[condition], tasks)
        try:
            await waiting.wait_only()
        finally:
            waiting.close()

    async def do_group(self, *definitions):
        if "group" not in self.names:
            return await super().do_group(*definitions)
        await Group(self, [functools.partial(self.strand, each) for each in definitions]).run()

    async def gather(self, coroutines, collects):
        tasks = [asyncio.ensure_future(each, loop=self.loop) for each in coroutines]
        if "gather" not in self.names:
            return await self.gather_like_asyncio(tasks, collects)
        if not collects:
            for task in filter(failed, tasks):
                task.result()
        gathering = Gathering(self, "all" if collects else "failure", tasks)
        try:
            await gathering.wait_for_end("cancelled gather" in self.names)
        finally:
            gathering.close()
        if not collects and gathering.failure and gathering.end == "failure":
            gathering.failure.result()
        if gathering.cancelled:
            raise asyncio.CancelledError
        return [asyncio.CancelledError() if task.cancelled() else task.exception() or task.result() for task in tasks]

    async def gather_like_asyncio(self, tasks, collects):
        gathering = asyncio.gather(*tasks, return_exceptions=collects)
        try:
            return await gathering
        except BaseException:
            if "cancelled gather" not in self.names or not getattr(gathering, "_cancel_requested", False):
                raise
        while not all(task.done() for task in tasks):
            try:
                await asyncio.wait(tasks)
            except asyncio.CancelledError:
                for task in tasks:
                    task.cancel()
        raise asyncio.CancelledError

    # Locks, semaphores and queues.

    def make_lock(self):
        return HandedLock(self) if "handed-over lock" in self.names else super().make_lock()

    def make_semaphore(self, permits, is_bounded):
        if "handed-over permit" not in self.names:
            return super().make_semaphore(permits, is_bounded)
        return HandedSemaphore(self, permits, permits if is_bounded else None)

    def make_queue(self, size):
        return PromisingQueue(self, size) if "promised item" in self.names else super().make_queue(size)

    async def do_lock(self, strand, lock, operations):
        if "released in its block" not in self.names:
            return await super().do_lock(strand, lock, operations)
        return await self.block(strand, "got lock", lock, self.locks[lock], operations)

    async def do_permit(self, strand, semaphore, operations):
        if "released in its block" not in self.names:
            return await super().do_permit(strand, semaphore, operations)
        return await self.block(strand, "got permit", semaphore, self.semaphores[semaphore], operations)

    async def block(self, strand, title, number, held, operations):
        await held.acquire()
        self.note(strand, title, number)
        try:
            value = await self.operations(operations, strand)
        except BaseException:
            with contextlib.suppress(RuntimeError, ValueError):
                held.release()
            raise
        held.release()
        return value
