import asyncio
from asyncio import core
class Gate:
    def __init__(self):
        self.waiting = asyncio.TaskQueue() if hasattr(asyncio, "TaskQueue") else core.TaskQueue()
    def open(self):
        while self.waiting.peek():
            core._task_queue.push(self.waiting.pop())
    def wait(self):
        self.waiting.push(core.cur_task)
        core.cur_task.data = self.waiting
        yield
async def t(n, gate):
    try:
        await gate.wait()
        print(n, "through")
    except asyncio.CancelledError:
        print(n, "cancelled")
async def main():
    gate = Gate()
    ts = [asyncio.create_task(t(n, gate)) for n in range(3)]
    await asyncio.sleep(0)
    ts[1].cancel()
    await asyncio.sleep(0)
    gate.open()
    await asyncio.sleep(0)
asyncio.run(main())
