import asyncio
async def main():
    try:
        await asyncio.current_task()
    except RuntimeError:
        print("refused")
asyncio.run(main())
