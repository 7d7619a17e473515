import asyncio
async def other():
    for i in range(3):
        print("other", i)
        await asyncio.sleep_ms(10)
async def inner():
    await asyncio.sleep_ms(15)
    return "inner"
async def main():
    o = asyncio.create_task(other())
    print(asyncio.run(inner()))
    await asyncio.sleep_ms(50)
    print("after", o.done())
    return "main"
print(asyncio.run(main()))
