import asyncio


class Client:
    """Sends lines to a server; connects again, ever more patiently, when the connection breaks."""

    def __init__(self, connect=asyncio.open_connection, host="127.0.0.1", port=8080, patience=300):
        self.connect = connect
        self.host = host
        self.port = port
        self.patience = patience
        self.queue = []
        self.pending = asyncio.Event()
        self.attempts = 0
        self.sent = 0

    def send(self, line):
        self.queue.append(line)
        self.pending.set()

    async def run(self):
        delay = 1
        while True:
            try:
                self.attempts += 1
                reader, writer = await asyncio.wait_for(self.connect(self.host, self.port), 10)
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(delay)
                delay = min(delay * 2, self.patience)
                continue
            delay = 1
            try:
                await self.serve(reader, writer)
            except (OSError, EOFError, asyncio.TimeoutError):
                pass
            finally:
                writer.close()
                await writer.wait_closed()

    async def serve(self, reader, writer):
        while True:
            await self.pending.wait()
            while self.queue:
                writer.write(b"%s\n" % self.queue[0].encode())
                await writer.drain()
                if await asyncio.wait_for(reader.readline(), 5) != b"ok\n":
                    raise EOFError
                # Only what was acknowledged is gone.
                self.queue.pop(0)
                self.sent += 1
            self.pending.clear()
