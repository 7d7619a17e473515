import asyncio
async def serve(r, w):
    await w.awrite(b"abcdef", 1, 3)
    await w.awritestr("xyz\n")
    await w.aclose()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18083):
        r, w = await asyncio.open_connection("127.0.0.1", 18083)
        print(await r.readline())
        print(r is w, isinstance(r, asyncio.StreamReader), isinstance(w, asyncio.StreamWriter))
        await w.wait_closed()
asyncio.run(main())
