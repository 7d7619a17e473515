"""Talks to the echo server with many connections at once, and with more bytes than buffers hold.

    Tests/Tiny/echo.py PROGRAM
"""

import os
import re
import socket
import subprocess
import sys
import threading


def exchange(port, size, failures):
    sent = os.urandom(size)
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:

        def send():
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        while chunk := connection.recv(65536):
            received += chunk
        sender.join()
    if received != sent:
        failures.append(f"{len(received)} bytes of {size} came back, or others")


def main():
    server = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    failures = []
    try:
        port = int(re.search(r"listening on (\d+)", server.stdout.readline())[1])
        # Broken off in the middle: the end of that connection only.
        for _ in range(5):
            rude = socket.create_connection(("127.0.0.1", port))
            rude.sendall(b"x" * 100_000)
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            rude.close()
        clients = [threading.Thread(target=exchange, args=(port, 1000 * n, failures)) for n in range(1, 40)]
        clients.append(threading.Thread(target=exchange, args=(port, 20_000_000, failures)))
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    finally:
        server.kill()
        server.wait()
    if failures:
        sys.exit("\n".join(failures))
    print("echo: 40 connections, every byte came back")


main()
