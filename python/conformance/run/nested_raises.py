import asyncio
async def inner():
    await asyncio.sleep_ms(5)
    raise ValueError("inner")
async def main():
    try:
        asyncio.run(inner())
    except ValueError as e:
        print(e)
    await asyncio.sleep_ms(1)
    print(asyncio.current_task() is me)
me = asyncio.create_task(main())
asyncio.get_event_loop().run_until_complete(me)
