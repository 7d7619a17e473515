import asyncio
def handler(loop, context):
    print("handler")
async def t():
    await asyncio.sleep(10)
async def main():
    asyncio.get_event_loop().set_exception_handler(handler)
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep_ms(1)
    print(task.done())
asyncio.run(main())
