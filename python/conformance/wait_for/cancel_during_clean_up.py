import asyncio
async def inner():
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep_ms(20)
        print("cleaned")
async def outer():
    try:
        await asyncio.wait_for(inner(), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
    except asyncio.CancelledError:
        print("cancelled")
        raise
async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep_ms(20)
    print(task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        print("main")
asyncio.run(main())
