import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        return "value"
async def main():
    try:
        print(await asyncio.wait_for(t(), 0.01))
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
