import asyncio
async def t(n):
    await asyncio.sleep_ms(n)
    if n == 20:
        raise ValueError(n)
    return n
async def main():
    print(await asyncio.gather(t(10), t(20), t(30), return_exceptions=True))
asyncio.run(main())
