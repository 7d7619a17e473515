"""Echo, and HTTP with httptools, as protocols; it says where it listens, and runs until it is killed.

    server.py echo|http
"""

import asyncio
import sys

import httptools

GREETING = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!"


class Connection:
    def connection_made(self, transport):
        self.transport = transport

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class Echo(Connection, asyncio.BufferedProtocol):
    """Reads into one buffer, of which what was read is copied: asyncio would make one of 256 KB for each read."""

    room = memoryview(bytearray(65_536))

    def get_buffer(self, sizehint):
        return self.room

    def buffer_updated(self, nbytes):
        self.transport.write(bytes(self.room[:nbytes]))


class PlainEcho(Connection, asyncio.Protocol):
    """For uvloop, which has such a buffer itself, and is faster so."""

    def data_received(self, data):
        self.transport.write(data)


class Http(Connection, asyncio.Protocol):
    def connection_made(self, transport):
        super().connection_made(transport)
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data):
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_message_complete(self):
        self.transport.write(GREETING)


async def serve():
    loop = asyncio.get_running_loop()
    echo = Echo if isinstance(loop, asyncio.BaseEventLoop) else PlainEcho
    protocol = Http if "http" in sys.argv else echo
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=1024)
    print("listening on", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
