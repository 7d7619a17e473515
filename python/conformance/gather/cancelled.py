import asyncio
async def t(n):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("cancelled", n)
        raise
async def g():
    try:
        await asyncio.gather(t(1), t(2), t(3))
    except asyncio.CancelledError:
        print("gather cancelled")
        raise
async def main():
    task = asyncio.create_task(g())
    await asyncio.sleep_ms(1)
    print(task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        print("main")
    await asyncio.sleep_ms(1)
asyncio.run(main())
