"""Talks to the sensor logger's shell through a pty, as a person at a terminal would.

    Tests/Tiny/shell.py COMMAND...      the command runs the firmware, with its serial line on its terminal
"""

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
import tty

LIMIT = 30


class Terminal:
    def __init__(self, command):
        self.ours, theirs = pty.openpty()
        tty.setraw(theirs, termios.TCSANOW)
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
        os.close(theirs)
        self.seen = ""

    def send(self, text):
        os.write(self.ours, text.encode())

    def expect(self, pattern):
        """Waits for a line that matches, and returns the match; what came before is gone."""
        end = time.monotonic() + LIMIT
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.ours], [], [], left)[0]:
                sys.exit(f"shell: no {pattern!r} within {LIMIT} s; there was {self.seen!r}")
            try:
                self.seen += os.read(self.ours, 4096).decode(errors="replace").replace("\r", "")
            except OSError:
                sys.exit(f"shell: the firmware has ended before {pattern!r}; there was {self.seen!r}")


def main():
    terminal = Terminal(sys.argv[1:])
    try:
        terminal.expect(r"logger ready\n")
        terminal.send("ps\n")
        for name in ("shell", "logger", "report"):
            line = terminal.expect(rf"\d+ {name} (\w+) (\d+)/(\d+)\n")
            needed, room = int(line[2]), int(line[3])
            # One that has not had its first step has needed nothing.
            assert (0 < needed or line[1] == "ready") and needed <= room, line[0]
        terminal.expect(r"heap \d+ bytes\n")

        terminal.send("fly\n")
        terminal.expect(r"unknown command")
        terminal.send("set period zero\r\n")
        terminal.expect(r"expected a number")
        terminal.send("x" * 60 + "\n")
        terminal.expect(r"line too long\n")

        # Ten samples a mean: at 20 ms a sample, four means take less than a second and more than half of one.
        terminal.send("\nset period 20\n")
        terminal.expect(r"ok\n")
        terminal.expect(r"mean \d+\n")
        began = time.monotonic()
        means = [int(terminal.expect(r"mean (\d+)\n")[1]) for _ in range(4)]
        assert time.monotonic() - began > 0.5, "means came too fast"
        assert all(200 <= mean <= 250 for mean in means), means

        # Several commands in one go, and one in pieces.
        terminal.send("set period 30\nset per")
        terminal.expect(r"ok\n")
        terminal.send("iod 40\nps\n")
        terminal.expect(r"ok\n")
        terminal.expect(r"heap \d+ bytes\n")

        terminal.send("stop\n")
        terminal.expect(r"stopping\n")
        status = terminal.process.wait(LIMIT)
        assert status == 0, f"the firmware ended with status {status}"
    finally:
        terminal.process.kill()
        terminal.process.wait()
    print("shell: all answers are as expected")


main()
