import asyncio
async def t(n, ms, fails):
    await asyncio.sleep_ms(ms)
    print(n)
    if fails:
        raise ValueError(n)
    return n
async def main():
    try:
        await asyncio.gather(t(1, 10, False), t(2, 20, True), t(3, 30, False))
    except ValueError as e:
        print("gathered", e)
    await asyncio.sleep_ms(30)
    print("end")
asyncio.run(main())
