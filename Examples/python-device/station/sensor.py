import asyncio
import time


class Thermometer:
    """Reads a probe every so often, and keeps the mean of the last readings."""

    def __init__(self, probe, period=60, size=10):
        self.probe = probe
        self.period = period
        self.size = size
        self.readings = []
        self.failures = 0
        self.fresh = asyncio.Event()

    @property
    def mean(self):
        return sum(self.readings) / len(self.readings) if self.readings else None

    async def run(self):
        while True:
            began = time.ticks_ms()
            try:
                self.readings.append(await asyncio.wait_for(self.probe.read(), 2))
                self.readings = self.readings[-self.size :]
                self.fresh.set()
            except (OSError, asyncio.TimeoutError):
                self.failures += 1
            spent = time.ticks_diff(time.ticks_ms(), began)
            await asyncio.sleep_ms(self.period * 1000 - spent)
