import asyncio
seen = []
async def t(n):
    raise ValueError(n)
async def main():
    for n in range(3): asyncio.create_task(t(n))
    await asyncio.sleep_ms(1)
asyncio.get_event_loop().set_exception_handler(lambda loop, c: seen.append(c))
asyncio.run(main())
print([str(c["exception"]) for c in seen])
