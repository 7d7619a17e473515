import asyncio
async def main():
    e = asyncio.Event()
    try:
        await asyncio.wait_for(e.wait(), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
    e.set()
    print(await asyncio.wait_for(e.wait(), 0.01))
asyncio.run(main())
