import asyncio
async def serve(r, w):
    w.write(await r.readline())
    await w.drain()
    await w.aclose()
async def client(n):
    r, w = await asyncio.open_connection("127.0.0.1", 18087)
    w.write(b"%d\n" % n)
    await w.drain()
    line = await r.readline()
    await w.aclose()
    return int(line)
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18087, 50):
        print(sum(await asyncio.gather(*[client(n) for n in range(40)])))
asyncio.run(main())
