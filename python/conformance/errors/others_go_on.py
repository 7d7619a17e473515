import asyncio
async def bad():
    raise OSError(1)
async def good():
    for i in range(3):
        print(i)
        await asyncio.sleep(0)
async def main():
    asyncio.create_task(bad())
    await good()
asyncio.get_event_loop().set_exception_handler(lambda loop, c: print("handler"))
asyncio.run(main())
