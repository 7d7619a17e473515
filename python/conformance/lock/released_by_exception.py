import asyncio
async def main():
    lock = asyncio.Lock()
    try:
        async with lock as x:
            print(x)
            raise ValueError("in")
    except ValueError as e:
        print(e, lock.locked())
asyncio.run(main())
