import asyncio, socket
async def main():
    a, b = socket.socketpair()
    a.setblocking(False)
    s = asyncio.Stream(a)
    t = asyncio.create_task(s.read(1))
    await asyncio.sleep_ms(1)
    t.cancel()
    s.write(b"out")
    await s.drain()
    print(b.recv(10), t.done())
asyncio.run(main())
