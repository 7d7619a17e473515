"""The least program; with an argument it waits for the end of its input."""

import sys

import trio


async def hello():
    await trio.lowlevel.checkpoint()
    print("hello", flush=True)


trio.run(hello)
if len(sys.argv) > 1:
    sys.stdin.read()
