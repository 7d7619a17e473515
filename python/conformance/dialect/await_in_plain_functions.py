"""On MicroPython `await` is at home in every function, and makes a generator of a plain one."""
import asyncio
class Gate:
    # A gate that opens when so many have come.
    def __init__(self, count):
        self.count = count
        self.event = asyncio.Event()
    def __await__(self):
        self.count -= 1
        if self.count == 0:
            self.event.set()
            return "last"
        await self.event.wait()
        return "waited"
    __iter__ = __await__
def twice(x):
    first = await asyncio.sleep_ms(0)
    return (first, 2 * x)
def outer(x):
    answer = await twice(x)
    return answer[1] + 1
async def pass_gate(name, gate):
    print(name, await gate)
async def main():
    gate = Gate(3)
    await asyncio.gather(*(pass_gate(n, gate) for n in "abc"))
    print(await twice(4), await outer(5))
    print(await asyncio.wait_for_ms(outer(6), 50))
    task = asyncio.create_task(outer(7))
    print(await task)
    def never():
        try:
            await asyncio.sleep(100)
        finally:
            print("given up")
    try:
        await asyncio.wait_for_ms(never(), 10)
    except asyncio.TimeoutError:
        print("timeout")
asyncio.run(main())
