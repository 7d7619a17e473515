import asyncio
async def serve(r, w):
    w.write(b"half ")
    await w.drain()
    await asyncio.sleep_ms(100)
    w.write(b"line\n")
    await w.drain()
    await w.aclose()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18084):
        r, w = await asyncio.open_connection("127.0.0.1", 18084)
        try:
            await asyncio.wait_for_ms(r.readline(), 50)
        except asyncio.TimeoutError:
            print("timeout")
        print(await r.readline())
        await w.aclose()
asyncio.run(main())
