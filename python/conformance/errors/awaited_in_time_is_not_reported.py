import asyncio
async def t():
    raise ValueError("t")
async def main():
    task = asyncio.create_task(t())
    try:
        await task
    except ValueError as e:
        print("await", e)
    await asyncio.sleep_ms(1)
asyncio.get_event_loop().set_exception_handler(lambda loop, c: print("handler"))
asyncio.run(main())
