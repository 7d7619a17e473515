import asyncio
async def inner():
    try:
        print("inner runs")
        await asyncio.sleep(10)
        print("zombie")
    finally:
        print("inner ends")
async def outer():
    await asyncio.wait_for(inner(), 5)
async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep_ms(10)
    print(task.done())
asyncio.run(main())
