import asyncio
async def setter(f):
    await asyncio.sleep_ms(5)
    f.set()
    print("set")
async def main():
    f = asyncio.ThreadSafeFlag()
    asyncio.create_task(setter(f))
    await f.wait()
    print("woken")
asyncio.run(main())
