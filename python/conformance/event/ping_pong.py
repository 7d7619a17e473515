import asyncio
async def p(n, mine, other):
    for i in range(3):
        await mine.wait()
        mine.clear()
        print(n, i)
        other.set()
async def main():
    a, b = asyncio.Event(), asyncio.Event()
    a.set()
    await asyncio.gather(p("ping", a, b), p("pong", b, a))
asyncio.run(main())
