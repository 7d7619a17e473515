import asyncio, socket
# Servers that nobody connects to: an address in use, closing, and a cancellation in each state of starting.
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
async def serve():
    return await asyncio.start_server(None, "127.0.0.1", PORT)
async def main():
    first = await serve()
    try:
        await serve()
    except OSError:
        print("in use")
    async with first:
        await asyncio.sleep(0)
    try:
        async with await serve():
            raise ValueError("body")
    except ValueError as error:
        print(error)
    server = await serve()
    server.close()
    await server.wait_closed()
    print("closed")
    async def task():
        print("begins")
        await (await serve()).wait_closed()
        print("never")
    for turns in range(5):
        t = asyncio.create_task(task())
        for _ in range(turns):
            await asyncio.sleep(0)
        t.cancel()
        try:
            await t
        except asyncio.CancelledError:
            print("cancelled after", turns)
asyncio.run(main())
