import asyncio
async def t():
    await asyncio.sleep_ms(5)
    raise SystemExit(3)
async def main():
    asyncio.create_task(t())
    await asyncio.sleep(10)
try:
    asyncio.run(main())
except SystemExit as e:
    print("exit", e.code)
async def again():
    await asyncio.sleep_ms(1)
    return "again"
print(asyncio.run(again()))
