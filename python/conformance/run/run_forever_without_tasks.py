import asyncio
loop = asyncio.get_event_loop()
async def t():
    print("t")
loop.create_task(t())
loop.run_forever()
print("end")
