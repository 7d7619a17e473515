import asyncio
async def t(e):
    try:
        await e.wait()
        print("woken")
    except asyncio.CancelledError:
        print("cancelled")
async def main():
    e = asyncio.Event()
    task = asyncio.create_task(t(e))
    await asyncio.sleep(0)
    e.set()
    print(task.cancel())
    await task
asyncio.run(main())
