import asyncio
async def t():
    await asyncio.sleep_ms(10)
    return 1
async def g(task):
    print("gathered", await asyncio.gather(task))
async def main():
    task = asyncio.create_task(t())
    gatherer = asyncio.create_task(g(task))
    await asyncio.sleep_ms(1)
    print("awaited", await task)
    await gatherer
asyncio.run(main())
