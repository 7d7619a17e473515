import asyncio
async def t():
    await asyncio.sleep_ms(1)
    raise ValueError("t")
async def j(n, task):
    try:
        await task
    except ValueError as e:
        print(n, e)
async def main():
    task = asyncio.create_task(t())
    await asyncio.gather(j(1, task), j(2, task))
    try:
        await task
    except ValueError as e:
        print(3, e)
asyncio.run(main())
