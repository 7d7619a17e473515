import asyncio
async def t(x):
    await asyncio.sleep(x)
    return x
async def main():
    try:
        await asyncio.wait_for(asyncio.gather(t(1), t(2)), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
