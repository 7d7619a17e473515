"""Code of a script's that calls back into the loop from where nobody expects it, and chains that are very long."""

import gc
import threading

import pytest
import uasyncio as asyncio
from uasyncio import core
from uasyncio.testing import simulate


async def nap():
    await asyncio.sleep(1)


def test_a_finalizer_may_create_cancel_and_collect():
    log, tasks = [], []

    async def other():
        log.append("other")

    async def sleeper():
        try:
            await asyncio.sleep(5)
        finally:
            log.append("finally")

    class Finalized:
        def __del__(self):
            asyncio.create_task(other())
            with pytest.raises(RuntimeError, match="can't cancel self"):
                asyncio.current_task().cancel()
            for task in tasks:
                task.cancel()
            gc.collect()

    async def main():
        tasks.extend(asyncio.create_task(sleeper()) for _ in range(3))
        await asyncio.sleep(0)
        finalized = Finalized()
        del finalized
        await asyncio.sleep(1)

    simulate(main())
    assert log == ["other", "finally", "finally", "finally"]


def test_an_awaitable_may_run_the_loop_while_it_is_asked():
    class Busy:
        def __await__(self):
            asyncio.create_task(nap())
            asyncio.run(nap())
            yield from asyncio.sleep(1).__await__()
            return 7

    async def main():
        return [await Busy(), await asyncio.wait_for(Busy(), 3), *await asyncio.gather(Busy(), Busy())]

    assert simulate(main()) == [7, 7, 7, 7]


def test_a_coroutine_of_a_scripts_own_may_run_the_loop_in_send_throw_and_close():
    class Own:
        def send(self, value):
            asyncio.run(nap())
            raise StopIteration(3)

        def throw(self, error):
            asyncio.create_task(nap())
            raise error

        def close(self):
            asyncio.create_task(nap())

    async def main():
        assert await asyncio.create_task(Own()) == 3
        task = asyncio.create_task(Own())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    simulate(main())


def test_chains_of_tasks_do_not_use_up_the_stack():
    async def count(n):
        return 1 + await asyncio.create_task(count(n - 1)) if n else 0

    async def wait(task):
        await task

    async def main():
        assert await count(20_000) == 20_000
        task = asyncio.create_task(nap())
        for _ in range(20_000):
            task = asyncio.create_task(wait(task))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    simulate(main())


def test_another_thread_is_refused_at_each_door():
    refused = []

    async def main():
        event, lock, task, coroutine = asyncio.Event(), asyncio.Lock(), asyncio.current_task(), nap()
        doors = [
            event.set, lock.release, task.cancel, asyncio.new_event_loop, asyncio.current_task,
            lambda: asyncio.create_task(coroutine), lambda: asyncio.run(coroutine),
            lambda: core._task_queue.push(task), lambda: core._task_queue.remove(task),
            lambda: core._native.configure(), lambda: setattr(task, "data", 3),
        ]

        def knock():
            for number, door in enumerate(doors):
                try:
                    door()
                except RuntimeError:
                    refused.append(number)

        thread = threading.Thread(target=knock)
        thread.start()
        thread.join()
        coroutine.close()
        before = core._native.now_ns()
        thread = threading.Thread(target=core._native.pass_time, args=(3,))
        thread.start()
        thread.join()
        assert core._native.now_ns() == before
        return len(doors)

    assert simulate(main()) == len(refused)
