import asyncio
try:
    asyncio.current_task()
except RuntimeError as e:
    print(e)
async def main():
    return asyncio.current_task()
t = asyncio.run(main())
print(type(t) is asyncio.Task, t.done())
print(asyncio.core.cur_task)
