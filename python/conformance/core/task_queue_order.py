import asyncio
async def t():
    pass
q = asyncio.TaskQueue() if hasattr(asyncio, "TaskQueue") else asyncio.core.TaskQueue()
names = {}
for name, key in (("a", 30), ("b", 10), ("c", 20), ("d", 10)):
    task = asyncio.Task(t())
    names[id(task)] = (name, task)
    q.push(task, key)
while q.peek():
    print(names[id(q.pop())][0])
