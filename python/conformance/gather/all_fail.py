import asyncio
async def t(n):
    raise ValueError(n)
async def main():
    try:
        await asyncio.gather(t(1), t(2))
    except ValueError as e:
        print(e)
    print(await asyncio.gather(t(3), t(4), return_exceptions=True))
asyncio.get_event_loop().set_exception_handler(lambda loop, c: print("handler", c["exception"]))
asyncio.run(main())
