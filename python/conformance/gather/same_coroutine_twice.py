import asyncio
async def t():
    await asyncio.sleep_ms(1)
    return 7
async def main():
    c = t()
    print(await asyncio.gather(c, c))
asyncio.run(main())
