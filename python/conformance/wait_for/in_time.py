import asyncio
async def t():
    await asyncio.sleep_ms(5)
    return "value"
async def main():
    print(await asyncio.wait_for(t(), 1))
    print(await asyncio.wait_for_ms(t(), 1000))
asyncio.run(main())
