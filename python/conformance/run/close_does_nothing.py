import asyncio
loop = asyncio.get_event_loop()
loop.close()
async def f():
    return 1
print(loop.run_until_complete(f()))
