import asyncio
async def t():
    return 3
async def other():
    print("other")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    asyncio.create_task(other())
    print(await task)
    print(await task)
    await asyncio.sleep(0)
asyncio.run(main())
