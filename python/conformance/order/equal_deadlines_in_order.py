import asyncio
async def t(n):
    await asyncio.sleep_ms(20)
    print(n)
async def main():
    await asyncio.gather(*[t(n) for n in range(6)])
asyncio.run(main())
