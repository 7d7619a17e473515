import asyncio
async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("inner")
        raise
async def outer(t):
    try:
        await t
    except asyncio.CancelledError:
        print("outer")
        raise
async def main():
    i = asyncio.create_task(inner())
    o = asyncio.create_task(outer(i))
    await asyncio.sleep_ms(1)
    o.cancel()
    try:
        await o
    except asyncio.CancelledError:
        print("main", i.done())
asyncio.run(main())
