import asyncio, time
# What became due while a task blocked comes before what that task makes ready afterwards.
event = asyncio.Event()
async def sleeper(name, ms):
    await asyncio.sleep_ms(ms)
    print(name)
async def waiter():
    await event.wait()
    print("woken after the block")
async def main():
    late = asyncio.create_task(sleeper("due at 30", 30))
    asyncio.create_task(sleeper("due at 10", 10))
    woken = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    ready = asyncio.create_task(sleeper("ready before the block", 0))
    await asyncio.sleep(0)
    time.sleep_ms(50)
    event.set()
    new = asyncio.create_task(sleeper("created after the block", 0))
    await woken
    print("main")
    await new
asyncio.run(main())
# The same between two runs.
async def left():
    asyncio.create_task(sleeper("left behind", 20))
async def second():
    print("second run")
    await asyncio.sleep(0)
asyncio.run(left())
async def start():
    await asyncio.sleep(0)
asyncio.run(start())
time.sleep_ms(40)
asyncio.run(second())
