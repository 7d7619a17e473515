import asyncio
async def t(lock):
    await lock.acquire()
    print("got it", lock.locked())
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.create_task(t(lock))
    await asyncio.sleep(0)
    lock.release()
    print(lock.locked())
    try:
        lock.release()
    except RuntimeError as e:
        print(e)
    await asyncio.sleep(0)
asyncio.run(main())
