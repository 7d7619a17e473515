import asyncio
async def t(n, x):
    try:
        await x
    except asyncio.CancelledError:
        print(n)
        raise
async def main():
    a = asyncio.create_task(t("a", asyncio.sleep(10)))
    b = asyncio.create_task(t("b", a))
    c = asyncio.create_task(t("c", b))
    await asyncio.sleep_ms(1)
    print(c.cancel())
    await asyncio.sleep_ms(1)
    print(a.done(), b.done(), c.done())
asyncio.run(main())
