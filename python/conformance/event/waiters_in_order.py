import asyncio
async def w(n, e):
    print(n, await e.wait())
async def main():
    e = asyncio.Event()
    for n in range(4): asyncio.create_task(w(n, e))
    await asyncio.sleep(0)
    e.set()
    print("set")
    await asyncio.sleep(0)
asyncio.run(main())
