import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        raise ValueError("other")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except ValueError as e:
        print(e)
asyncio.run(main())
