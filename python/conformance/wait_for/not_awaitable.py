import asyncio
async def main():
    for f in (asyncio.wait_for, asyncio.wait_for_ms):
        try:
            await f(5, 1)
        except TypeError as e:
            print(e)
asyncio.run(main())
