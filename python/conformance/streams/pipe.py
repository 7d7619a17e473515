import asyncio, os
async def main():
    a, b = os.pipe()
    r, w = asyncio.StreamReader(open(a, "rb", 0)), asyncio.StreamWriter(open(b, "wb", 0))
    async def writer():
        for i in range(3):
            await asyncio.sleep_ms(5)
            await w.awrite(b"%d\n" % i)
        await w.aclose()
    asyncio.create_task(writer())
    while True:
        line = await r.readline()
        if not line: break
        print(line)
asyncio.run(main())
