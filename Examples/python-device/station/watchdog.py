import asyncio


class Watchdog:
    """Resets the device when nobody has fed it for too long."""

    def __init__(self, reset, limit=300):
        self.reset = reset
        self.limit = limit
        self.fed = asyncio.Event()

    def feed(self):
        self.fed.set()

    async def run(self):
        while True:
            try:
                await asyncio.wait_for(self.fed.wait(), self.limit)
                self.fed.clear()
            except asyncio.TimeoutError:
                self.reset()
