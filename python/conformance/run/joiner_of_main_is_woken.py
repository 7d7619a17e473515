import asyncio
async def j(t):
    try:
        await t
    except ValueError as e:
        print("joiner", e)
async def main():
    asyncio.create_task(j(asyncio.current_task()))
    await asyncio.sleep(0)
    raise ValueError("main")
try:
    asyncio.run(main())
except ValueError as e:
    print("run", e)
async def rest():
    await asyncio.sleep(0)
asyncio.run(rest())
