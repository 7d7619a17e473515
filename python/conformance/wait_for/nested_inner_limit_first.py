import asyncio
async def main():
    async def inner():
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except asyncio.TimeoutError:
            print("inner")
            return 1
    print(await asyncio.wait_for(inner(), 0.05))
asyncio.run(main())
