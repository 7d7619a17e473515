import asyncio
async def t(n, ms):
    await asyncio.sleep_ms(ms)
    print(n)
    return n
async def main():
    print(await asyncio.gather(t(1, 30), t(2, 10), t(3, 20)))
asyncio.run(main())
