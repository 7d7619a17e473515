import asyncio
async def t():
    print("never")
async def main():
    task = asyncio.create_task(t())
    print(task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        print("CancelledError")
asyncio.run(main())
