import asyncio
async def t():
    await asyncio.sleep_ms(10)
    return 1
async def j(task):
    print("joiner", await task)
async def main():
    task = asyncio.create_task(t())
    joiner = asyncio.create_task(j(task))
    await asyncio.sleep_ms(1)
    try:
        await asyncio.gather(task)
    except RuntimeError as e:
        print(e)
    await joiner
asyncio.run(main())
