import asyncio
async def t(x):
    if x is None:
        raise ValueError("t")
    return x
async def main():
    a, b = asyncio.create_task(t(1)), asyncio.create_task(t(None))
    await asyncio.sleep(0)
    print(await asyncio.wait_for(a, 1))
    try:
        await asyncio.wait_for(b, 1)
    except ValueError as e:
        print(e)
asyncio.get_event_loop().set_exception_handler(lambda loop, context: print("handler", context["exception"]))
asyncio.run(main())
