import asyncio
async def bad():
    raise ValueError("bad")
async def good():
    print("good runs")
    return 1
async def main():
    b = asyncio.create_task(bad())
    await asyncio.sleep(0)
    try:
        await asyncio.gather(good(), b)
    except ValueError as e:
        print(e)
    print(await asyncio.gather(good(), b, return_exceptions=True))
asyncio.get_event_loop().set_exception_handler(lambda loop, c: print("handler"))
asyncio.run(main())
