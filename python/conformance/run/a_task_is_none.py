import asyncio
async def t():
    pass
async def main():
    task = asyncio.create_task(t())
    for f in (asyncio.create_task, asyncio.run):
        try:
            f(task)
        except TypeError as e:
            print(e)
asyncio.run(main())
