import asyncio
print(issubclass(asyncio.CancelledError, Exception), issubclass(asyncio.CancelledError, BaseException))
print(issubclass(asyncio.TimeoutError, Exception), issubclass(asyncio.TimeoutError, OSError))
async def t():
    try:
        await asyncio.sleep(10)
    except Exception:
        print("wrong")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("right")
asyncio.run(main())
