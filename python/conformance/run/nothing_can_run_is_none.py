import asyncio
async def main():
    print("waiting")
    await asyncio.Event().wait()
    print("never")
print(asyncio.run(main()))
