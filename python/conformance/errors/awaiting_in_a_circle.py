import asyncio
async def t(n):
    await asyncio.sleep(0)
    try:
        await tasks[1 - n]
    except RuntimeError:
        print(n, "refused")
async def main():
    global tasks
    tasks = [asyncio.create_task(t(n)) for n in range(2)]
    for x in tasks: await x
asyncio.run(main())
