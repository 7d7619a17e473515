import asyncio
async def t():
    await asyncio.sleep(10)
async def g(ts):
    print(await asyncio.gather(*ts, return_exceptions=True))
async def main():
    ts = [asyncio.create_task(t()) for _ in range(2)]
    task = asyncio.create_task(g(ts))
    await asyncio.sleep_ms(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("main")
    await asyncio.sleep(0)
    print([x.done() for x in ts])
asyncio.run(main())
