import asyncio
async def t(x):
    await asyncio.sleep(0)
    return x
async def main():
    e = asyncio.Event()
    e.set()
    print(await asyncio.gather(t(1), asyncio.create_task(t(2)), e.wait(), asyncio.sleep_ms(1)))
asyncio.run(main())
