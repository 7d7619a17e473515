"""The scenarios of asyncio on uvloop's event loop: the very same code, as its users do it."""

import pathlib
import runpy

import uvloop

uvloop.install()
runpy.run_path(str(pathlib.Path(__file__).parent.parent / "asyncio" / "scenarios.py"), run_name="__main__")
