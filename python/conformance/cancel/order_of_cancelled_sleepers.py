import asyncio
async def t(n):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(n)
async def main():
    ts = [asyncio.create_task(t(n)) for n in range(4)]
    await asyncio.sleep(0)
    for i in (2, 0, 3, 1): ts[i].cancel()
    await asyncio.sleep(0)
asyncio.run(main())
