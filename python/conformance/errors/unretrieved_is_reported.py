import asyncio
def handler(loop, context):
    print(loop is asyncio.get_event_loop(), context["message"], repr(context["exception"]), context["future"] is task)
async def t():
    raise ValueError("t")
async def main():
    global task
    task = asyncio.create_task(t())
    await asyncio.sleep_ms(1)
    print("end")
asyncio.get_event_loop().set_exception_handler(handler)
asyncio.run(main())
