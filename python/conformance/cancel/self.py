import asyncio
async def main():
    try:
        asyncio.current_task().cancel()
    except RuntimeError as e:
        print(e)
    await asyncio.sleep(0)
    print("end")
asyncio.run(main())
