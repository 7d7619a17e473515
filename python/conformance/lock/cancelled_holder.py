import asyncio
async def t(lock):
    async with lock:
        await asyncio.sleep(10)
async def main():
    lock = asyncio.Lock()
    task = asyncio.create_task(t(lock))
    await asyncio.sleep(0)
    print(lock.locked())
    task.cancel()
    async with lock:
        print("mine", task.done())
asyncio.run(main())
