import asyncio
async def main():
    try:
        await asyncio.gather(asyncio.sleep_ms(1), 5)
    except TypeError as e:
        print(e)
asyncio.run(main())
