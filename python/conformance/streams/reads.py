import asyncio
async def serve(r, w):
    w.write(b"0123456789line\nrest of it")
    await w.drain()
    w.close()
    await w.wait_closed()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18082):
        r, w = await asyncio.open_connection("127.0.0.1", 18082)
        print(await r.readexactly(4))
        print(await r.read(3))
        b = bytearray(3)
        print(await r.readinto(b), bytes(b))
        print(await r.readline())
        print(await r.read())
        print(await r.read(5), await r.read())
        try:
            await r.readexactly(1)
        except EOFError:
            print("EOFError")
        await w.aclose()
asyncio.run(main())
