import asyncio
async def t():
    print("t")
async def main():
    task = asyncio.create_task(t())
    print(task.done())
    await task
    print(task.done())
asyncio.run(main())
