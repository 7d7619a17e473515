# On MicroPython a coroutine is a generator: it may yield to the loop by hand, and `yield from` is an await.
import asyncio
from asyncio import core
class Queue:
    def __init__(self):
        self.items = []
        self.waiting = core.TaskQueue()
    async def get(self):
        while not self.items:
            self.waiting.push(core.cur_task)
            core.cur_task.data = self.waiting
            yield
        return self.items.pop(0)
    def put(self, item):
        self.items.append(item)
        if self.waiting.peek():
            core._task_queue.push(self.waiting.pop())
async def answer():
    yield from asyncio.sleep_ms(0)
    return 42
async def consumer(name, queue):
    print(name, await queue.get())
async def items():
    # Yields values: an asynchronous generator, as on CPython.
    for n in range(3):
        await asyncio.sleep_ms(0)
        yield n
async def main():
    queue = Queue()
    tasks = [asyncio.create_task(consumer(n, queue)) for n in "ab"]
    lost = asyncio.create_task(consumer("c", queue))
    await asyncio.sleep(0)
    lost.cancel()
    queue.put(1)
    await asyncio.sleep(0)
    queue.put(2)
    for task in tasks:
        await task
    value = yield from answer()
    print(value)
    print([n async for n in items()])
asyncio.run(main())
