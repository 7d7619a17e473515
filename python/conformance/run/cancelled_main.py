import asyncio
async def killer(t):
    t.cancel()
async def main():
    asyncio.create_task(killer(asyncio.current_task()))
    await asyncio.sleep(10)
try:
    asyncio.run(main())
except asyncio.CancelledError as e:
    print(repr(e))
