import asyncio
async def t():
    await asyncio.sleep_ms(5)
    print("t")
async def bad():
    asyncio.create_task(t())
    await asyncio.sleep(0)
    raise OSError(5)
async def good():
    await asyncio.sleep_ms(10)
    return "good"
try:
    asyncio.run(bad())
except OSError as e:
    print(e.args)
print(asyncio.run(good()))
