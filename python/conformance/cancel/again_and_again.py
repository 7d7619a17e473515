import asyncio
async def t():
    n = 0
    while n < 3:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            n += 1
            print("no", n)
async def main():
    task = asyncio.create_task(t())
    for _ in range(3):
        await asyncio.sleep_ms(1)
        task.cancel()
    await task
    print("end")
asyncio.run(main())
