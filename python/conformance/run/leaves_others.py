import asyncio
async def t():
    for i in range(4):
        print("t", i)
        await asyncio.sleep(0)
async def main(n):
    print("main", n)
    await asyncio.sleep(0)
asyncio.create_task(t())
asyncio.run(main(1))
asyncio.run(main(2))
