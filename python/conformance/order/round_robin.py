import asyncio
async def t(n):
    for i in range(3):
        print(n, i)
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(t("a"), t("b"), t("c"))
asyncio.run(main())
