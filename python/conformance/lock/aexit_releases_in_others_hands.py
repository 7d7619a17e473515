import asyncio
async def main():
    lock = asyncio.Lock()
    async with lock:
        lock.release()
        await lock.acquire()
    try:
        async with lock:
            lock.release()
    except RuntimeError as e:
        print(e)
asyncio.run(main())
