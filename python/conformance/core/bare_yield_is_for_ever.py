import asyncio
@__import__("types").coroutine
def bare():
    yield
async def t():
    await bare()
    print("never")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep_ms(5)
    print(task.done())
    asyncio.core._task_queue.push(task)
    await asyncio.sleep(0)
    print(task.done())
asyncio.run(main())
