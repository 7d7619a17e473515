import asyncio
async def t(n):
    try:
        await asyncio.sleep(0)
        print(n)
    except asyncio.CancelledError:
        print(n, "cancelled")
async def main():
    ts = [asyncio.create_task(t(n)) for n in range(3)]
    await asyncio.sleep(0)
    ts[2].cancel()
    ts[0].cancel()
    await asyncio.sleep(0)
asyncio.run(main())
