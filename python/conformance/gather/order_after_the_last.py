import asyncio
async def t(n):
    await asyncio.sleep(0)
    print("t", n)
async def counter():
    for i in range(4):
        print("turn", i)
        await asyncio.sleep(0)
async def main():
    c = asyncio.create_task(counter())
    await asyncio.gather(t(1), t(2))
    print("main")
    await c
asyncio.run(main())
