import asyncio
async def t(x):
    await asyncio.sleep_ms(x)
    return x
async def pair(x):
    return await asyncio.gather(t(x), t(x + 1))
async def main():
    print(await asyncio.gather(pair(1), pair(3)))
asyncio.run(main())
