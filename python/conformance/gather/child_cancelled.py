import asyncio
async def t():
    await asyncio.sleep(10)
async def quick():
    return 1
async def main():
    for flag in (True, False):
        task = asyncio.create_task(t())
        async def killer():
            await asyncio.sleep_ms(5)
            task.cancel()
        asyncio.create_task(killer())
        try:
            print(await asyncio.gather(task, quick(), return_exceptions=flag))
        except asyncio.CancelledError:
            print("CancelledError")
asyncio.run(main())
