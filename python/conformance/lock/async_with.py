import asyncio
async def t(n, lock):
    async with lock:
        print(n, "in")
        await asyncio.sleep_ms(5)
        print(n, "out")
async def main():
    lock = asyncio.Lock()
    await asyncio.gather(*[t(n, lock) for n in range(3)])
    print(lock.locked())
asyncio.run(main())
