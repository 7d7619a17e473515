import asyncio
async def t():
    try:
        await asyncio.sleep(0)
        print("not printed")
    except asyncio.CancelledError:
        print("cancelled")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    await task
asyncio.run(main())
