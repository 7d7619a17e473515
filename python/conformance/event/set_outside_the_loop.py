import asyncio
e = asyncio.Event()
e.set()
async def main():
    print(await e.wait())
asyncio.run(main())
