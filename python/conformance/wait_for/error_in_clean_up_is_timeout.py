import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    finally:
        raise ValueError("clean-up")
async def main():
    try:
        await asyncio.wait_for(t(), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
    await asyncio.sleep_ms(5)
asyncio.run(main())
