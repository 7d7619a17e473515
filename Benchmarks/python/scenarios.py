"""What is measured: the same code on each loop. Each scenario returns the seconds that it took and how many operations."""

import sys
import time

LOOP = sys.argv[1]

if LOOP == "uasyncio":
    import uasyncio as asyncio
else:
    import asyncio

    if LOOP == "uvloop":
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

clock = time.perf_counter


async def nothing():
    pass


async def switch(count=200_000):
    """Ten tasks that only hand over to each other; one operation is one switch."""

    async def hand_over():
        for _ in range(count // 10):
            await asyncio.sleep(0)

    began = clock()
    tasks = [asyncio.create_task(hand_over()) for _ in range(10)]
    for task in tasks:
        await task
    return clock() - began, count


async def spawn_and_join(count=100_000):
    """A task that does nothing is made and awaited."""
    began = clock()
    for _ in range(count):
        await asyncio.create_task(nothing())
    return clock() - began, count


async def timers(count=10_000):
    """Ten thousand tasks that sleep at once, for one to fifty milliseconds; what it took beyond the longest sleep."""
    tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(10)]
    for task in tasks:
        await task

    async def sleep(number):
        await asyncio.sleep(0.001 + number % 50 / 1000)

    began = time.process_time()
    tasks = [asyncio.create_task(sleep(number)) for number in range(count)]
    for task in tasks:
        await task
    return time.process_time() - began, count


async def event_wake(count=100_000):
    """Two tasks that wake each other through events; one operation is one wake."""
    one, other = asyncio.Event(), asyncio.Event()

    async def answer(mine, theirs):
        for _ in range(count // 2):
            await mine.wait()
            mine.clear()
            theirs.set()

    began = clock()
    tasks = [asyncio.create_task(answer(one, other)), asyncio.create_task(answer(other, one))]
    one.set()
    for task in tasks:
        await task
    return clock() - began, count


async def lock(count=50_000):
    """Ten tasks that take turns at a lock that is always wanted."""
    mutex = asyncio.Lock()

    async def take():
        for _ in range(count // 10):
            async with mutex:
                await asyncio.sleep(0)

    began = clock()
    tasks = [asyncio.create_task(take()) for _ in range(10)]
    for task in tasks:
        await task
    return clock() - began, count


async def gather_1000(count=100):
    """A thousand coroutines gathered; one operation is one of them."""
    began = clock()
    for _ in range(count):
        await asyncio.gather(*[nothing() for _ in range(1000)])
    return clock() - began, count * 1000


async def wait_for(count=30_000):
    """A time limit around a coroutine that takes one switch."""
    began = clock()
    for _ in range(count):
        await asyncio.wait_for(asyncio.sleep(0), 1)
    return clock() - began, count


async def echo(connections, count=20_000):
    """Lines over TCP to a server in the same process and back; one operation is one round trip."""

    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def client():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count // connections):
            writer.write(b"hello, world\n")
            await writer.drain()
            await reader.readline()
        writer.close()

    port = 18600 + ("uasyncio", "asyncio", "uvloop").index(LOOP)
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    began = clock()
    await asyncio.gather(*[client() for _ in range(connections)])
    seconds = clock() - began
    server.close()
    return seconds, count


SCENARIOS = {
    "switch": switch,
    "spawn and join": spawn_and_join,
    "10,000 timers": timers,
    "event wake": event_wake,
    "lock": lock,
    "gather of 1,000": gather_1000,
    "wait_for": wait_for,
    "echo, 1 connection": lambda: echo(1),
    "echo, 50 connections": lambda: echo(50),
}


async def main():
    seconds, count = await SCENARIOS[sys.argv[2]]()
    print(seconds / count * 1e9)


asyncio.run(main())
