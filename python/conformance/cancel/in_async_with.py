import asyncio
class C:
    async def __aenter__(self):
        print("enter")
        return self
    async def __aexit__(self, t, v, tb):
        print("exit", t is asyncio.CancelledError)
async def t():
    async with C():
        await asyncio.sleep(10)
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    print(task.done())
asyncio.run(main())
