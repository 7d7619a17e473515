import asyncio
async def t(n):
    for i in range(2):
        print(n, i)
        await asyncio.sleep_ms(0)
async def main():
    asyncio.create_task(t("x"))
    await t("main")
    print("end")
asyncio.run(main())
