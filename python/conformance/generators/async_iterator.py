import asyncio
class Count:
    def __init__(self, n): self.i, self.n = 0, n
    def __aiter__(self): return self
    async def __anext__(self):
        await asyncio.sleep_ms(1)
        if self.i == self.n: raise StopAsyncIteration
        self.i += 1
        return self.i
async def main():
    async for x in Count(3):
        print(x)
asyncio.run(main())
