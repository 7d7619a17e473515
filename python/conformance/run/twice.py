import asyncio
async def main(x):
    await asyncio.sleep_ms(1)
    return x
print(asyncio.run(main(1)), asyncio.run(main(2)))
