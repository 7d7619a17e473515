import asyncio
async def t():
    await asyncio.sleep_ms(20)
    return 1
async def main():
    print(await asyncio.wait_for(t(), None))
    print(await asyncio.wait_for_ms(t(), None))
asyncio.run(main())
