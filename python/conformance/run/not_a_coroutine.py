import asyncio
def f():
    pass
for x in (None, 1, f, "s", [], print):
    try:
        asyncio.run(x)
    except TypeError as e:
        print(e)
try:
    asyncio.create_task(f())
except TypeError as e:
    print(e)
