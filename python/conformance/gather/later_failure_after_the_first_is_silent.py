import asyncio
async def t(ms):
    await asyncio.sleep_ms(ms)
    raise ValueError(ms)
async def main():
    try:
        await asyncio.gather(t(10), t(10))
    except ValueError as e:
        print(e)
    await asyncio.sleep_ms(20)
asyncio.get_event_loop().set_exception_handler(lambda loop, c: print("handler", c["exception"]))
asyncio.run(main())
