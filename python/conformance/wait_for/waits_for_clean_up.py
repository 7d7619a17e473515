import asyncio
async def t():
    try:
        await asyncio.sleep(10)
    finally:
        print("begin")
        await asyncio.sleep_ms(20)
        print("end")
async def main():
    try:
        await asyncio.wait_for(t(), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
