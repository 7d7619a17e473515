import asyncio
from asyncio import core
for n in ("cur_task", "ticks", "ticks_add", "ticks_diff", "_task_queue", "_io_queue", "_exc_context", "sleep_ms", "Task"):
    print(n, hasattr(core, n))
print(core._exc_context["message"])
async def main():
    print(core.cur_task is asyncio.current_task())
asyncio.run(main())
