"""Echo and HTTP on uvloop's event loop: asyncio's program, as its users do it."""

import pathlib
import runpy

import uvloop

uvloop.install()
runpy.run_path(str(pathlib.Path(__file__).parent.parent / "asyncio" / "server.py"), run_name="__main__")
