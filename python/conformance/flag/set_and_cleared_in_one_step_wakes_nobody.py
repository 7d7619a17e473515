import asyncio
async def w(f):
    await f.wait()
    print("woken")
async def main():
    f = asyncio.ThreadSafeFlag()
    asyncio.create_task(w(f))
    await asyncio.sleep(0)
    f.set()
    f.clear()
    await asyncio.sleep_ms(10)
    print("end")
asyncio.run(main())
