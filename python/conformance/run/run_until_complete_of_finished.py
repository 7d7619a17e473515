import asyncio
async def f():
    return 7
async def bad():
    raise ValueError(1)
loop = asyncio.get_event_loop()
t = loop.create_task(f())
print(loop.run_until_complete(t), loop.run_until_complete(t))
