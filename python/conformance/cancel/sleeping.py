import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("cancelled")
        raise
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    print(task.cancel())
    print(task.done())
    try:
        await task
    except asyncio.CancelledError as e:
        print(repr(e))
    print(task.done(), task.cancel())
asyncio.run(main())
