import asyncio
async def t():
    await asyncio.sleep_ms(5)
    return 9
async def j(n, task):
    print(n, await task)
async def main():
    task = asyncio.create_task(t())
    js = [asyncio.create_task(j(n, task)) for n in range(3)]
    for x in js: await x
asyncio.run(main())
