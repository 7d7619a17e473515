import asyncio
async def t():
    return 4
async def main():
    task = asyncio.create_task(t())
    await task
    print(task.cancel())
    print(await task)
asyncio.run(main())
