"""Connections and servers: `open_connection`, `start_server`."""

import errno
import socket
import ssl as _ssl
import sys
import threading
import traceback

from . import _native
from ._native import CancelledError, ThreadSafeFlag, create_task, sleep_ms, wait_readable, wait_writable
from .stream import Stream


async def look_up(host, port):
    """The addresses of a host, as getaddrinfo gives them; a name is looked up on a thread, so that the loop goes on."""
    try:
        return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    flag, answer = ThreadSafeFlag(), []

    def ask():
        try:
            answer.append(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except Exception as error:
            answer.append(error)
        flag.set()

    _native.expect(1)
    try:
        threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
        await flag.wait()
    finally:
        _native.expect(-1)
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


async def open_connection(host, port, ssl=None, server_hostname=None):
    """Connects to a host and returns a reader and a writer: one Stream, twice.

    `ssl` is True, or an SSLContext, for a connection over TLS. Raises OSError where there is no connection to be had.
    Cancelled, it leaves nothing open.
    """
    failure = None
    for family, kind, protocol, _, address in await look_up(host, port):
        s = _make_socket(family, kind, protocol)
        try:
            await _connect(s, address)
            if ssl:
                s = await _begin_tls(s, _client_context(ssl), server_hostname=server_hostname or host)
            stream = Stream(s)
            return stream, stream
        except OSError as error:
            s.close()
            failure = failure or error
        except BaseException:
            s.close()
            raise
    raise failure


def _make_socket(family, kind, protocol):
    # A device's script may look for the methods of MicroPython's sockets at `stream.s`.
    from .device.socket import socket as device_socket

    s = device_socket(family, kind, protocol)
    s.setblocking(False)
    return s


async def _connect(s, address):
    error = s.connect_ex(address)
    if error not in (0, errno.EINPROGRESS, errno.EAGAIN):
        raise OSError(error, _text(error))
    await wait_writable(s)
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, _text(error))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _text(error):
    import os

    return os.strerror(error)


def _client_context(ssl):
    if ssl is not True:
        return ssl
    # As MicroPython's own: without a list of authorities there is nothing to check a certificate against.
    context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = _ssl.CERT_NONE
    return context


async def _begin_tls(s, context, **options):
    try:
        s = context.wrap_socket(s, do_handshake_on_connect=False, **options)
        s.setblocking(False)
        while True:
            try:
                s.do_handshake()
                return s
            except _ssl.SSLWantReadError:
                await wait_readable(s)
            except _ssl.SSLWantWriteError:
                await wait_writable(s)
    except BaseException:
        s.close()
        raise


class Server:
    """A server, from `start_server()`. `async with` closes it at the end."""

    state = False

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        self.close()
        await self.wait_closed()

    def close(self):
        """Stops accepting connections; those that are open go on."""
        self.state = True
        self.task.cancel()

    async def wait_closed(self):
        """Waits until the server has stopped."""
        await self.task

    async def _serve(self, s, cb, ssl):
        try:
            while True:
                await wait_readable(s)
                while True:
                    try:
                        connection, address = s.accept()
                    except BlockingIOError:
                        break
                    except OSError as error:
                        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                            # It stays pending until something is given back.
                            await sleep_ms(100)
                        break
                    _begin(connection, address, cb, ssl)
        except CancelledError:
            if not self.state:
                raise
        finally:
            _native.closing(s)
            s.close()


def _begin(connection, address, cb, ssl):
    connection.setblocking(False)
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if ssl:
        create_task(_serve_tls(connection, address, cb, ssl))
    else:
        stream = Stream(connection, {"peername": address})
        create_task(cb(stream, stream))


async def _serve_tls(connection, address, cb, ssl):
    try:
        connection = await _begin_tls(connection, ssl, server_side=True)
    except OSError as error:
        traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)
        return
    stream = Stream(connection, {"peername": address})
    await cb(stream, stream)


async def start_server(cb, host, port, backlog=128, ssl=None):
    """Serves TCP connections: for each, `cb(reader, writer)` makes a coroutine, which runs as a task of its own.

    `ssl` is an SSLContext for a server over TLS. Returns a Server, which listens when this returns. A `cb` of None is
    accepted, as by MicroPython, for a server that nobody connects to.
    """
    if cb is not None and not callable(cb):
        raise TypeError("start_server() takes a function that makes a coroutine of a reader and a writer")
    family, kind, protocol, _, address = (await look_up(host or "0.0.0.0", port))[0]
    s = _make_socket(family, kind, protocol)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(address)
        s.listen(backlog)
    except BaseException:
        s.close()
        raise
    server = Server()
    server.task = create_task(server._serve(s, cb, ssl))
    try:
        # The task has to have begun, so that it is there to see its cancellation.
        await sleep_ms(0)
    except CancelledError:
        server.task.cancel()
        raise
    return server
