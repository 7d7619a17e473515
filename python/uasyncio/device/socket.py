"""MicroPython's `socket`: sockets are streams too, with `read`, `readline`, `readinto` and `write`."""

import socket as _socket
from socket import *  # noqa: F403
from socket import getaddrinfo as _getaddrinfo


class socket(_socket.socket):
    """A socket that is a stream. Where it does not block, what would block returns None."""

    def accept(self):
        """A connection, as a socket of this kind, and its address."""
        descriptor, address = self._accept()
        connection = socket(self.family, self.type, self.proto, fileno=descriptor)
        if _socket.getdefaulttimeout() is None and self.gettimeout():
            connection.setblocking(True)
        return connection, address

    def read(self, size=-1):
        """Up to `size` bytes, or everything to the end; b"" at the end, None where it would block."""
        if size is not None and size >= 0:
            return self._unless_blocked(lambda: self.recv(size))
        data = b""
        while True:
            more = self._unless_blocked(lambda: self.recv(65536))
            if not more:
                return data if data or more is not None else None
            data += more

    def readinto(self, buffer, size=None):
        """Reads into a buffer; returns the number of bytes, None where it would block."""
        view = memoryview(buffer)
        return self._unless_blocked(lambda: self.recv_into(view if size is None else view[:size]))

    def readline(self, size=None):
        """A line, with its newline if there is one."""
        line = bytearray()
        while size is None or len(line) < size:
            byte = self._unless_blocked(lambda: self.recv(1))
            if not byte:
                return bytes(line) if line or byte is not None else None
            line += byte
            if byte == b"\n":
                break
        return bytes(line)

    def write(self, buffer, size=None):
        """Writes, and returns the number of bytes written, None where it would block. A blocking socket writes all."""
        view = memoryview(buffer if size is None else memoryview(buffer)[:size])
        if self.getblocking():
            self.sendall(view)
            return len(view)
        return self._unless_blocked(lambda: self.send(view))

    @staticmethod
    def _unless_blocked(operation):
        try:
            return operation()
        except (BlockingIOError, InterruptedError):
            return None


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """Looks a name up; blocks. The addresses are as CPython gives them."""
    return _getaddrinfo(host, port, af, type, proto, flags)
