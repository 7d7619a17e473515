import asyncio
async def t(n, lock):
    async with lock:
        print(n)
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.create_task(t("waiter", lock))
    await asyncio.sleep(0)
    lock.release()
    async with lock:
        print("main")
asyncio.run(main())
