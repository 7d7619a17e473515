import asyncio
async def t():
    while True:
        print("t")
        await asyncio.sleep_ms(10)
async def main(ms):
    await asyncio.sleep_ms(ms)
asyncio.create_task(t())
asyncio.run(main(15))
asyncio.new_event_loop()
asyncio.run(main(30))
print("end")
