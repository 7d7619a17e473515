import asyncio
async def inner():
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 1)
    except asyncio.CancelledError:
        print("inner cancelled")
        raise
async def main():
    try:
        await asyncio.wait_for(inner(), 0.01)
    except asyncio.TimeoutError:
        print("outer")
asyncio.run(main())
