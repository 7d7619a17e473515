"""The scenarios of Benchmarks/Sources/Scenarios with CPython's asyncio.

    python3 scenarios.py NAME COUNT [PARAMETER]
"""

import asyncio
import pathlib
import queue as queues
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "shared"))
from measurement import main, random_numbers, resident_bytes  # noqa: E402


async def switch(m, count, tasks=1):
    rounds = max(1, count // tasks)
    started = 1

    async def turns():
        nonlocal started
        started += 1
        for _ in range(rounds + 1):
            await asyncio.sleep(0)

    others = [asyncio.create_task(turns()) for _ in range(tasks - 1)]
    while started < tasks:
        await asyncio.sleep(0)
    with m:
        for _ in range(rounds):
            await asyncio.sleep(0)
    for task in others:
        await task
    m.operations = rounds * tasks


async def spawn(m, count):
    async def answer(number):
        return number

    total = 0
    with m:
        for number in range(count):
            total += await asyncio.create_task(answer(number))
    assert total == count * (count - 1) // 2
    m.operations = count


async def parked(m, count, batch=100_000):
    batches = max(1, count // batch)
    waiting = 0

    async def park(never):
        nonlocal waiting
        waiting += 1
        await never.wait()
        waiting -= 1

    for number in range(batches):
        never = asyncio.Event()
        before = resident_bytes()
        with m:
            tasks = [asyncio.create_task(park(never)) for _ in range(batch)]
            while waiting < batch:
                await asyncio.sleep(0)
        if number == 0:
            m.bytes = (resident_bytes() - before) // batch
        if number < batches - 1:
            never.set()
            await asyncio.wait(tasks)
    m.operations = batches * batch


async def gather(m, count, width=1000):
    rounds = max(1, count // width)

    async def answer(number):
        return number

    total = 0
    with m:
        for _ in range(rounds):
            total += sum(await asyncio.gather(*[answer(number) for number in range(width)]))
    assert total == rounds * width * (width - 1) // 2
    m.operations = rounds * width


async def timers(m, count, span=2000):
    random = random_numbers()
    with m:
        tasks = [asyncio.create_task(asyncio.sleep((500 + next(random) % span) / 1000)) for _ in range(count)]
        for task in tasks:
            await task
    m.operations = count


async def sleep_among(m, count, others=1_000_000):
    random = random_numbers()
    asleep = 0

    async def sleep_long(time):
        nonlocal asleep
        asleep += 1
        await asyncio.sleep(time)

    async def sleep_again(time):
        for _ in range(sleeps):
            await asyncio.sleep(time)

    long = [asyncio.create_task(sleep_long((3_600_000 + next(random) % 3_600_000) / 1000)) for _ in range(others)]
    while asleep < others:
        await asyncio.sleep(0)
    sleepers = 1000
    sleeps = max(1, count // sleepers)
    with m:
        for task in [asyncio.create_task(sleep_again((1 + next(random) % 10) / 1000)) for _ in range(sleepers)]:
            await task
    assert len(long) == others
    m.operations = sleeps * sleepers


async def cancel(m, count, batch=100_000):
    batches = max(1, count // batch)
    random = random_numbers()
    asleep = 0

    async def sleep_long(time):
        nonlocal asleep
        asleep += 1
        await asyncio.sleep(time)

    for _ in range(batches):
        asleep = 0
        tasks = [asyncio.create_task(sleep_long((3_600_000 + next(random) % 3_600_000) / 1000)) for _ in range(batch)]
        while asleep < batch:
            await asyncio.sleep(0)
        with m:
            for task in tasks:
                task.cancel()
            # In turn: `wait` and `gather` would add a callback to each.
            for task in tasks:
                try:
                    await task
                except asyncio.CancelledError:
                    pass
        assert all(task.cancelled() for task in tasks)
    m.operations = batches * batch


# `asyncio.timeout` does it within the task; `wait_for` makes another one before Python 3.12.
async def wait_for(m, count):
    async def answer(number):
        await asyncio.sleep(0)
        return number

    total = 0
    with m:
        for number in range(count):
            async with asyncio.timeout(5):
                total += await answer(number)
    assert total == count * (count - 1) // 2
    m.operations = count


async def wait_for_timeout(m, count, tasks=1000):
    rounds = max(1, count // tasks)
    passed = 0

    async def wait():
        nonlocal passed
        for _ in range(rounds):
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.sleep(3600)
            except TimeoutError:
                passed += 1

    with m:
        await asyncio.gather(*[wait() for _ in range(tasks)])
    assert passed == rounds * tasks
    m.operations = passed


async def event_wake(m, count, waiters=10_000):
    rounds = max(1, count // waiters)
    events = [asyncio.Event(), asyncio.Event()]
    waiting = 0

    async def wait():
        nonlocal waiting
        for number in range(rounds):
            waiting += 1
            await events[number % 2].wait()

    tasks = [asyncio.create_task(wait()) for _ in range(waiters)]
    while waiting < waiters:
        await asyncio.sleep(0)
    with m:
        for number in range(rounds):
            waiting = 0
            events[(number + 1) % 2].clear()
            events[number % 2].set()
            while waiting < waiters and number < rounds - 1:
                await asyncio.sleep(0)
        for task in tasks:
            await task
    m.operations = rounds * waiters


async def lock(m, count, tasks=100):
    rounds = max(1, count // tasks)
    mutex = asyncio.Lock()
    locked = 0

    async def contend():
        nonlocal locked
        for _ in range(rounds):
            async with mutex:
                before = locked
                await asyncio.sleep(0)
                locked = before + 1

    with m:
        await asyncio.gather(*[contend() for _ in range(tasks)])
    assert locked == rounds * tasks
    m.operations = locked


async def queue(m, count, room=16):
    numbers = asyncio.Queue(room)

    async def produce():
        for number in range(count):
            await numbers.put(number)

    total = 0
    with m:
        producer = asyncio.create_task(produce())
        for _ in range(count):
            total += await numbers.get()
    await producer
    assert total == count * (count - 1) // 2
    m.operations = count


async def latency(m, count):
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    answers = queues.SimpleQueue()

    def ask():
        for number in range(count):
            loop.call_soon_threadsafe(answers.put, number)
            answers.get()
        loop.call_soon_threadsafe(done.set)

    with m:
        threading.Thread(target=ask).start()
        await done.wait()
    m.operations = count


async def throughput(m, count):
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    heard = 0

    def hear():
        nonlocal heard
        heard += 1
        if heard == count:
            done.set()

    def tell():
        for _ in range(count):
            loop.call_soon_threadsafe(hear)

    with m:
        threading.Thread(target=tell).start()
        await done.wait()
    m.operations = count


scenarios = {
    "switch": switch,
    "spawn": spawn,
    "parked": parked,
    "gather": gather,
    "timers": timers,
    "sleepAmong": sleep_among,
    "cancel": cancel,
    "waitFor": wait_for,
    "waitForTimeout": wait_for_timeout,
    "eventWake": event_wake,
    "lock": lock,
    "queue": queue,
    "crossThreadLatency": latency,
    "crossThreadThroughput": throughput,
}

if __name__ == "__main__":
    main(scenarios, lambda coroutine: asyncio.run(coroutine()))
