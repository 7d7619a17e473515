import asyncio
loop = asyncio.get_event_loop()
async def t():
    for i in range(3):
        print(i)
        await asyncio.sleep_ms(1)
    loop.stop()
    print("stopping")
    await asyncio.sleep_ms(0)
    print("not printed")
loop.create_task(t())
loop.run_forever()
print("stopped")
