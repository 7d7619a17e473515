import asyncio
class A:
    def __init__(self, n): self.n = n
    def __await__(self):
        for i in range(self.n):
            yield from asyncio.sleep_ms(1)
        return self.n
    __iter__ = __await__
async def main():
    print(await A(3))
    print(await asyncio.gather(A(1), A(2)))
    print(await asyncio.wait_for(A(2), 1))
asyncio.run(main())
