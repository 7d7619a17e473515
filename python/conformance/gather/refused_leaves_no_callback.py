import asyncio
async def t(x):
    await asyncio.sleep_ms(10)
    return x
async def j(task):
    await task
async def main():
    a, b = asyncio.create_task(t(1)), asyncio.create_task(t(2))
    joiner = asyncio.create_task(j(b))
    await asyncio.sleep_ms(1)
    try:
        await asyncio.gather(a, b)
    except RuntimeError as e:
        print(e)
    print(a.state)
    print(await a)
    await joiner
asyncio.run(main())
