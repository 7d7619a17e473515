import asyncio
async def coro():
    await asyncio.sleep(0)
    return 4
def gen():
    x = yield from coro()
    t = asyncio.create_task(coro())
    y = yield from t
    return x + y
async def main():
    print(await gen())
asyncio.run(main())
