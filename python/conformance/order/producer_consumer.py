import asyncio
async def producer(q, e):
    for i in range(3):
        q.append(i)
        e.set()
        await asyncio.sleep_ms(10)
async def consumer(q, e):
    for _ in range(3):
        await e.wait()
        e.clear()
        print("got", q.pop(0))
async def main():
    q, e = [], asyncio.Event()
    c = asyncio.create_task(consumer(q, e))
    await producer(q, e)
    await c
asyncio.run(main())
