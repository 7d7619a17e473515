"""How a stream reads from and writes to what it is made of.

Each of the functions made here does what it can at once: it returns None where it would have to wait.
"""

import io
import os
import socket
import ssl

# A pipe that is reported writable takes this much without blocking, whatever mode it is in.
PIPE = 4096


def make(s):
    """The functions (receive(n), send(view), pending()) for an object, and whether it deals in text.

    Raises TypeError for an object that is no stream.
    """
    if isinstance(s, ssl.SSLSocket):
        return _tls_receive(s), _tls_send(s), s.pending, False
    if isinstance(s, socket.socket):
        return _socket_receive(s), _socket_send(s), _nothing, False
    if isinstance(s, io.IOBase) and not _is_own(s) and _descriptor(s) is not None:
        return _file_receive(s), _file_send(s), _nothing, isinstance(s, io.TextIOBase)
    if hasattr(s, "read") or hasattr(s, "write") or hasattr(s, "readline"):
        return _object_receive(s), _object_send(s), _nothing, isinstance(s, io.TextIOBase)
    raise TypeError(f"stream expected, not '{type(s).__name__}'")


def _is_own(s):
    """Whether an object of a class derived from io.IOBase in Python has methods of its own."""
    return type(s).__module__ not in ("_io", "io", "tempfile", "_pyio")


def _descriptor(s):
    try:
        return s.fileno()
    except (AttributeError, OSError):
        return None


def _nothing():
    return 0


def _socket_receive(s):
    recv, flags = s.recv, socket.MSG_DONTWAIT

    def receive(n):
        try:
            return recv(n, flags)
        except BlockingIOError:
            return None

    return receive


def _socket_send(s):
    send, flags = s.send, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL

    def write(view):
        try:
            return send(view, flags)
        except BlockingIOError:
            return None

    return write


def _tls_receive(s):
    def receive(n):
        try:
            return s.recv(n)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None

    return receive


def _tls_send(s):
    def write(view):
        try:
            return s.send(view)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None

    return write


def _file_receive(s):
    def receive(n):
        try:
            return os.read(s.fileno(), n)
        except BlockingIOError:
            return None

    return receive


def _file_send(s):
    def write(view):
        try:
            return os.write(s.fileno(), view[:PIPE])
        except BlockingIOError:
            return None

    return write


def _object_receive(s):
    def receive(n):
        data = s.read(n)
        return data.encode() if isinstance(data, str) else data

    return receive


def _object_send(s):
    def write(view):
        return s.write(bytes(view))

    return write
