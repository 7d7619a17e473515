import asyncio
loop = asyncio.new_event_loop()
print(loop is asyncio.get_event_loop(), loop is asyncio.Loop)
async def f():
    return 5
print(loop.run_until_complete(f()))
