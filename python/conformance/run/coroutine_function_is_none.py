import asyncio
async def main():
    pass
try:
    asyncio.run(main)
except TypeError as e:
    print(e)
