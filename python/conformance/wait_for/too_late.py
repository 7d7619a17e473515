import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("cancelled")
        raise
async def main():
    for w in (asyncio.wait_for(t(), 0.01), asyncio.wait_for_ms(t(), 10)):
        try:
            await w
        except asyncio.TimeoutError as e:
            print(repr(e))
asyncio.run(main())
