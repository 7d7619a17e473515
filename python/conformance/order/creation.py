import asyncio
async def t(n):
    print(n)
async def main():
    for n in range(4): asyncio.create_task(t(n))
    print("main")
    await asyncio.sleep(0)
    print("end")
asyncio.run(main())
