import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    finally:
        print("finally")
        await asyncio.sleep_ms(5)
        print("cleaned")
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
asyncio.run(main())
