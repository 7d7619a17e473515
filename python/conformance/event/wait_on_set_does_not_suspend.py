import asyncio
async def other():
    print("other")
async def main():
    e = asyncio.Event()
    e.set()
    asyncio.create_task(other())
    await e.wait()
    print("main")
    await asyncio.sleep(0)
asyncio.run(main())
