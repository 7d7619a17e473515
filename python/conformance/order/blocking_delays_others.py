import asyncio, time
async def t(n, ms):
    await asyncio.sleep_ms(ms)
    print(n)
async def main():
    a = asyncio.create_task(t("a", 30))
    b = asyncio.create_task(t("b", 10))
    await asyncio.sleep(0)
    time.sleep_ms(50)
    print("blocked")
    await a
    await b
asyncio.run(main())
