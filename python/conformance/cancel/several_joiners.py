import asyncio
async def t():
    await asyncio.sleep(10)
async def j(n, task):
    try:
        await task
    except asyncio.CancelledError:
        print(n)
async def main():
    task = asyncio.create_task(t())
    js = [asyncio.create_task(j(n, task)) for n in range(3)]
    await asyncio.sleep(0)
    js[1].cancel()
    for x in js: await x
    print(task.done())
asyncio.run(main())
