"""MicroPython's streams: `Stream`, `open_connection`, `start_server`.

Reads go through a buffer of the stream's own, so a read that is cancelled, or whose time is up, has lost nothing: what
had come is there for the next one. What has been sent leaves the output buffer at once, so a cancelled `drain` sends
nothing twice.

As on a device every read and every drain lets the other tasks run, however much is there already.
"""

import codecs

from . import _native, ports
from ._native import Lock, create_task, sleep_ms, wait_readable, wait_writable

CHUNK = 4096


class Stream:
    """A stream over a socket, a pipe, a serial port, or any object that can be polled.

    The object needs `fileno()`, or MicroPython's `ioctl(3, flags)`, which is then asked every millisecond.
    """

    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = bytearray()
        self._receive, self._send, self._pending, is_text = ports.make(s)
        self._decoder = codecs.getincrementaldecoder("utf-8")() if is_text else None
        self._input = b""
        self._closed = False
        self._flusher = None
        self._lock = None
        self._asks = not hasattr(s, "fileno")

    def get_extra_info(self, v):
        """What is known of the connection: "peername" for the address of the other end, "socket" for the object."""
        if v in self.e:
            return self.e[v]
        if v == "socket":
            return self.s
        if v == "peername" and hasattr(self.s, "getpeername"):
            return self.s.getpeername()
        raise KeyError(v)

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        await self.wait_closed()

    # MARK: Reading

    async def _wait(self, writes=False):
        if self._closed:
            await sleep_ms(0)
        elif self._asks:
            await _ask(self.s, 4 if writes else 1)
        elif not writes and self._pending():
            await sleep_ms(0)
        elif writes:
            await wait_writable(self.s)
        else:
            await wait_readable(self.s)

    async def _more(self, n):
        """Waits for data and returns up to `n` bytes of it; b"" at the end."""
        while True:
            await self._wait()
            if self._closed:
                return b""
            data = self._receive(n)
            if data is not None:
                return data

    def _take(self, n):
        data, self._input = self._input[:n], self._input[n:]
        return self._text(data)

    def _text(self, data):
        return data if self._decoder is None else self._decoder.decode(data)

    async def read(self, n=-1):
        """Reads what is there, up to `n` bytes, waiting for the first one; b"" at the end.

        Without `n`, reads to the end.
        """
        if n is None or n < 0:
            while data := await self._more(CHUNK * 16):
                self._input += data
            return self._take(len(self._input))
        if self._input:
            await sleep_ms(0)
            return self._take(n)
        return self._text(await self._more(n))

    async def readinto(self, buf):
        """Reads what is there into a buffer, waiting for the first byte; returns the number of bytes, 0 at the end."""
        view = memoryview(buf).cast("B")
        if self._input:
            await sleep_ms(0)
            data, self._input = self._input[: len(view)], self._input[len(view) :]
        else:
            data = await self._more(len(view))
        view[: len(data)] = data
        return len(data)

    async def readexactly(self, n):
        """Reads exactly `n` bytes. Raises EOFError if the end comes first; what had come can still be read."""
        if len(self._input) >= n:
            await sleep_ms(0)
        while len(self._input) < n:
            data = await self._more(max(n - len(self._input), CHUNK))
            if not data:
                raise EOFError
            self._input += data
        return self._take(n)

    async def readline(self):
        """Reads a line with its newline; at the end, what there is."""
        end = self._input.find(b"\n")
        if end >= 0:
            await sleep_ms(0)
        while end < 0:
            begin = len(self._input)
            data = await self._more(CHUNK)
            if not data:
                return self._take(begin)
            self._input += data
            end = self._input.find(b"\n", begin)
        return self._take(end + 1)

    # MARK: Writing

    def write(self, buf):
        """Sends what can be sent at once, and keeps the rest for `drain()`. A str is sent as UTF-8."""
        if isinstance(buf, str):
            buf = buf.encode()
        if self._closed or self._flusher:
            raise OSError(9, "the stream is closed")
        if not self.out_buf and not self._asks:
            sent = self._send(memoryview(buf))
            if sent is not None:
                if sent == len(buf):
                    return
                buf = memoryview(buf)[sent:]
        self.out_buf += buf

    async def drain(self):
        """Waits until everything that was written has been sent."""
        if not self.out_buf:
            await sleep_ms(0)
            return
        if self._lock is None:
            self._lock = Lock()
        async with self._lock:
            while self.out_buf:
                await self._wait(writes=True)
                if self._closed:
                    raise OSError(9, "the stream is closed")
                # A copy, because a buffer that is looked into cannot shrink.
                sent = self._send(memoryview(bytes(self.out_buf[: CHUNK * 16])))
                if sent:
                    del self.out_buf[:sent]

    async def awrite(self, buf, off=0, sz=-1):
        """Writes and drains, by its older name."""
        if off != 0 or sz != -1:
            buf = memoryview(buf)[off : len(buf) if sz == -1 else off + sz]
        self.write(buf)
        await self.drain()

    awritestr = awrite

    # MARK: Closing

    def close(self):
        """Closes the stream, when what was written has been sent. A task that reads finds the end."""
        if self._closed or self._flusher:
            return
        if self.out_buf and _native.current_or_none() is not None:
            self._flusher = create_task(self._flush())
        else:
            self._shut()

    async def wait_closed(self):
        """Closes the stream, and waits until it is closed."""
        self.close()
        if self._flusher:
            await self._flusher

    aclose = wait_closed

    async def _flush(self):
        try:
            await self.drain()
        except OSError:
            pass
        finally:
            self._shut()

    def _shut(self):
        self._closed = True
        if not self._asks:
            _native.closing(self.s)
        self.s.close()


async def _ask(s, mask):
    while not s.ioctl(3, mask):
        await sleep_ms(1)
    await sleep_ms(0)


StreamReader = Stream
StreamWriter = Stream


def __getattr__(name):
    if name in ("Server", "open_connection", "start_server"):
        from . import network

        return getattr(network, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
