import asyncio
from asyncio import core
async def t():
    try:
        await asyncio.sleep(10)
    except ValueError as e:
        print("thrown", e)
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    core._task_queue.push(task)
    task.data = ValueError("x")
    await task
asyncio.run(main())
