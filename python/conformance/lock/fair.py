import asyncio
async def t(n, lock):
    for i in range(2):
        async with lock:
            print(n, i)
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    ts = [asyncio.create_task(t(n, lock)) for n in range(3)]
    await asyncio.sleep(0)
    lock.release()
    for x in ts: await x
asyncio.run(main())
