import asyncio
async def t(ms):
    try:
        await asyncio.sleep_ms(ms)
        print("finished", ms)
    except asyncio.CancelledError:
        print("cancelled", ms)
        raise
async def main():
    task = asyncio.create_task(g())
    await asyncio.sleep_ms(15)
    task.cancel()
    await asyncio.sleep_ms(5)
    print(task.done())
async def g():
    await asyncio.gather(t(10), t(100), t(50))
asyncio.run(main())
