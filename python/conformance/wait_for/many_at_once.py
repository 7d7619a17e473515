import asyncio
async def t(ms):
    await asyncio.sleep_ms(ms)
    return ms
async def limited(ms):
    try:
        return await asyncio.wait_for_ms(t(ms), 50)
    except asyncio.TimeoutError:
        return "late"
async def main():
    print(await asyncio.gather(*[limited(ms) for ms in (10, 90, 30, 70)]))
asyncio.run(main())
