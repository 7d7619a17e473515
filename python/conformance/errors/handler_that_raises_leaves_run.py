import asyncio
def handler(loop, context):
    raise RuntimeError("handler")
async def t():
    raise ValueError("t")
async def main():
    asyncio.create_task(t())
    await asyncio.sleep_ms(10)
asyncio.get_event_loop().set_exception_handler(handler)
try:
    asyncio.run(main())
except RuntimeError as e:
    print(e)
