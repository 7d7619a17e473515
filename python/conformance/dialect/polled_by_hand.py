import asyncio, socket
from asyncio import core
# A class of a project's own that waits for a socket as MicroPython's streams do.
class Port:
    def __init__(self, s):
        self.s = s
    async def receive(self):
        yield core._io_queue.queue_read(self.s)
        return self.s.recv(100)
    async def send(self, data):
        yield core._io_queue.queue_write(self.s)
        self.s.send(data)
async def main():
    a, b = socket.socketpair()
    a.setblocking(False)
    b.setblocking(False)
    task = asyncio.create_task(Port(a).receive())
    await asyncio.sleep(0)
    await Port(b).send(b"hello")
    print(await task)
    task = asyncio.create_task(Port(a).receive())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    a.close()
    b.close()
asyncio.run(main())
