import asyncio
print(asyncio.get_event_loop(16, 16) is asyncio.get_event_loop(runq_len=1, waitq_len=2))
