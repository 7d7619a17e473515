import asyncio, sys, io
sys.stderr = io.StringIO()
async def t():
    raise ValueError("t")
async def main():
    asyncio.create_task(t())
    await asyncio.sleep_ms(1)
asyncio.run(main())
lines = sys.stderr.getvalue().splitlines()
print(lines[0])
print(lines[1].startswith("future: <Task"), "coro=" in lines[1])
print(lines[2], lines[-1])
