import asyncio
async def child():
    print("child")
    asyncio.create_task(grandchild())
    return 1
async def grandchild():
    print("grandchild")
async def main():
    print(await asyncio.create_task(child()))
    await asyncio.sleep(0)
    print("end")
asyncio.run(main())
