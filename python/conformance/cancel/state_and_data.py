import asyncio
async def t():
    await asyncio.sleep_ms(1)
    return 8
async def main():
    task = asyncio.create_task(t())
    print(task.state, task.done())
    await asyncio.sleep_ms(5)
    print(task.state, task.data.value, type(task.data).__name__)
    await task
    print(task.state)
asyncio.run(main())
