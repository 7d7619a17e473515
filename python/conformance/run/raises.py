import asyncio
async def main():
    raise ValueError("x")
try:
    asyncio.run(main())
except ValueError as e:
    print("ValueError", e)
