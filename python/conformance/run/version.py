import asyncio
print(asyncio.__version__)
