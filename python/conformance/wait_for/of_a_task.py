import asyncio
async def t():
    await asyncio.sleep_ms(5)
    return 6
async def main():
    task = asyncio.create_task(t())
    print(await asyncio.wait_for(task, 1), task.done())
    task = asyncio.create_task(asyncio_sleep())
    try:
        await asyncio.wait_for(task, 0.01)
    except asyncio.TimeoutError:
        print("timeout", task.done())
async def asyncio_sleep():
    await asyncio.sleep(5)
asyncio.run(main())
