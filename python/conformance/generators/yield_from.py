import asyncio
def gen():
    yield from asyncio.sleep_ms(5)
    return 3
async def main():
    print(await gen())
    t = asyncio.create_task(gen())
    print(await t)
asyncio.run(main())
