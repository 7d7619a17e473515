import asyncio
async def main():
    e = asyncio.Event()
    t = asyncio.create_task(e.wait())
    await asyncio.sleep(0)
    print(t.done())
    e.set()
    print(await t)
asyncio.run(main())
