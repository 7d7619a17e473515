import asyncio
async def t():
    print("t")
async def main():
    asyncio.create_task(t())
    await asyncio.sleep(-5)
    print("main")
    await asyncio.sleep_ms(-1)
    print("end")
asyncio.run(main())
