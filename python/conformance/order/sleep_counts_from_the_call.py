import asyncio, time
async def main():
    t = time.ticks_ms()
    s = asyncio.sleep_ms(40)
    time.sleep_ms(30)
    await s
    d = time.ticks_diff(time.ticks_ms(), t)
    print(35 <= d < 60)
asyncio.run(main())
