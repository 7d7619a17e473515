import asyncio, socket
from asyncio import core
def read(s, n):
    yield core._io_queue.queue_read(s)
    return s.recv(n)
async def main():
    a, b = socket.socketpair()
    async def sender():
        await asyncio.sleep_ms(5)
        b.send(b"hello")
    asyncio.create_task(sender())
    print(await read(a, 10))
asyncio.run(main())
