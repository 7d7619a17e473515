import asyncio
async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        return "inner value"
async def outer(t):
    print(await t)
    return "outer value"
async def main():
    o = asyncio.create_task(outer(asyncio.create_task(inner())))
    await asyncio.sleep_ms(1)
    o.cancel()
    print(await o)
asyncio.run(main())
