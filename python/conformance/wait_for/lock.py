import asyncio
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    try:
        await asyncio.wait_for(lock.acquire(), 0.01)
    except asyncio.TimeoutError:
        print("timeout", lock.locked())
    lock.release()
    print(await asyncio.wait_for(lock.acquire(), 0.01), lock.locked())
asyncio.run(main())
