import asyncio
async def w(f):
    await f.wait()
    print("flag")
async def e_w(e):
    await e.wait()
    print("event")
async def main():
    f, e = asyncio.ThreadSafeFlag(), asyncio.Event()
    asyncio.create_task(w(f))
    asyncio.create_task(e_w(e))
    await asyncio.sleep(0)
    f.set()
    e.set()
    await asyncio.sleep_ms(10)
asyncio.run(main())
