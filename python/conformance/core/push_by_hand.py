import asyncio
from asyncio import core
async def t():
    print("t")
async def main():
    task = core.Task(t())
    print(task.done())
    await asyncio.sleep(0)
    core._task_queue.push(task)
    await asyncio.sleep(0)
    print(task.done())
asyncio.run(main())
