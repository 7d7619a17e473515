import asyncio
async def f():
    print("f")
    return 2
async def other():
    print("other")
async def main():
    asyncio.create_task(other())
    print(await f())
    await asyncio.sleep(0)
asyncio.run(main())
