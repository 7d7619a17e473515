import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("caught")
    await asyncio.sleep_ms(1)
    return "value"
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    print(await task)
asyncio.run(main())
