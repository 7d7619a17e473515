"""Lock, semaphore and queue as swift-uasyncio has them: a turn is handed over to the one that has waited longest.

Asyncio only wakes him, and he looks again when he runs.
"""

import asyncio
import collections


class Turns:
    """Those who wait for a turn that is handed over to them."""

    def __init__(self, execution):
        self.execution = execution
        self.waiters = collections.deque()

    async def wait(self, give_up):
        """Waits for a turn, and returns what comes with it; one that comes too late is given up."""
        self.execution.about_to_suspend()
        turn = self.execution.loop.create_future()
        self.waiters.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                give_up(turn.result())
            raise

    def hand_over(self, value=None):
        """Whether there was somebody to hand it to."""
        while self.waiters:
            turn = self.waiters.popleft()
            if not turn.done():
                turn.set_result(value)
                return True
        return False


class HandedLock:
    def __init__(self, execution):
        self.turns = Turns(execution)
        self.held = False

    def locked(self):
        return self.held

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *error):
        self.release()

    async def acquire(self):
        if self.held:
            return await self.turns.wait(lambda _: self.hand_over())
        self.held = True

    def release(self):
        if not self.held:
            raise RuntimeError("nobody holds the lock")
        self.hand_over()

    def hand_over(self):
        self.held = self.turns.hand_over()


class HandedSemaphore:
    def __init__(self, execution, permits, bound):
        self.turns = Turns(execution)
        self.free = permits
        self.bound = bound

    def locked(self):
        return self.free == 0

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *error):
        self.release()

    async def acquire(self):
        if self.free == 0:
            return await self.turns.wait(lambda _: self.hand_over())
        self.free -= 1

    def release(self):
        if self.free == self.bound:
            raise ValueError("nobody has a permit")
        self.hand_over()

    def hand_over(self):
        if not self.turns.hand_over() and self.free != self.bound:
            self.free += 1


class PromisingQueue:
    """A queue that promises its items, and its room, to those who have waited."""

    def __init__(self, execution, size):
        self.size = size
        self.items = collections.deque()
        self.getters = Turns(execution)
        self.putters = Turns(execution)
        self.joiners = Turns(execution)
        self.promised_items = self.promised_room = self.unfinished = 0

    def qsize(self):
        return len(self.items)

    async def put(self, item):
        if not self.promise_room():
            await self.putters.wait(lambda _: self.pass_room_on())
        self.add(item)

    def put_nowait(self, item):
        if not self.promise_room():
            raise asyncio.QueueFull
        self.add(item)

    def promise_room(self):
        if 0 < self.size <= len(self.items) + self.promised_room:
            return False
        self.promised_room += 1
        return True

    def pass_room_on(self):
        if not self.putters.hand_over():
            self.promised_room -= 1

    def add(self, item):
        self.promised_room -= 1
        self.items.append(item)
        self.unfinished += 1
        self.promised_items += self.getters.hand_over()

    async def get(self):
        if not self.promise_item():
            await self.getters.wait(lambda _: self.pass_item_on())
        return self.take()

    def get_nowait(self):
        if not self.promise_item():
            raise asyncio.QueueEmpty
        return self.take()

    def promise_item(self):
        if len(self.items) <= self.promised_items:
            return False
        self.promised_items += 1
        return True

    def pass_item_on(self):
        if not self.getters.hand_over():
            self.promised_items -= 1

    def take(self):
        self.promised_items -= 1
        self.promised_room += self.putters.hand_over()
        return self.items.popleft()

    def task_done(self):
        if self.unfinished == 0:
            raise ValueError("everything is done already")
        self.unfinished -= 1
        while self.unfinished == 0 and self.joiners.hand_over():
            pass

    async def join(self):
        if self.unfinished:
            await self.joiners.wait(lambda _: None)
