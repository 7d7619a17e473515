import asyncio
async def t(lock):
    async with lock:
        print("no")
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    task = asyncio.create_task(t(lock))
    await asyncio.sleep(0)
    lock.release()
    task.cancel()
    await asyncio.sleep(0)
    print(lock.locked(), lock.state)
    async with lock:
        print("free")
asyncio.run(main())
