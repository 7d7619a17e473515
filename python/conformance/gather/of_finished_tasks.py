import asyncio
async def t(x):
    return x
async def main():
    a, b = asyncio.create_task(t(1)), asyncio.create_task(t(2))
    await asyncio.sleep(0)
    print(a.done(), b.done())
    print(await asyncio.gather(a, b))
    print(await asyncio.gather(a, t(3), b))
asyncio.run(main())
