import asyncio
async def t():
    print("t")
async def main():
    g = asyncio.gather(t())
    await asyncio.sleep_ms(1)
    print("before")
    await g
asyncio.run(main())
