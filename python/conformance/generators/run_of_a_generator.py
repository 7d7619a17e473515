import asyncio
def gen(n):
    for i in range(n):
        print(i)
        yield from asyncio.sleep(0)
    return "end"
print(asyncio.run(gen(2)))
