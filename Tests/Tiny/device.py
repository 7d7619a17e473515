"""The other side of a board's serial line: one that does not read for a while, and one that sends as fast as it may.

    Tests/Tiny/device.py COMMAND...      the command runs the firmware, its serial line on "stdio"
"""

import socket
import subprocess
import sys
import time

LIMIT = 30


class Line:
    def __init__(self, command):
        # A terminal would change some bytes.
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(LIMIT)
        command = ["chardev:line" if word == "stdio" else word for word in command]
        command[1:1] = ["-chardev", f"socket,id=line,fd={theirs.fileno()}"]
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            assert piece, f"the firmware has ended before {count - len(data)} bytes of {count}"
            data += piece
        return data

    def expect(self, wanted):
        got = self.read(len(wanted))
        assert got == wanted, (got, wanted)


def not_reading(line):
    """More than the socket holds is sent while nobody reads: it waits, and nothing of it is lost."""
    count = 30_000
    line.send(b"send %d\n" % count)
    time.sleep(0.3)
    line.expect(bytes(33 + index % 89 for index in range(count)))
    line.expect(b"\n")


def echoing(line):
    """Bytes come in pieces of any size, and go at the same time, as many under way as the board has room for."""
    count, sent, received = 4_000, 0, b""
    data = bytes(33 + index * 7 % 90 for index in range(count))
    line.send(b"echo %d\n" % count)
    while len(received) < count:
        piece = min(1 + sent * 31 % 120, 120 - (sent - len(received)), count - sent)
        line.send(data[sent:sent + piece])
        sent += piece
        received += line.read(1)
    assert received == data, "other bytes came back"
    line.expect(b"\n")


def main():
    line = Line(sys.argv[1:])
    try:
        line.expect(b"ready\n")
        not_reading(line)
        echoing(line)
        line.send(b"lost\n")
        line.expect(b"0\n")
        line.send(b"stop\n")
        status = line.process.wait(LIMIT)
        assert status == 0, f"the firmware ended with status {status}"
    finally:
        line.process.kill()
        line.process.wait()
    print("device: every byte has come and gone")


main()
