import asyncio
async def main():
    try:
        await asyncio.open_connection("127.0.0.1", 18085)
    except OSError as e:
        print(e.errno)
asyncio.run(main())
