import asyncio
async def main():
    e = asyncio.Event()
    print(e.is_set())
    e.set()
    print(e.is_set(), await e.wait())
    e.clear()
    print(e.is_set())
    e.set()
    e.set()
    print(await e.wait())
asyncio.run(main())
