import asyncio
async def t():
    await asyncio.sleep(10)
async def killer(task):
    await asyncio.sleep_ms(5)
    task.cancel()
async def main():
    task = asyncio.create_task(t())
    asyncio.create_task(killer(task))
    try:
        await asyncio.wait_for(task, 1)
    except asyncio.CancelledError as e:
        print("cancelled", task.done())
asyncio.run(main())
