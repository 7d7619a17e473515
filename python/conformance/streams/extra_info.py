import asyncio
async def serve(r, w):
    print(w.get_extra_info("peername")[0])
    await w.aclose()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 18090):
        r, w = await asyncio.open_connection("127.0.0.1", 18090)
        print(await r.read())
        await w.aclose()
asyncio.run(main())
