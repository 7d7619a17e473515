import asyncio, time
# Scripts that wait by asking again and again get on in virtual time too.
ready = False
async def sensor():
    global ready
    await asyncio.sleep_ms(30)
    ready = True
async def main():
    asyncio.create_task(sensor())
    began = time.ticks_ms()
    while not ready:
        await asyncio.sleep_ms(0)
    print("ready", 30 <= time.ticks_diff(time.ticks_ms(), began) < 1000)
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < 20:
        await asyncio.sleep(0)
    print("polled", 20 <= time.ticks_diff(time.ticks_ms(), began) < 1000)
    began = time.ticks_us()
    while time.ticks_diff(time.ticks_us(), began) < 20000:
        pass
    print("blocked", 20000 <= time.ticks_diff(time.ticks_us(), began) < 1000000)
asyncio.run(main())
