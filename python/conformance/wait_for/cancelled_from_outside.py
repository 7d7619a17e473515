import asyncio
async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("inner")
        raise
async def outer():
    try:
        await asyncio.wait_for(inner(), 5)
    except asyncio.CancelledError:
        print("outer")
        raise
async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep_ms(1)
    print(task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        print("main")
    await asyncio.sleep_ms(1)
asyncio.run(main())
