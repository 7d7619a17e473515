import asyncio
from asyncio import core
async def t(n):
    print(n)
async def main():
    a, b = core.Task(t("a")), core.Task(t("b"))
    core._task_queue.push(a, core.ticks_add(core.ticks(), 30))
    core._task_queue.push(b, core.ticks_add(core.ticks(), 10))
    await asyncio.sleep_ms(50)
asyncio.run(main())
