import asyncio, time
async def t():
    await asyncio.sleep_ms(10)
    return "ready"
async def main():
    async def blocker():
        await asyncio.sleep_ms(5)
        time.sleep_ms(50)
    asyncio.create_task(blocker())
    print(await asyncio.wait_for_ms(t(), 20))
asyncio.run(main())
