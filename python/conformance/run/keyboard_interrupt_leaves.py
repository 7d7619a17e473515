import asyncio
async def t():
    try:
        raise KeyboardInterrupt
    finally:
        print("finally")
async def main():
    asyncio.create_task(t())
    await asyncio.sleep(10)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
