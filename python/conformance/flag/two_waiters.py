import asyncio
async def w(n, f):
    await f.wait()
    print(n)
async def main():
    f = asyncio.ThreadSafeFlag()
    for n in range(2): asyncio.create_task(w(n, f))
    await asyncio.sleep(0)
    f.set()
    await asyncio.sleep_ms(10)
    print("end")
asyncio.run(main())
