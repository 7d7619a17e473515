"""The scenarios of Benchmarks/Sources/Scenarios with trio.

    python3 scenarios.py NAME COUNT [PARAMETER]

Tasks live in nurseries here: to wait for one task is to leave its nursery, and what is cancelled is a scope.
"""

import pathlib
import queue as queues
import sys
import threading

import trio
from trio.lowlevel import checkpoint

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "shared"))
from measurement import main, random_numbers, resident_bytes  # noqa: E402


async def switch(m, count, tasks=1):
    rounds = max(1, count // tasks)
    started = left = 0
    go = trio.Event()

    # The order of turns is drawn by lot here: the last to have had all its turns stops the watch.
    async def turns():
        nonlocal started, left
        started += 1
        await go.wait()
        for _ in range(rounds):
            await checkpoint()
        left -= 1
        if left == 0:
            m.__exit__()

    async with trio.open_nursery() as nursery:
        left = tasks
        for _ in range(tasks):
            nursery.start_soon(turns)
        while started < tasks:
            await checkpoint()
        m.__enter__()
        go.set()
    m.operations = rounds * tasks


async def spawn(m, count):
    total = 0

    async def add(number):
        nonlocal total
        total += number

    with m:
        for number in range(count):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(add, number)
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
        never = trio.Event()
        async with trio.open_nursery() as nursery:
            before = resident_bytes()
            with m:
                for _ in range(batch):
                    nursery.start_soon(park, never)
                while waiting < batch:
                    await checkpoint()
            if number == 0:
                m.bytes = (resident_bytes() - before) // batch
            never.set()
    m.operations = batches * batch


async def gather(m, count, width=1000):
    rounds = max(1, count // width)
    total = 0
    with m:
        for _ in range(rounds):
            numbers = [0] * width

            async def answer(number):
                numbers[number] = number

            async with trio.open_nursery() as nursery:
                for number in range(width):
                    nursery.start_soon(answer, number)
            total += sum(numbers)
    assert total == rounds * width * (width - 1) // 2
    m.operations = rounds * width


async def timers(m, count, span=2000):
    random = random_numbers()
    with m:
        async with trio.open_nursery() as nursery:
            for _ in range(count):
                nursery.start_soon(trio.sleep, (500 + next(random) % span) / 1000)
    m.operations = count


async def sleep_among(m, count, others=1_000_000):
    random = random_numbers()
    asleep = 0

    async def sleep_long(time):
        nonlocal asleep
        asleep += 1
        await trio.sleep(time)

    async def sleep_again(time):
        for _ in range(sleeps):
            await trio.sleep(time)

    async with trio.open_nursery() as long:
        for _ in range(others):
            long.start_soon(sleep_long, (3_600_000 + next(random) % 3_600_000) / 1000)
        while asleep < others:
            await checkpoint()
        sleepers = 1000
        sleeps = max(1, count // sleepers)
        with m:
            async with trio.open_nursery() as nursery:
                for _ in range(sleepers):
                    nursery.start_soon(sleep_again, (1 + next(random) % 10) / 1000)
        long.cancel_scope.cancel()
    m.operations = sleeps * sleepers


async def cancel(m, count, batch=100_000):
    batches = max(1, count // batch)
    random = random_numbers()
    asleep = cancelled = 0

    async def sleep_long(scope, time):
        nonlocal asleep, cancelled
        with scope:
            asleep += 1
            await trio.sleep(time)
        cancelled += scope.cancelled_caught

    for _ in range(batches):
        asleep = 0
        async with trio.open_nursery() as nursery:
            scopes = [trio.CancelScope() for _ in range(batch)]
            for scope in scopes:
                nursery.start_soon(sleep_long, scope, (3_600_000 + next(random) % 3_600_000) / 1000)
            while asleep < batch:
                await checkpoint()
            m.__enter__()
            for scope in scopes:
                scope.cancel()
        m.__exit__()
    assert cancelled == batches * batch
    m.operations = cancelled


async def wait_for(m, count):
    total = 0
    with m:
        for number in range(count):
            with trio.fail_after(5):
                await checkpoint()
                total += number
    assert total == count * (count - 1) // 2
    m.operations = count


async def wait_for_timeout(m, count, tasks=1000):
    rounds = max(1, count // tasks)
    passed = 0

    async def wait():
        nonlocal passed
        for _ in range(rounds):
            try:
                with trio.fail_after(0.001):
                    await trio.sleep(3600)
            except trio.TooSlowError:
                passed += 1

    with m:
        async with trio.open_nursery() as nursery:
            for _ in range(tasks):
                nursery.start_soon(wait)
    assert passed == rounds * tasks
    m.operations = passed


async def event_wake(m, count, waiters=10_000):
    rounds = max(1, count // waiters)
    # An event of trio's serves once.
    events = [trio.Event() for _ in range(rounds)]
    waiting = 0

    async def wait():
        nonlocal waiting
        for event in events:
            waiting += 1
            await event.wait()

    async with trio.open_nursery() as nursery:
        for _ in range(waiters):
            nursery.start_soon(wait)
        while waiting < waiters:
            await checkpoint()
        m.__enter__()
        for number, event in enumerate(events):
            waiting = 0
            event.set()
            while waiting < waiters and number < rounds - 1:
                await checkpoint()
    m.__exit__()
    m.operations = rounds * waiters


async def lock(m, count, tasks=100):
    rounds = max(1, count // tasks)
    mutex = trio.Lock()
    locked = 0

    async def contend():
        nonlocal locked
        for _ in range(rounds):
            async with mutex:
                before = locked
                await checkpoint()
                locked = before + 1

    with m:
        async with trio.open_nursery() as nursery:
            for _ in range(tasks):
                nursery.start_soon(contend)
    assert locked == rounds * tasks
    m.operations = locked


async def queue(m, count, room=16):
    sender, receiver = trio.open_memory_channel(room)

    async def produce():
        async with sender:
            for number in range(count):
                await sender.send(number)

    total = 0
    async with trio.open_nursery() as nursery:
        with m:
            nursery.start_soon(produce)
            async for number in receiver:
                total += number
    assert total == count * (count - 1) // 2
    m.operations = count


async def latency(m, count):
    token = trio.lowlevel.current_trio_token()
    done = trio.Event()
    answers = queues.SimpleQueue()

    def ask():
        for number in range(count):
            token.run_sync_soon(answers.put, number)
            answers.get()
        token.run_sync_soon(done.set)

    with m:
        threading.Thread(target=ask).start()
        await done.wait()
    m.operations = count


async def throughput(m, count):
    token = trio.lowlevel.current_trio_token()
    done = trio.Event()
    heard = 0

    def hear():
        nonlocal heard
        heard += 1
        if heard == count:
            done.set()

    def tell():
        for _ in range(count):
            token.run_sync_soon(hear)

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
    main(scenarios, trio.run)
