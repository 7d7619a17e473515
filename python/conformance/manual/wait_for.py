from usr import uasyncio as asyncio


async def bar(x):
    count = 0
    while True:
        count += 1
        print('Instance: {} count: {}'.format(x, count))
        await asyncio.sleep(2)  # Pause 1s
        print("sleep count instance = {} count = {}".format(x, count))


async def main():
    """Set the coroutine wait task"""
    task = asyncio.wait_for(bar(10), 7)
    """Start the coroutine. The coroutine displayed above indicates that if the task does not exit within 7 seconds, the coroutine is closed and an exception will occur."""
    asyncio.run(task)
    await asyncio.sleep(10)

asyncio.run(main())
