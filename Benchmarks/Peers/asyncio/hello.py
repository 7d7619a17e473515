"""The least program; with an argument it waits for the end of its input."""

import asyncio
import sys


async def hello():
    await asyncio.sleep(0)
    print("hello", flush=True)


asyncio.run(hello())
if len(sys.argv) > 1:
    sys.stdin.read()
