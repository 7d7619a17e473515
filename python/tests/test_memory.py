"""What is no longer needed goes away: references are counted right, and cycles are collected."""

import gc
import os
import sys
import types
import weakref

import pytest
import uasyncio as asyncio


def memory():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


async def nothing():
    pass


async def sleeping():
    await asyncio.sleep(100)


class Marker:
    """Something that tells when it has gone."""


def test_a_finished_task_goes_with_its_last_reference():
    async def main():
        task = asyncio.create_task(nothing())
        gone = weakref.ref(task)
        await task
        del task
        return gone

    assert asyncio.run(main())() is None


def test_the_value_of_a_task_goes_with_it():
    async def value():
        return Marker()

    async def main():
        task = asyncio.create_task(value())
        gone = weakref.ref(await task)
        assert gone() is not None
        del task
        return gone

    assert asyncio.run(main())() is None


def test_the_reference_count_of_a_task_is_even_after_each_way_of_waiting():
    async def waits(how):
        task = asyncio.create_task(how())
        before = sys.getrefcount(task)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        # The loop has given up the one that it held.
        return before - sys.getrefcount(task)

    async def main():
        event, lock, flag = asyncio.Event(), asyncio.Lock(), asyncio.ThreadSafeFlag()
        await lock.acquire()

        async def gathering():
            await asyncio.gather(sleeping(), sleeping())

        async def limited():
            await asyncio.wait_for(sleeping(), 50)

        async def joining():
            await asyncio.create_task(sleeping())

        async def call(awaitable):
            await awaitable

        hows = [sleeping, gathering, limited, joining]
        hows += [lambda wait=wait: call(wait()) for wait in (event.wait, lock.acquire, flag.wait)]
        return [await waits(how) for how in hows]

    assert asyncio.run(main()) == [1] * 7


def test_a_task_and_its_coroutine_are_a_cycle_that_is_collected():
    gone = []

    async def holds_itself(event):
        me = asyncio.current_task()
        marker = Marker()
        gone.append(weakref.ref(marker))
        await event.wait()
        return me

    async def main():
        event = asyncio.Event()
        asyncio.create_task(holds_itself(event))
        await asyncio.sleep(0)

    asyncio.run(main())
    gc.collect()
    assert gone[0]() is None


def test_tasks_that_nobody_can_wake_are_collected_and_their_finally_runs():
    log = []

    async def waits(event):
        try:
            await event.wait()
        finally:
            log.append("finally")

    async def main():
        event = asyncio.Event()
        tasks = [asyncio.create_task(waits(event)) for _ in range(3)]
        await asyncio.sleep(0)
        return weakref.ref(event), [weakref.ref(task) for task in tasks]

    event, tasks = asyncio.run(main())
    gc.collect()
    assert event() is None and not any(task() for task in tasks)
    assert log == ["finally"] * 3


@pytest.mark.parametrize("kind", ["lock", "flag", "queue", "gather", "join", "limit"])
def test_cycles_through_each_kind_of_wait_are_collected(kind):
    gone = []

    async def main():
        async def waits():
            marker = Marker()
            gone.append(weakref.ref(marker))
            keep = [asyncio.current_task()]
            if kind == "lock":
                lock = asyncio.Lock()
                await lock.acquire()
                await lock.acquire()
            elif kind == "flag":
                await asyncio.Event().wait()
            elif kind == "gather":
                await asyncio.gather(asyncio.Event().wait(), asyncio.Event().wait())
            elif kind == "join":
                await asyncio.create_task(asyncio.Event().wait())
            elif kind == "limit":
                await asyncio.wait_for(asyncio.Event().wait(), None)
            else:
                queue = asyncio.TaskQueue()
                queue.push(keep[0])
                await bare()

        asyncio.create_task(waits())
        await asyncio.sleep_ms(1)

    asyncio.run(main())
    gc.collect()
    gc.collect()
    assert gone[0]() is None


@types.coroutine
def bare():
    yield


def test_new_event_loop_lets_everything_go():
    log = []

    async def waits():
        try:
            await asyncio.sleep(1000)
        finally:
            log.append("finally")

    async def main():
        for _ in range(10):
            asyncio.create_task(waits())
        await asyncio.sleep(0)

    asyncio.run(main())
    asyncio.new_event_loop()
    gc.collect()
    assert log == ["finally"] * 10


def test_a_million_tasks_leave_nothing():
    async def main(count):
        for _ in range(count):
            await asyncio.create_task(nothing())

    async def mixed(count):
        event, lock = asyncio.Event(), asyncio.Lock()
        for _ in range(count):
            await asyncio.gather(nothing(), asyncio.sleep(0))
            await asyncio.wait_for(nothing(), 1)
            task = asyncio.create_task(event.wait())
            await asyncio.sleep(0)
            task.cancel()
            async with lock:
                pass

    asyncio.run(main(10_000))
    asyncio.run(mixed(2_000))
    gc.collect()
    objects, before = len(gc.get_objects()), memory()
    asyncio.run(main(1_000_000))
    asyncio.run(mixed(20_000))
    gc.collect()
    assert len(gc.get_objects()) - objects < 100
    # The address sanitizer keeps what was freed.
    assert "asan" in os.environ.get("LD_PRELOAD", "") or memory() - before < 2_000_000


def test_a_chain_of_a_hundred_thousand_tasks_goes_without_overflow():
    async def link(before):
        if before:
            await before[0]
        else:
            await asyncio.Event().wait()

    async def main():
        before = []
        for _ in range(100_000):
            before = [asyncio.create_task(link(before))]
        await asyncio.sleep(0)

    asyncio.run(main())
    gc.collect()
    asyncio.new_event_loop()
    gc.collect()


def test_awaitables_release_what_they_hold_when_closed_or_thrown_into():
    event = asyncio.Event()
    before = sys.getrefcount(event)
    for end in ("close", "throw"):
        wait = event.wait()
        if end == "close":
            wait.close()
        else:
            with pytest.raises(ValueError):
                wait.throw(ValueError("x"))
        del wait
    assert sys.getrefcount(event) == before
