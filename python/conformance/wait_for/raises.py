import asyncio
async def t():
    await asyncio.sleep_ms(1)
    raise ValueError("t")
async def main():
    try:
        await asyncio.wait_for(t(), 1)
    except ValueError as e:
        print(e)
asyncio.run(main())
