import asyncio
async def quick():
    print("quick")
    return 2
async def slow():
    print("slow")
    await asyncio.sleep_ms(50)
async def main():
    print(await asyncio.wait_for(quick(), 0))
    try:
        await asyncio.wait_for(slow(), 0)
    except asyncio.TimeoutError:
        print("timeout")
    try:
        print(await asyncio.wait_for(slow(), -1))
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
