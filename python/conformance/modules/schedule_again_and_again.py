import asyncio, micropython, time
# A scheduled function that schedules itself until a time has come, as a driver without interrupts does: tasks that
# sleep have their turn meanwhile, and one that only it can wake is waited for.
done = asyncio.Event()
def ask(end):
    if time.ticks_diff(end, time.ticks_ms()) > 0:
        micropython.schedule(ask, end)
    else:
        print("asked long enough")
        done.set()
async def blink():
    for n in range(3):
        await asyncio.sleep_ms(100)
        print("blink", n)
async def main():
    task = asyncio.create_task(blink())
    ask(time.ticks_add(time.ticks_ms(), 550))
    await task
    print("blinked")
    await done.wait()
    print("main done")
asyncio.run(main())
