import asyncio
class Sensor:
    def __init__(self): self.n = 0
    def ioctl(self, request, flags):
        if request == 3:
            self.n += 1
            return flags & 1 if self.n % 3 == 0 else 0
        return -1
    def read(self, n): return b"value %d" % self.n
async def main():
    s = asyncio.StreamReader(Sensor())
    print(await s.read(10), await s.read(10))
asyncio.run(main())
