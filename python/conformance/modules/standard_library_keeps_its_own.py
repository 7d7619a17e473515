import asyncio, concurrent.futures, subprocess, threading, unittest.async_case, select, sys
print(asyncio.__version__, sys.modules["asyncio"] is not asyncio)
print(subprocess.run(["echo", "hi"], stdout=subprocess.PIPE).stdout)
import sys
print(hasattr(sys.modules["asyncio"], "Queue"), hasattr(asyncio, "Queue"))
