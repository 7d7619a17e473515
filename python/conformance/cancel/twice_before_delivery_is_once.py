import asyncio
async def t():
    for i in range(3):
        try:
            await asyncio.sleep_ms(10)
            print("slept")
        except asyncio.CancelledError:
            print("cancelled")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    print(task.cancel(), task.cancel())
    await task
asyncio.run(main())
