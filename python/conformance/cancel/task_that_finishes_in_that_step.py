import asyncio
async def t():
    await asyncio.sleep_ms(10)
    return "done"
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep_ms(20)
    print(task.done(), task.cancel(), await task)
asyncio.run(main())
