import asyncio
async def t(ms):
    await asyncio.sleep_ms(ms)
    print(ms)
async def main():
    await asyncio.gather(*[t(ms) for ms in (90, 30, 60, 10, 50)])
asyncio.run(main())
