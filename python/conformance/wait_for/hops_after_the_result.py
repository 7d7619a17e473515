import asyncio
async def t():
    await asyncio.sleep(0)
    print("t ends")
    return 1
async def counter():
    for i in range(7):
        print("turn", i)
        await asyncio.sleep(0)
async def main():
    c = asyncio.create_task(counter())
    await asyncio.wait_for(t(), 1)
    print("main")
    await c
asyncio.run(main())
