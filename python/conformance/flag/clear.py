import asyncio
async def main():
    f = asyncio.ThreadSafeFlag()
    f.set()
    f.clear()
    try:
        await asyncio.wait_for_ms(f.wait(), 5)
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
