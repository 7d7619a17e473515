import asyncio
async def main():
    for f, t in ((asyncio.wait_for, 0.005), (asyncio.wait_for_ms, 2.5)):
        try:
            await f(asyncio.Event().wait(), t)
        except asyncio.TimeoutError:
            print("timeout")
asyncio.run(main())
