import asyncio
async def serve(r, w):
    n = 0
    while True:
        data = await r.read(4096)
        if not data:
            break
        n += len(data)
    w.write(b"%d\n" % n)
    await w.drain()
    await w.aclose()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18086):
        r, w = await asyncio.open_connection("127.0.0.1", 18086)
        for _ in range(50):
            w.write(bytes(100000))
            await w.drain()
        w.s.shutdown(1)
        print(await r.readline())
        await w.aclose()
asyncio.run(main())
