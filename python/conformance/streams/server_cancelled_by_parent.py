import asyncio
async def serve(r, w):
    pass
async def parent():
    server = await asyncio.start_server(serve, "127.0.0.1", 18088)
    await server.wait_closed()
async def main():
    t = asyncio.create_task(parent())
    await asyncio.sleep_ms(10)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled")
    server = await asyncio.start_server(serve, "127.0.0.1", 18088)
    print("again")
    server.close()
    await server.wait_closed()
asyncio.run(main())
