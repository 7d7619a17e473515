import asyncio
async def serve(r, w):
    while True:
        line = await r.readline()
        if not line:
            break
        w.write(b"echo " + line)
        await w.drain()
    w.close()
    await w.wait_closed()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 18081)
    r, w = await asyncio.open_connection("127.0.0.1", 18081)
    for i in range(3):
        w.write(b"line %d\n" % i)
        await w.drain()
        print(await r.readline())
    w.close()
    await w.wait_closed()
    server.close()
    await server.wait_closed()
    print("closed")
asyncio.run(main())
