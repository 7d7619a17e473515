import asyncio
async def w(e):
    await e.wait()
    print("woken", e.is_set())
async def main():
    e = asyncio.Event()
    asyncio.create_task(w(e))
    await asyncio.sleep(0)
    e.set()
    e.clear()
    await asyncio.sleep(0)
    print("end")
asyncio.run(main())
