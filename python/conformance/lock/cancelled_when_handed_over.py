import asyncio
async def t(n, lock):
    try:
        async with lock:
            print(n)
    except asyncio.CancelledError:
        print(n, "cancelled")
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    ts = [asyncio.create_task(t(n, lock)) for n in range(3)]
    await asyncio.sleep(0)
    lock.release()
    ts[0].cancel()
    await asyncio.sleep_ms(1)
    print(lock.locked())
asyncio.run(main())
