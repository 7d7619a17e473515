import asyncio
loop = asyncio.get_event_loop()
loop.stop()
async def t():
    print("t")
    await asyncio.sleep_ms(1)
    print("t again")
    loop.stop()
loop.create_task(t())
loop.run_forever()
