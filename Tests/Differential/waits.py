"""Waiting for other tasks as swift-uasyncio does it: under a limit, for several, in a group.

Whoever waits for tasks is told in the moment in which they end, and a cancellation of his is handed on to them in the
moment in which it comes.
"""

import asyncio

from models import HandingOn


class Limit:
    """A time limit around a task: `wait_for`, and `timeout` too."""

    def __init__(self, execution, time):
        self.execution = execution
        self.deadline = execution.loop.now + time
        self.wait = None
        self.passed = self.cancelled = self.is_over = False

    def reschedule(self, deadline):
        self.deadline = deadline
        if self.wait and not self.wait.done() and not self.is_over:
            self.set_timer()

    def set_timer(self):
        if self.wait.timer:
            self.wait.timer.cancel()
        self.wait.timer = self.deadline and self.execution.loop.call_at(self.deadline, self.wait.wake, "deadline")

    async def result(self, task):
        while not task.done():
            await self.wait_once(task)
        if self.cancelled:
            raise asyncio.CancelledError
        try:
            return task.result()
        except asyncio.CancelledError:
            if self.passed:
                raise TimeoutError from None
            raise

    async def wait_once(self, task):
        self.wait = HandingOn(self.execution.loop, lambda: [task], one=task)
        if not self.is_over:
            self.set_timer()
        task.add_direct_callback(self.wait.wake)
        try:
            self.execution.about_to_suspend()
            reason = await self.wait
        except asyncio.CancelledError:
            reason = "cancelled"
        finally:
            task.remove_direct_callback(self.wait.wake)
            if self.wait.timer:
                self.wait.timer.cancel()
        if self.wait.handed_on:
            self.cancelled = True
        elif reason == "cancelled":
            self.cancelled = True
            task.cancel()
        if reason != "deadline" or self.deadline is None or self.deadline > self.execution.loop.now:
            return
        self.is_over = True
        self.passed = not self.cancelled
        task.cancel()


class Gathering:
    """Waits for the end of several tasks: of all, or of the first, or of the first that has failed or thrown."""

    def __init__(self, execution, end, tasks=()):
        self.execution = execution
        self.end = end
        self.failure = None
        self.unfinished = []
        self.wait = None
        self.cancelled = False
        self.began_with = len(tasks)
        self.on_end = lambda task: None
        for task in tasks:
            self.add(task)
        if end == "error":
            self.failure = next(filter(threw, tasks), None)

    def add(self, task):
        if not task.done():
            self.unfinished.append(task)
            task.add_direct_callback(self.ended)

    def close(self):
        for task in self.unfinished:
            task.remove_direct_callback(self.ended)

    def ended(self, task):
        self.unfinished.remove(task)
        if self.failure is None and (threw(task) if self.end == "error" else failed(task)):
            self.failure = task
        self.on_end(task)
        if self.is_over() and self.wait:
            self.wait.wake("event")

    def is_over(self):
        if self.end in ("failure", "error") and self.failure is not None:
            return True
        return not self.unfinished or (self.end == "first" and len(self.unfinished) < self.began_with)

    async def wait_for_end(self, waits_for_all_if_cancelled=True):
        """Waits. If the caller is cancelled meanwhile, so are all that it waits for, and `cancelled` says so."""
        while not self.is_over():
            self.wait = HandingOn(self.execution.loop, lambda: list(self.unfinished))
            try:
                self.execution.about_to_suspend()
                await self.wait
            except asyncio.CancelledError:
                self.cancelled = True
                for task in list(self.unfinished):
                    task.cancel()
            self.cancelled = self.cancelled or self.wait.handed_on
            if self.cancelled and waits_for_all_if_cancelled:
                self.end = "all"

    async def wait_only(self):
        """Waits, and lets them be if the caller is cancelled meanwhile."""
        if not self.is_over():
            self.execution.about_to_suspend()
            self.wait = OnlyWaiting(loop=self.execution.loop)
            await self.wait


class OnlyWaiting(asyncio.Future):
    def wake(self, reason):
        if not self.done():
            self.set_result(reason)


def failed(task):
    return task.done() and (task.cancelled() or task.exception() is not None)


def threw(task):
    return task.done() and not task.cancelled() and task.exception() is not None


class Group:
    """Tasks that end together; what creates them is the first of them."""

    def __init__(self, execution, coroutines):
        self.execution = execution
        self.coroutines = coroutines
        self.gathering = Gathering(execution, "all")
        self.gathering.on_end = self.ended
        self.cancels_all = False
        self.errors = []
        self.body = execution.loop.create_task(self.create())
        self.gathering.add(self.body)

    async def run(self):
        try:
            await self.gathering.wait_for_end()
        finally:
            self.gathering.close()
        if self.gathering.cancelled:
            raise asyncio.CancelledError
        if self.errors:
            raise ExceptionGroup("errors in a group", self.errors)
        self.body.result()

    async def create(self):
        for coroutine in self.coroutines:
            task = self.execution.loop.create_task(coroutine())
            self.gathering.add(task)
            if self.is_cancelled():
                task.cancel()

    def is_cancelled(self):
        wait = self.gathering.wait
        return self.cancels_all or self.gathering.cancelled or (wait is not None and wait.handed_on)

    def ended(self, task):
        if threw(task):
            self.errors.append(task.exception())
        if (threw(task) or (task is self.body and failed(task))) and not self.is_cancelled():
            self.cancels_all = True
            for other in list(self.gathering.unfinished):
                other.cancel()
