"""The operations of a program, on CPython's asyncio: each is asyncio's own function, called as a user would."""

import asyncio


class Failure(Exception):
    """What `raise` raises."""


def kind(error):
    """The name of an error that both sides use."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, Failure):
        return f"error {error}"
    if isinstance(error, BaseExceptionGroup):
        return "group of " + ", ".join(kind(each) for each in error.exceptions)
    if isinstance(error, (RuntimeError, ValueError)):
        return "misuse"
    return type(error).__name__


def yes(truth):
    return "yes" if truth else "no"


def listed(results):
    return ", ".join(kind(each) if isinstance(each, BaseException) else str(each) for each in results)


class Operations:
    """What an Execution can do. Each method returns what its log line says."""

    # Time and events.

    async def do_sleep(self, time):
        await asyncio.sleep(time)

    async def do_raise(self, value):
        raise Failure(value)

    async def do_set(self, event):
        self.events[event].set()

    async def do_clear(self, event):
        self.events[event].clear()

    async def do_wait(self, event):
        await self.events[event].wait()

    async def do_is_set(self, event):
        return yes(self.events[event].is_set())

    # Tasks.

    async def do_spawn(self, number):
        self.spawn(self.laters[number])

    async def do_await(self, number):
        if number not in self.tasks:
            return "nobody"
        return await self.tasks[number]

    async def do_done(self, number):
        return yes(self.tasks[number].done()) if number in self.tasks else "nobody"

    async def do_cancel(self, number):
        if number not in self.tasks:
            return "nobody"
        return yes(self.tasks[number].cancel())

    async def do_cancel_self(self):
        asyncio.current_task().cancel()

    async def do_wait_for(self, time, definition):
        return await asyncio.wait_for(self.strand(definition), time)

    async def do_wait_for_task(self, time, number):
        if number not in self.tasks:
            return "nobody"
        return await asyncio.wait_for(self.tasks[number], time)

    async def do_timeout(self, time, definition):
        async with asyncio.timeout(time) as timeout:
            return await self.strand(definition, timeout)

    async def do_move_limit(self, strand, time):
        strand.timeout.reschedule(self.loop.now + time)

    async def do_remove_limit(self, strand):
        strand.timeout.reschedule(None)

    async def do_shield(self, number):
        if number not in self.tasks:
            return "nobody"
        return await asyncio.shield(self.tasks[number])

    async def do_gather(self, *numbers):
        return listed(await self.gather([self.tasks[number] for number in numbers if number in self.tasks], False))

    async def do_gather_results(self, *numbers):
        return listed(await self.gather([self.tasks[number] for number in numbers if number in self.tasks], True))

    async def do_gather_new(self, *definitions):
        return listed(await self.gather([self.strand(each) for each in definitions], False))

    async def do_gather_new_results(self, *definitions):
        return listed(await self.gather([self.strand(each) for each in definitions], True))

    async def gather(self, tasks, collects):
        return await asyncio.gather(*tasks, return_exceptions=collects)

    async def do_group(self, *definitions):
        async with asyncio.TaskGroup() as group:
            for definition in definitions:
                group.create_task(self.strand(definition))

    async def do_wait_first(self, *numbers):
        return await self.wait_for_some(numbers, asyncio.FIRST_COMPLETED)

    async def do_wait_error(self, *numbers):
        return await self.wait_for_some(numbers, asyncio.FIRST_EXCEPTION)

    async def do_wait_all(self, *numbers):
        return await self.wait_for_some(numbers, asyncio.ALL_COMPLETED)

    async def wait_for_some(self, numbers, condition):
        numbers = [number for number in numbers if number in self.tasks]
        if not numbers:
            return "nobody"
        await self.wait_until(condition, [self.tasks[number] for number in numbers])
        return "done " + listed([number for number in numbers if self.tasks[number].done()])

    async def wait_until(self, condition, tasks):
        await asyncio.wait(tasks, return_when=condition)

    # Locks and semaphores.

    def make_lock(self):
        return asyncio.Lock()

    def make_semaphore(self, permits, is_bounded):
        return asyncio.BoundedSemaphore(permits) if is_bounded else asyncio.Semaphore(permits)

    async def do_lock(self, strand, lock, operations):
        async with self.locks[lock]:
            self.note(strand, "got lock", lock)
            return await self.operations(operations, strand)

    async def do_acquire(self, lock):
        await self.locks[lock].acquire()

    async def do_release(self, lock):
        self.locks[lock].release()

    async def do_locked(self, lock):
        return yes(self.locks[lock].locked())

    async def do_permit(self, strand, semaphore, operations):
        async with self.semaphores[semaphore]:
            self.note(strand, "got permit", semaphore)
            return await self.operations(operations, strand)

    async def do_take(self, semaphore):
        await self.semaphores[semaphore].acquire()

    async def do_give(self, semaphore):
        self.semaphores[semaphore].release()

    # Queues.

    def make_queue(self, size):
        return asyncio.Queue(size)

    async def do_put(self, queue, value):
        await self.queues[queue].put(value)

    async def do_get(self, queue):
        return await self.queues[queue].get()

    async def do_try_put(self, queue, value):
        try:
            self.queues[queue].put_nowait(value)
        except asyncio.QueueFull:
            return "full"

    async def do_try_get(self, queue):
        try:
            return self.queues[queue].get_nowait()
        except asyncio.QueueEmpty:
            return "empty"

    async def do_count(self, queue):
        return self.queues[queue].qsize()

    async def do_task_done(self, queue):
        self.queues[queue].task_done()

    async def do_join(self, queue):
        await self.queues[queue].join()
