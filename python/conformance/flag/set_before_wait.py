import asyncio
async def main():
    f = asyncio.ThreadSafeFlag()
    f.set()
    print(await f.wait())
    try:
        await asyncio.wait_for(f.wait(), 0.01)
    except asyncio.TimeoutError:
        print("cleared")
asyncio.run(main())
