import asyncio
async def t(n, e):
    try:
        await e.wait()
        print(n, "woken")
    except asyncio.CancelledError:
        print(n, "cancelled")
async def main():
    e = asyncio.Event()
    ts = [asyncio.create_task(t(n, e)) for n in range(3)]
    await asyncio.sleep(0)
    ts[1].cancel()
    await asyncio.sleep(0)
    e.set()
    await asyncio.sleep(0)
    print("end")
asyncio.run(main())
