import asyncio
async def serve(r, w):
    while True:
        line = await r.readline()
        if not line: break
        w.write(line)
        await w.drain()
    await w.aclose()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 18089)
    r, w = await asyncio.open_connection("127.0.0.1", 18089)
    w.write(b"one\n")
    print(await r.readline())
    server.close()
    await server.wait_closed()
    w.write(b"two\n")
    print(await r.readline())
    await w.aclose()
asyncio.run(main())
