import asyncio
class E(asyncio.Event):
    def __init__(self, name):
        super().__init__()
        self.name = name
async def main():
    e = E("mine")
    t = asyncio.create_task(e.wait())
    await asyncio.sleep(0)
    e.set()
    print(e.name, await t)
asyncio.run(main())
