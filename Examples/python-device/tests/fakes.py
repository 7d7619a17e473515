"""Stand-ins for what a PC does not have: the probe, and a server that is not always there."""

import asyncio


class Probe:
    """A probe that takes a moment, and now and then does not answer."""

    def __init__(self, silent_every=0):
        self.count = 0
        self.silent_every = silent_every

    async def read(self):
        self.count += 1
        await asyncio.sleep_ms(750)
        if self.silent_every and self.count % self.silent_every == 0:
            await asyncio.Event().wait()
        return 20 + self.count % 5


class Server:
    """A server in memory, which is up at some times and down at others."""

    def __init__(self, down=()):
        self.down = down
        self.lines = []
        self.connections = 0

    def is_down(self):
        import time

        now = time.ticks_ms() // 1000
        return any(begin <= now < end for begin, end in self.down)

    async def connect(self, host, port):
        await asyncio.sleep_ms(30)
        if self.is_down():
            raise OSError(111)
        self.connections += 1
        link = Link(self)
        return link, link


class Link:
    """Both ends of a connection to the server."""

    def __init__(self, server):
        self.server = server
        self.last = b""

    def write(self, data):
        self.last = data

    async def drain(self):
        await asyncio.sleep_ms(5)

    async def readline(self):
        await asyncio.sleep_ms(20)
        if self.server.is_down():
            return b""
        self.server.lines.append(self.last)
        return b"ok\n"

    def close(self):
        pass

    async def wait_closed(self):
        pass
