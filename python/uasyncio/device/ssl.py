"""MicroPython's `ssl`: CPython's, with the older `wrap_socket`."""

import ssl as _ssl
from ssl import *  # noqa: F403
from ssl import SSLContext


def wrap_socket(
    sock, server_side=False, key=None, cert=None, cert_reqs=_ssl.CERT_NONE, cadata=None, server_hostname=None,
    do_handshake=True,
):
    """Wraps a socket in TLS. `key` and `cert` are the names of files."""
    context = SSLContext(_ssl.PROTOCOL_TLS_SERVER if server_side else _ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = cert_reqs
    if cadata:
        context.load_verify_locations(cadata=cadata)
    if cert:
        context.load_cert_chain(cert, key)
    return context.wrap_socket(
        sock, server_side=server_side, server_hostname=server_hostname, do_handshake_on_connect=do_handshake
    )
